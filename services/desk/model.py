"""A case as people see it: what the projection makes of its events, and what a queue row says.

Everything here is a plain value that can be sent as JSON; `CaseView` is what the HTTP door and
`DeskClient.show` hand out.
"""

from typing import Literal

from shared.contracts.caserule import Standing
from shared.contracts.contract import Channel, Contract, Instant, WrittenForm
from shared.contracts.notifications import Audience, NoticeKind
from shared.contracts.promises import PromiseKind
from shared.contracts.recoveries import Approval, GestureKind, RecoveryEvent
from shared.contracts.registered import (
    ChoiceMade,
    ComplaintRegistered,
    ComplaintReplied,
    Personal,
)
from shared.contracts.submitted import Attachment
from shared.contracts.triaged import ComplaintTriaged, Severity


class ComplaintView(Contract):
    """One complaint of the case: as registered, and as triaged (None: not come yet)."""

    complaint_id: str
    registered: ComplaintRegistered | None = None
    triaged: ComplaintTriaged | None = None

    @property
    def personal(self) -> Personal | None:
        """Who wrote what; None when it is sealed or has not come yet."""
        found = self.registered.personal if self.registered else None
        return found if isinstance(found, Personal) else None


class Correction(Contract):
    """A handler's word against the machine's, shown as hers."""

    field: str
    value: str
    by: str
    reason: str
    at: Instant


class RecoveryView(Contract):
    """A recovery as its latest version says. `state`: proposed, approved, settled, failed …"""

    recovery_id: str
    state: str
    now: RecoveryEvent


class WaitingApproval(Contract):
    """A recovery that lacks a signature, and who is asked for it now."""

    recovery_id: str
    complaint_id: str
    case_id: str
    version: int
    approval: Approval
    total_minor: dict[str, int]
    gestures: tuple[GestureKind, ...]
    reasons: tuple[str, ...]
    asked: tuple[str, ...] = ()
    proposed_at: Instant


class ApprovalView(Contract):
    """Someone's words on a recovery, and why they had no effect (empty: they had, or may yet)."""

    recovery_id: str
    given: bool
    by: str
    role: str
    reason: str
    at: Instant
    simulated: bool
    refused: str = ""


class TaskView(Contract):
    """Something to be done in the world. `done_by` None: still open."""

    task_id: str
    complaint_id: str
    what: GestureKind
    owner_role: str
    due_at: Instant
    done_by: str | None = None


class PromiseView(Contract):
    """A promise as it stands: made, at_risk, broken or kept."""

    promise_id: str
    kind: PromiseKind
    due_at: Instant
    owner: str
    state: str


class MessageView(Contract):
    """A message to or from the complainant, or to staff. `state`: requested, sent, failed …"""

    at: Instant
    who: Literal["complainant", "machine", "person"]
    kind: NoticeKind | Literal["reply", "asked", "answered", "decided"]
    audience: Audience
    channel: Channel | None = None
    written_form: WrittenForm | None = None
    subject: str = ""
    body: str
    state: str = "sent"
    by: str = ""
    # Of the event that carried the words.
    event_id: str = ""
    attachments: tuple[Attachment, ...] = ()


class TimelineLine(Contract):
    """One event of the case. `effect` False: a command that had none, and `said` tells why."""

    at: Instant
    event_id: str
    type: str
    by: str
    said: str
    effect: bool = True
    # Of the policy under which a machine said it; empty for people.
    policy_digest: str = ""


class CaseView(Contract):
    """The whole case. `needs` are codes of what a person must do; `version` is what commands see.

    `about`: people the case complains of; they never own it, sign it or read it first. `urgent`:
    danger or a threat, and a person owes the next word.
    """

    case_id: str
    key: str
    version: int
    state: Standing
    owner: str | None
    severity: Severity
    urgent: bool = False
    needs_person: bool
    needs: tuple[str, ...]
    due_at: Instant | None
    updated: Instant
    about: tuple[str, ...]
    linked: tuple[str, ...]
    complaints: tuple[ComplaintView, ...]
    replies: tuple[ComplaintReplied, ...]
    choices: tuple[ChoiceMade, ...]
    corrections: tuple[Correction, ...]
    recoveries: tuple[RecoveryView, ...]
    waiting_approvals: tuple[WaitingApproval, ...]
    approvals: tuple[ApprovalView, ...]
    tasks: tuple[TaskView, ...]
    promises: tuple[PromiseView, ...]
    messages: tuple[MessageView, ...]
    timeline: tuple[TimelineLine, ...]

    @property
    def category(self) -> str:
        """What it is about, as a handler corrected it or the machine read it."""
        words = [c.value for c in self.corrections if c.field == "category"]
        read = [c.triaged.category for c in self.complaints if c.triaged]
        return (words[-1:] or read[:1] or [""])[0]


class QueueRow(Contract):
    """One line of a queue."""

    case_id: str
    state: Standing
    severity: Severity
    urgent: bool = False
    needs_person: bool
    due_at: Instant | None
    owner: str | None
    version: int
    why: tuple[str, ...]
    category: str
    about: tuple[str, ...] = ()
    updated: Instant
