"""What recovery thinks with: the matter as read, a remedy as planned, and how a recovery stands.

A `Matter` leaves out how a thing is said (arousal, mood, sentiment, abuse below a threat), so
that tone cannot change value: what is not here cannot be read.
"""

from datetime import datetime
from functools import lru_cache
from typing import Literal

import orjson
from pydantic import BaseModel, ConfigDict, JsonValue

from shared.contracts.contract import Role, Segment
from shared.contracts.identity import derived
from shared.contracts.money import Money
from shared.contracts.recoveries import (
    Approval,
    Basis,
    Gesture,
    GestureKind,
    Outcome,
    Result,
)
from shared.contracts.registered import OrderState
from shared.contracts.submitted import Order
from shared.contracts.triaged import (
    ComplaintTriaged,
    Kind,
    Necessity,
    Phase,
    Severity,
)
from shared.contracts.triaged import (
    Remedy as RemedySought,
)

Status = Literal[
    "waiting",  # for the registered event, to see whether the complainant is the buyer
    "looking",  # for the order in the shop's own books
    "with_person",
    "offered",
    "proposed",
    "approved",
    "settled",
    "failed",
    "over",  # rejected, withdrawn or expired
]
MONEY_KINDS: frozenset[GestureKind] = frozenset({"refund", "price_reduction", "compensation"})
ALONG_PAYMENT: frozenset[GestureKind] = frozenset({"refund", "price_reduction"})
GRANTS: frozenset[GestureKind] = frozenset(
    {"voucher", "service_credit", "extra_time", "premium_access", "free_refill"}
)
TASKS: frozenset[GestureKind] = frozenset(
    {"replacement", "redelivery", "repair", "visit", "call_back", "loan_item"}
)
WORDS: frozenset[GestureKind] = frozenset({"apology", "explanation", "advice"})
# Those of the complainants who are being decided on; a few kilobytes each.
STANDINGS_KEPT_MAX = 512


class Kept(BaseModel):
    """A frozen value that is remembered as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def dumped(self) -> dict[str, JsonValue]:
        """As JSON values, defaults left out."""
        dumped: dict[str, JsonValue] = self.model_dump(mode="json", exclude_defaults=True)
        return dumped


def buyer_token(key: str, who: str) -> str:
    """Stands for a name or address of one complainant (`key`), so that none is remembered."""
    return derived("buyer", key, " ".join(who.split()).casefold())


class Matter(Kept):
    """What a decision on value may read of a complaint. `order.buyer` is a token."""

    complaint_id: str
    case_id: str
    received_at: datetime
    source: str = ""
    automatic: bool = False
    kind: Kind = "complaint"
    severity: Severity = "low"
    role: Role = "unknown"
    segment: Segment = "consumer"
    necessity: Necessity = "nice_to_have"
    phase: Phase = "after"
    vulnerable: bool = False
    category: str = "other"
    remedy_sought: RemedySought = "unknown"
    amount_claimed: Money | None = None
    safety: bool = False
    legal: bool = False
    privacy: bool = False
    press: bool = False
    threat: bool = False
    needs_person: bool = False
    confidence: float = 1.0
    contact: int = 1
    regretted: bool = False
    on_behalf: bool = False
    order: Order | None = None
    order_state: OrderState = "none"
    # Looked up, and nobody knew the order.
    unconfirmed: bool = False
    # Looked up, and recorded otherwise than it was told.
    recorded: Order | None = None

    @classmethod
    def of(cls, triaged: ComplaintTriaged, key: str) -> "Matter":
        """The matter of a triaged complaint of the complainant with this record key."""
        same = {name: getattr(triaged, name) for name in cls.model_fields if hasattr(triaged, name)}
        own = {"order": masked(triaged.order, key), "threat": triaged.abuse == "threat"}
        return cls.model_validate(same | own)


def masked(order: Order | None, key: str) -> Order | None:
    """The order with a token in the buyer's place."""
    if order is None or order.buyer is None:
        return order
    return order.model_copy(update={"buyer": buyer_token(key, order.buyer)})


class Remedy(Kept):
    """One gesture as planned, before anyone has signed."""

    kind: GestureKind
    basis: Basis
    amount_minor: int = 0
    currency: str | None = None
    payment_reference: str | None = None
    owner: str = ""


class Paid(Kept):
    """A payment of the order, and how much of it may still go back."""

    reference: str
    limit_minor: int
    currency: str


class Held(Kept):
    """A gesture of a recovery: what the event says of it, and what only we need."""

    gesture: Gesture
    basis: Basis
    owner: str = ""
    reserved_minor: int = 0
    # A settled event has told of it.
    settled: bool = False
    # Who decided on it and signed it herself: her limit counts it.
    signed_by: str = ""
    given_at: datetime | None = None


class Standing(Kept):
    """How one recovery stands; the newest of its complaint is the truth."""

    complaint_id: str
    case_id: str
    status: Status
    version: int = 0
    outcome: Outcome = "with_person"
    basis: Basis | None = None
    result: Result = Result(category="undecided", relief="none")
    approval: Approval = "person"
    held: tuple[Held, ...] = ()
    payments: tuple[Paid, ...] = ()
    # We wrote it ourselves (the mystery shopper): nothing is ever given.
    synthetic: bool = False
    # Whether the payments are recorded ones; else they are what the complainant claims.
    order_confirmed: bool = False
    order_id: str | None = None
    # What the proposal costs by currency, goods sent again included.
    costs_minor: dict[str, int] = {}
    severity: Severity = "medium"
    decided_by: str = ""
    approved_by: str | None = None
    requester: str | None = None
    reasons: tuple[str, ...] = ()
    # How often nobody has signed in time since this was decided, and who is asked now.
    silences: int = 0
    asked: tuple[str, ...] = ()
    # The version that was proposed before silence made it be proposed again.
    asked_again_from: int = 0
    decided_version: int = 1
    matter: Matter | None = None
    # A person's word that waits until the payments have been looked at.
    word: dict[str, JsonValue] | None = None

    # Who refused to sign: a second no in the same case is another person's.
    declined_by: tuple[str, ...] = ()
    # Gestures whose date has passed without them.
    late: tuple[str, ...] = ()

    def broken(self, gesture_id: str) -> bool:
        """Whether this gesture's promise was already reported as broken."""
        return gesture_id in self.late

    @property
    def needs_signature(self) -> bool:
        """Whether all that it lacks is a signature, of somebody with a role or a limit."""
        if self.status == "with_person":
            return self.approval in {"team_lead", "manager"} and bool(self.held)
        return self.status == "proposed"

    @property
    def recovery_id(self) -> str:
        """Derived from the complaint: one recovery a complaint."""
        return derived("recovery", self.complaint_id)


def standing_from(data: JsonValue) -> Standing:
    """Read a remembered standing, also one from when only the first silence was told."""
    if isinstance(data, dict) and "silent" in data:
        kept = {name: value for name, value in data.items() if name != "silent"}
        data = {**kept, "silences": int(bool(data["silent"]))}
    return _standing(orjson.dumps(data))


@lru_cache(maxsize=STANDINGS_KEPT_MAX)
def _standing(told: bytes) -> Standing:
    """One decision asks for the same ones several times, and so does the next of a complainant."""
    return Standing.model_validate_json(told)
