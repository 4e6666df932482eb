"""What is never given, as `forbidden` in `recovery.yaml` has it: to whom, and whom that binds.

A row about the matter (danger, a business outage) leaves the gesture out of what a machine plans.
A row about facts (nothing was paid, more than was paid, mended too often) sends a machine's plan to
a person, and is answered with its code where a person may not do it either.
"""

from collections.abc import Iterable, Iterator, Mapping

from services.recovery.model import Matter, Remedy, Standing
from services.recovery.policy import Fact, Policy
from services.recovery.rights import applies
from shared.contracts.recoveries import Gesture, GestureKind

Facts = Mapping[Fact, bool]


def allowed(kind: GestureKind, matter: Matter, *, policy: Policy) -> bool:
    """Whether a machine may plan this gesture for such a matter."""
    return not any(
        row.fact is None
        and kind in row.gives
        and row.safety in {None, matter.safety}
        and applies(row.when, matter)
        for row in policy.recovery.forbidden
    )


def broken(
    remedies: Iterable[Remedy | Gesture], facts: Facts, *, policy: Policy, by_person: bool
) -> Iterator[str]:
    """The codes of the rows that giving this would break, in the order of the file."""
    kinds = {remedy.kind for remedy in remedies}
    for row in policy.recovery.forbidden:
        binds = row.binds == "everyone" or not by_person
        if binds and row.fact is not None and facts.get(row.fact) and kinds & row.gives:
            yield row.code


def repaired_often(order_id: str | None, known: Iterable[Standing], *, policy: Policy) -> bool:
    """Whether the things of this order were mended as often as they may be."""
    repairs = sum(
        held.gesture.kind == "repair" and held.given_at is not None
        for standing in known
        if order_id is not None and standing.order_id == order_id
        for held in standing.held
    )
    return repairs >= policy.recovery.repairs_max
