"""What a channel hands us: `complaints.submitted`.

Only `channel`, `channel_message_id`, `text` and one way to reach or identify the complainant are
required. What a channel says of an order is a claim until something recorded confirms it.
"""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from shared.contracts.contract import (
    Channel,
    Contract,
    Count,
    FilledLine,
    FilledText,
    Instant,
    Line,
    Role,
    WrittenForm,
)
from shared.contracts.money import Currency, Minor

ATTACHMENTS_MAX = 50
PAYMENTS_MAX = 100
HEADERS_MAX = 200

# One address and nothing else: no comma list, no CR or LF, no display name.
Address = Annotated[
    str,
    StringConstraints(
        max_length=254, pattern=r"^[^\s@,;<>\x00]+@[^\s@,;<>\x00]+\.[^\s@,;<>\x00]+$"
    ),
]
Phone = Annotated[str, StringConstraints(max_length=32, pattern=r"^\+?[0-9][0-9 ()./-]{2,30}$")]

OrderKind = Literal["goods", "service", "digital", "subscription", "travel", "finance"]


class Organisation(Contract):
    """The firm someone writes for; `employees` decides between small business and business."""

    name: Line | None = None
    employees: Count | None = None


class Complainant(Contract):
    """Who complains, as far as the channel knows."""

    id: FilledLine | None = None
    name: Line | None = None
    email: Address | None = None
    phone: Phone | None = None
    organisation: Organisation | None = None
    declared_role: Role | None = None
    language: WrittenForm | None = None


class Payment(Contract):
    """One payment of an order; `reference` is what a refund goes back along."""

    reference: FilledLine
    amount_minor: Minor
    currency: Currency
    paid_at: Instant | None = None
    method: Line | None = None


class Order(Contract):
    """What the complaint is about, as bought. The short form reads as one payment."""

    id: FilledLine | None = None
    sold: Literal["distance", "shop", "door"] | None = None
    kind: OrderKind | None = None
    purchased_at: Instant | None = None
    delivered_at: Instant | None = None
    payments: Annotated[tuple[Payment, ...], Field(max_length=PAYMENTS_MAX)] = ()
    refunded_minor: Minor = 0
    buyer: FilledLine | None = None
    amount_minor: Minor | None = None
    paid_minor: Minor | None = None
    currency: Currency | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        sums = self.amount_minor is not None or self.paid_minor is not None
        if sums and self.currency is None:
            raise PydanticCustomError("currency_missing", "a sum needs its currency")
        return self

    def paid(self) -> tuple[Payment, ...]:
        """The payments; the short form's sum as one payment named by the order."""
        if self.payments or self.currency is None:
            return self.payments
        sum_minor = self.paid_minor if self.paid_minor is not None else self.amount_minor
        if sum_minor is None:
            return ()
        reference = self.id or "order"
        when = self.purchased_at
        return (
            Payment(
                reference=reference, amount_minor=sum_minor, currency=self.currency, paid_at=when
            ),
        )


# Whose complaints we write ourselves: counted apart, and nothing is ever given for them.
# Proved by an API key, as every source is.
SYNTHETIC_SOURCE = "mystery-shopper"
# The header by which our own door shows that it passed a message on (services/intake/proof.py).
DOOR_PROOF = "kulanse_proof"


# Why a file was not kept; the message itself goes on.
Refusal = Literal["too_large", "too_many", "kind_not_allowed", "kind_mismatch", "unreadable"]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Attachment(Contract):
    """A file kept aside: only its reference travels.

    `media_type` of a file that we keep is what its bytes are, whatever its sender called it.
    """

    name: Line
    media_type: Line | None = None
    size_bytes: Count | None = None
    reference: Line | None = None
    sha256: Sha256 | None = None
    refused: Refusal | None = None


class ComplaintSubmitted(Contract):
    """One message from one complainant on one channel."""

    TYPE: ClassVar[str] = "kulanse.complaint.submitted.v1"

    channel: Channel
    channel_message_id: FilledLine
    received_at: Instant | None = None
    complainant: Complainant = Complainant()
    on_behalf_of: Line | None = None
    subject: Line | None = None
    text: FilledText
    order: Order | None = None
    reply_to: Line | None = None
    in_reply_to: Line | None = None
    headers: Annotated[dict[str, Line], Field(max_length=HEADERS_MAX)] = {}
    attachments: Annotated[tuple[Attachment, ...], Field(max_length=ATTACHMENTS_MAX)] = ()
    # History (`kulanse backfill`): kept and read, and nobody is told, owed or paid anything.
    past: bool = False

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        who = self.complainant
        if not (who.id or who.email or who.phone or who.name or self.reply_to):
            raise PydanticCustomError(
                "unreachable",
                "give one way to reach or identify the complainant: "
                "complainant.id, .email, .phone or .name, or reply_to",
            )
        return self
