"""When a machine must not decide: a code for each reason. Empty: it may."""

from collections.abc import Iterator, Sequence

from services.recovery.model import Matter, Remedy
from services.recovery.policy import Policy


def of_the_matter(matter: Matter, policy: Policy) -> Iterator[str]:
    """Why a person has it, whatever the remedy. No reason lies in how it is said but a threat."""
    yield from (
        code
        for code, holds in (
            ("needs_person", matter.needs_person),
            ("safety", matter.safety),
            ("legal", matter.legal),
            ("privacy", matter.privacy),
            ("press", matter.press),
            ("threat", matter.threat),
            ("vulnerable", matter.vulnerable),
            ("on_behalf", matter.on_behalf),
            ("critical", matter.severity == "critical"),
            ("automatic_paused", policy.automatic_paused),
            ("low_confidence", matter.confidence < policy.recovery.confidence_min),
        )
        if holds
    )


def of_the_order(matter: Matter, remedies: Sequence[Remedy], *, policy: Policy) -> Iterator[str]:
    """Why what leaves on an order cannot leave on this one. A claim is looked up, not doubted."""
    if not moves(remedies, policy):
        return
    if matter.unconfirmed:
        yield "order_unconfirmed"
    elif matter.order is None or matter.order_state == "none":
        yield "order_missing"
    elif matter.order_state == "contradicted":
        yield "order_contradicted"


def moves(remedies: Sequence[Remedy], policy: Policy) -> bool:
    """Whether anything here leaves on confirmed orders alone."""
    return any(remedy.kind in policy.recovery.needs_order for remedy in remedies)
