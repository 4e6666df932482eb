"""What a channel hears back: `complaints.receipts`, keyed by source, never with the bytes."""

from typing import ClassVar, Literal

from shared.contracts.contract import Contract, Line

Note = Literal["duplicate", "id_reused", "automatic", "reply"]


class Problem(Contract):
    """One reason a message was not taken: where, what, and what to do."""

    code: str
    field: str
    hint: str


class ComplaintAccepted(Contract):
    """Taken in: their id and ours. `noted` says what was unusual, and still taken."""

    TYPE: ClassVar[str] = "kulanse.complaint.accepted.v1"

    source: Line
    channel_message_id: Line
    complaint_id: str
    noted: tuple[Note, ...] = ()


class ComplaintRejected(Contract):
    """Not taken: every reason at once."""

    TYPE: ClassVar[str] = "kulanse.complaint.rejected.v1"

    source: Line
    channel_message_id: Line | None = None
    problems: tuple[Problem, ...]
    topic: str
    partition: int
    offset: int
