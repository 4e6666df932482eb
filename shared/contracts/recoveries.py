"""The whole life of a recovery: `recoveries`, ids only, one gapless version after the other.

A consumer applies version last + 1, ignores what is at or below last, alarms on a gap, and keeps
no ids. Finance books on `recovery.settled` and `recovery.reversed`, nothing else.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.contract import Contract, Count, Instant, Line
from shared.contracts.money import Currency, Minor

# How every name of the demo's own staff begins, and every reference that they give.
SIMULATED = "simulated-"
Basis = Literal["statutory", "contractual", "ex_gratia"]
Outcome = Literal["granted", "offered", "asked", "with_person", "no_action"]
Approval = Literal["automatic", "team_lead", "manager", "person"]
GestureKind = Literal[
    "refund",
    "price_reduction",
    "replacement",
    "redelivery",
    "repair",
    "service_credit",
    "voucher",
    "free_refill",
    "extra_time",
    "premium_access",
    "loan_item",
    "visit",
    "call_back",
    "advice",
    "explanation",
    "apology",
    "compensation",
]
GestureState = Literal["proposed", "pending", "posted", "failed", "unknown", "manual", "voided"]


class Result(Contract):
    """How a complaint ended: how far upheld, and what kind of relief."""

    category: Literal["upheld", "partly_upheld", "not_upheld", "undecided"]
    relief: Literal["monetary", "non_monetary", "explanation", "none"]


class Gesture(Contract):
    """One remedy. Money is minor units; a task has an owner's role and a due time instead.

    `simulated`: only the demo's finance clerk said what became of it; no money moved.
    """

    gesture_id: str
    kind: GestureKind
    amount_minor: Minor = 0
    currency: Currency | None = None
    state: GestureState
    order_id: Line | None = None
    payment_reference: Line | None = None
    provider: Line | None = None
    provider_reference: Line | None = None
    simulated: Literal[True] | None = None
    vat_relevant: bool = False
    account: Line | None = None
    due_at: Instant | None = None


class RecoveryEvent(Contract):
    """What every event of a recovery says. `decided_by`: "rule:NAME" or "person:PSEUDONYM".

    `asked`: the pseudonyms of those who are asked to sign now, on `recovery.proposed` alone.
    """

    recovery_id: str
    complaint_id: str
    case_id: str
    version: Annotated[int, Field(ge=1)]
    outcome: Outcome
    basis: Basis | None = None
    result: Result
    gestures: tuple[Gesture, ...] = ()
    total_minor: dict[str, Count] = {}
    approval: Approval
    decided_by: Line
    approved_by: Line | None = None
    asked: tuple[Line, ...] = ()
    supersedes: str | None = None
    reasons: tuple[str, ...] = ()
    effective_at: Instant


class RecoveryProposed(RecoveryEvent):
    """What was decided, before anyone who must sign has signed."""

    TYPE: ClassVar[str] = "kulanse.recovery.proposed.v1"


class RecoveryApproved(RecoveryEvent):
    """Signed, by a rule within its limit or by a person; settling begins."""

    TYPE: ClassVar[str] = "kulanse.recovery.approved.v1"


class RecoveryRejected(RecoveryEvent):
    """A person declined it, with reasons (of hers; they lie with the case)."""

    TYPE: ClassVar[str] = "kulanse.recovery.rejected.v1"


class RecoverySettled(RecoveryEvent):
    """Done: the money moved, the gesture was made. Finance books on this."""

    TYPE: ClassVar[str] = "kulanse.recovery.settled.v1"


class RecoveryFailed(RecoveryEvent):
    """A gesture could not be made; a person has it."""

    TYPE: ClassVar[str] = "kulanse.recovery.failed.v1"


class RecoveryReversed(RecoveryEvent):
    """What had been done came back (a refund that failed after it had succeeded)."""

    TYPE: ClassVar[str] = "kulanse.recovery.reversed.v1"


class RecoveryExpired(RecoveryEvent):
    """An offer nobody answered in time; never an approval."""

    TYPE: ClassVar[str] = "kulanse.recovery.expired.v1"


class RecoveryAdjusted(RecoveryEvent):
    """A person decided something else; the earlier proposal is superseded."""

    TYPE: ClassVar[str] = "kulanse.recovery.adjusted.v1"


class RecoveryApprovalRefused(Contract):
    """The answer to an approval that is late, repeated or over its giver's limit.

    It has no version: nothing about the recovery changed.
    """

    TYPE: ClassVar[str] = "kulanse.recovery.approval_refused.v1"

    recovery_id: str
    complaint_id: str
    case_id: str
    code: Line
    actor: Line
