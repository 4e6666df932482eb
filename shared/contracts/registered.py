"""What intake makes of a message: `complaints.registered`.

Whatever tells who someone is lies in `personal`, which may be sealed.
"""

from typing import ClassVar, Literal

from shared.contracts.contract import (
    Channel,
    Contract,
    Instant,
    Line,
    Role,
    Sealed,
    Segment,
    Text,
    WrittenForm,
)
from shared.contracts.submitted import Attachment, Order

OrderState = Literal["none", "claimed", "confirmed", "contradicted"]
Choice = Literal["yes", "no", "another", "never_mind"]


class Personal(Contract):
    """The personal fields of a complaint. `reply_to` is where an answer goes on its channel."""

    complainant_id: Line | None = None
    name: Line | None = None
    email: Line | None = None
    phone: Line | None = None
    organisation: Line | None = None
    on_behalf_of: Line | None = None
    reply_to: Line | None = None
    subject: Line | None = None
    text: Text
    attachments: tuple[Attachment, ...] = ()


class ComplaintRegistered(Contract):
    """A complaint that is ours now: kept, known by an id, and answered."""

    TYPE: ClassVar[str] = "kulanse.complaint.registered.v1"

    complaint_id: str
    source: Line
    channel: Channel
    channel_message_id: Line
    received_at: Instant
    declared_role: Role | None = None
    declared_form: WrittenForm | None = None
    segment: Segment = "consumer"
    on_behalf: bool = False
    order: Order | None = None
    order_state: OrderState = "none"
    # A robot wrote it (RFC 3834): kept, never answered.
    automatic: bool = False
    # The channel's id came before with other words: two complaints, and the channel was told.
    id_reused: bool = False
    message_id: Line | None = None
    personal: Personal | Sealed


class ComplaintReplied(Contract):
    """More on a matter we have: it belongs to that case and resumes its clock.

    `answers`: the id of our message that it answers, where its mail says so. `choice`: what it says
    when that is a clear and short yes, no, another or never mind, and nothing else.
    """

    TYPE: ClassVar[str] = "kulanse.complaint.replied.v1"

    complaint_id: str
    case_id: str
    channel: Channel
    received_at: Instant
    answers: Line | None = None
    choice: Choice | None = None
    personal: Personal | Sealed


class ChoiceMade(Contract):
    """An option picked by link or reply. `version` of the offer that they saw; None: not known."""

    TYPE: ClassVar[str] = "kulanse.choice.made.v1"

    complaint_id: str
    case_id: str
    recovery_id: str
    version: int | None = None
    choice: Choice
