"""The four stages as `explain` needs them: cores and policies, no adapters."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Protocol, TypeVar

from services.cli.policies import intake_policy, notify_policy, recovery_policy, triage_policy
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.topics import (
    APPROVALS,
    CASES,
    NOTIFY_INBOX,
    PROMISES,
    RECOVERIES,
    RECOVERY_INBOX,
    REGISTERED,
    SUBMITTED,
    TRIAGED,
)
from shared.stage.decision import Decision, Memory, Rejected
from shared.stage.fold import Emitted, Fold
from shared.stage.stage import Stage

P = TypeVar("P")


class Folding(Protocol):
    """A stage's fold, whatever its policy is."""

    memories: dict[str, list[Memory]]
    reserved: dict[str, int]

    def decide(self, event: Event[Contract]) -> tuple[Decision | Rejected, Emitted]:
        """The core's answer to one event."""

    def remember(self, event: Event[Contract], decision: Decision) -> None:
        """Fold a decision into what the next event will see."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stage of the chain: what it reads, where its timers come back, and a new fold of it."""

    name: str
    reads: frozenset[str]
    inbox: str
    fold: Callable[[], Folding]


@cache
def parts() -> tuple[Part, ...]:
    """Intake, triage, recovery, notify; raises `Refused` when a policy does not load."""
    return (_intake(), _triage(), _recovery(), _notify())


def _intake() -> Part:
    from services.intake import core

    policy, digest = intake_policy()
    stage = Stage(
        "intake",
        inputs=(SUBMITTED,),
        decide=core.decide,
        policy=policy,
        policy_digest=digest,
        touches=core.touches,
    )
    return part_of(stage)


def _triage() -> Part:
    from services.triage.core import decide

    policy, digest = triage_policy()
    inputs = (REGISTERED, CASES)
    return part_of(
        Stage("triage", inputs=inputs, decide=decide, policy=policy, policy_digest=digest)
    )


def _recovery() -> Part:
    from services.recovery import core

    policy, digest = recovery_policy()
    stage = Stage(
        "recovery",
        inputs=(TRIAGED, REGISTERED, APPROVALS, CASES),
        decide=core.decide,
        policy=policy,
        policy_digest=digest,
        inbox=RECOVERY_INBOX,
        touches=core.touches,
    )
    return part_of(stage)


def _notify() -> Part:
    from services.notify.core import decide

    policy, digest = notify_policy()
    stage = Stage(
        "notify",
        inputs=(REGISTERED, TRIAGED, RECOVERIES, CASES, PROMISES),
        decide=decide,
        policy=policy,
        policy_digest=digest,
        inbox=NOTIFY_INBOX,
    )
    return part_of(stage)


def part_of(stage: Stage[P]) -> Part:
    """A stage as a part of the chain."""
    inbox = stage.inbox.name if stage.inbox else ""
    reads = frozenset(topic.name for topic in stage.inputs) | {inbox}
    return Part(stage.name, reads, inbox, lambda: Fold(stage))
