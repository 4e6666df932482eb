"""What triage reads in a complaint: `complaints.triaged`.

The field names and values are a public interface (`kulanse explain`). How it is said (arousal,
mood, sentiment, abuse) never touches severity or value.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.contract import (
    Channel,
    Contract,
    Count,
    Instant,
    Line,
    Role,
    Sealed,
    Segment,
    WrittenForm,
)
from shared.contracts.money import Money
from shared.contracts.registered import OrderState
from shared.contracts.submitted import Order

Kind = Literal["complaint", "request", "question", "praise"]
Severity = Literal["critical", "high", "medium", "low"]
Arousal = Literal["calm", "upset", "furious"]
Abuse = Literal["none", "hostile", "threat"]
Mood = Literal["angry", "sad", "worried", "disappointed", "pleased", "neutral"]
Necessity = Literal["need_to_have", "nice_to_have"]
Phase = Literal["before", "during", "after"]
Remedy = Literal[
    "refund", "replacement", "repair", "fix", "apology", "explanation", "compensation", "unknown"
]

SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical")
ABUSES: tuple[Abuse, ...] = ("none", "hostile", "threat")
# The first reason of a statement made anew because a reply raised something.
REPLY_READ = "reply_read"


class Fact(Contract):
    """Something of *this* complaint that an acknowledgement can repeat, in the writer's words."""

    kind: Literal["thing", "sum", "date", "times", "reference", "deadline", "waited"]
    words: Line


class TriagePersonal(Contract):
    """The words that fired each reason, and the facts: they are the writer's own."""

    evidence: dict[str, tuple[str, ...]] = {}
    facts: tuple[Fact, ...] = ()


class ComplaintTriaged(Contract):
    """The machine's reading, with its reasons. A handler's correction beats it, as hers."""

    TYPE: ClassVar[str] = "kulanse.complaint.triaged.v1"

    complaint_id: str
    case_id: str
    source: Line
    channel: Channel
    received_at: Instant
    automatic: bool = False
    kind: Kind
    written_form: WrittenForm
    severity: Severity
    arousal: Arousal
    # The same without steps; triage that is older does not tell.
    heat: Annotated[float, Field(ge=0, le=1)] | None = None
    sentiment: Annotated[float, Field(ge=-1, le=1)]
    abuse: Abuse
    role: Role
    segment: Segment
    necessity: Necessity
    # There are other ways to get by meanwhile.
    alternatives: bool = True
    phase: Phase
    mood: Mood
    vulnerable: bool
    category: Line
    matters: tuple[Line, ...]
    # What the first of them came of, as far as the words tell: "delay", "fault", "fire".
    root_cause: Line | None = None
    remedy_sought: Remedy
    amount_claimed: Money | None = None
    safety: bool
    legal: bool
    privacy: bool = False
    press: bool = False
    needs_person: bool
    confidence: Annotated[float, Field(ge=0, le=1)]
    # 1 for the first contact on a matter.
    contact: Count = 1
    passed_around: bool = False
    regretted: bool = False
    on_behalf: bool = False
    order: Order | None = None
    order_state: OrderState = "none"
    reasons: tuple[str, ...]
    personal: TriagePersonal | Sealed


def is_raised(statement: ComplaintTriaged) -> bool:
    """Whether it was stated anew because a reply raised something."""
    return REPLY_READ in statement.reasons
