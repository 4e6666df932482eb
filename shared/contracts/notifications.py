"""What was said to whom: `notifications`. Words and addresses lie in `personal`."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.contract import Channel, Contract, Instant, Line, Sealed, Text, WrittenForm
from shared.contracts.identity import derived

NoticeKind = Literal["acknowledgement", "question", "decision", "staff", "answer", "status"]
Audience = Literal["complainant", "supervisor", "safety", "approver", "account_contact"]


def notice_id_of(complaint_id: str, name: str, *again: int) -> str:
    """The id of a notice; `again` counts how often it came back and left anew."""
    return derived("notice", complaint_id, name, *again)


def offer_name(recovery_id: object, version: object) -> str:
    """The name of the notice that tells an offer: whose reply is a choice of that version."""
    return f"offered:{recovery_id}:{version}"


class NoticePersonal(Contract):
    """The message itself and where it goes."""

    to: Line | None = None
    subject: Line
    body: Text


class Notice(Contract):
    """One message. `counts_as` is all it stands for: an outcome may be its acknowledgement."""

    notice_id: str
    complaint_id: str
    case_id: str
    kind: NoticeKind
    counts_as: tuple[NoticeKind, ...]
    audience: Audience
    channel: Channel
    written_form: WrittenForm
    template: Line
    version: int = 1
    recovery_id: str | None = None
    # Which colleagues it is for, where it is for some of a role (`audience`) and not for all.
    people: tuple[Line, ...] = ()
    # Which promise it tells of, and at which share of its time: the next share is another message.
    promise_id: str | None = None
    percent: Annotated[int, Field(ge=1, le=100)] | None = None


class NotificationRequested(Notice):
    """Decided; it leaves when the batch is recorded."""

    TYPE: ClassVar[str] = "kulanse.notification.requested.v1"

    personal: NoticePersonal | Sealed


class NotificationSent(Notice):
    """Handed over to the way out."""

    TYPE: ClassVar[str] = "kulanse.notification.sent.v1"

    way: Line
    at: Instant


class NotificationSuppressed(Contract):
    """Not sent, on purpose, and why."""

    TYPE: ClassVar[str] = "kulanse.notification.suppressed.v1"

    complaint_id: str
    kind: NoticeKind
    audience: Audience
    code: Line


class NotificationFailed(Notice):
    """The way out refused it (`failed`), or we cannot know (`unknown`): never sent again alone."""

    TYPE: ClassVar[str] = "kulanse.notification.failed.v1"

    state: Literal["failed", "unknown"]
    code: Line
    at: Instant
