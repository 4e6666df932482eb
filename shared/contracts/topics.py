"""The one place with topic names, keys, retention and who may write what.

A topic is a reviewed record. Partition counts of all topics keyed by complainant are equal, so
that one person's events stay in order and on one worker.
"""

from dataclasses import dataclass
from typing import Literal

from shared.contracts import approvals as ap
from shared.contracts import cases as ca
from shared.contracts import controls as co
from shared.contracts import feedback as fe
from shared.contracts import inbox as ib
from shared.contracts import measures as me
from shared.contracts import notifications as no
from shared.contracts import orders as od
from shared.contracts import promises as pr
from shared.contracts import receipts as rc
from shared.contracts import recoveries as re
from shared.contracts import registered as rg
from shared.contracts.contract import Contract
from shared.contracts.submitted import ComplaintSubmitted
from shared.contracts.triaged import ComplaintTriaged

Key = Literal["complainant", "source", "order", "switch", "measure", "any"]
PARTITIONS_DEFAULT = 12  # the ceiling of parallelism per stage; cheap on one small broker
RECORD_BYTES_MAX = 1 << 20  # every topic but dead letters
DEAD_LETTER_BYTES_MAX = 2 << 20  # the original bytes of a record at its limit, and the headers
FOREVER = -1
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Topic:
    """Name, the event types on it, what its key is, and how long it is kept (-1: for ever)."""

    name: str
    types: tuple[type[Contract], ...]
    key: Key = "complainant"
    retention_ms: int = 30 * DAY_MS
    compacted: bool = False
    partitions: int | None = None
    record_bytes_max: int = RECORD_BYTES_MAX
    # Written by others than our services: anything may lie there.
    foreign: bool = False


SUBMITTED = Topic("complaints.submitted", (ComplaintSubmitted,), key="any", foreign=True)
RECEIPTS = Topic("complaints.receipts", (rc.ComplaintAccepted, rc.ComplaintRejected), key="source")
REGISTERED = Topic(
    "complaints.registered", (rg.ComplaintRegistered, rg.ComplaintReplied, rg.ChoiceMade)
)
TRIAGED = Topic("complaints.triaged", (ComplaintTriaged,))
RECOVERIES = Topic(
    "recoveries",
    (
        re.RecoveryProposed,
        re.RecoveryApproved,
        re.RecoveryRejected,
        re.RecoverySettled,
        re.RecoveryFailed,
        re.RecoveryReversed,
        re.RecoveryExpired,
        re.RecoveryAdjusted,
        re.RecoveryApprovalRefused,
    ),
    retention_ms=FOREVER,
)
APPROVALS = Topic("approvals", (ap.ApprovalGiven, ap.ApprovalDeclined))
CONTROLS = Topic(
    "controls", (co.SwitchSet, co.KeyForgotten), key="switch", compacted=True, partitions=1
)
ORDERS_FACTS = Topic("orders.facts", (od.OrderFact,), key="order", compacted=True, foreign=True)
RECOVERY_INBOX = Topic("recovery.inbox", (ib.EffectOutcome, ib.TimerDue, ib.ProviderEvent))
NOTIFY_INBOX = Topic("notify.inbox", (ib.EffectOutcome, ib.TimerDue))
CASES = Topic(
    "cases",
    (
        ca.CaseOpened,
        ca.CaseAssigned,
        ca.CaseHandedOver,
        ca.CaseLinked,
        ca.CaseUnlinked,
        ca.CaseOverridden,
        ca.CaseAsked,
        ca.CaseAnswered,
        ca.CaseDecided,
        ca.CaseClosed,
        ca.CaseReopened,
        ca.CaseWithdrawn,
        ca.TaskCreated,
        ca.TaskDone,
        ca.CaseRefused,
    ),
)
NOTIFICATIONS = Topic(
    "notifications",
    (
        no.NotificationRequested,
        no.NotificationSent,
        no.NotificationSuppressed,
        no.NotificationFailed,
    ),
)
PROMISES = Topic("promises", (pr.PromiseMade, pr.PromiseAtRisk, pr.PromiseBroken, pr.PromiseKept))
FEEDBACK = Topic("feedback", (fe.FeedbackGiven, fe.SurveysDeclined))
MEASURES = Topic("measures", (me.MeasureRecorded,), key="measure", compacted=True)
# Its records are the original bytes, not events; reason and provenance are headers.
DEAD_LETTERS = Topic(
    "dead-letters",
    (),
    key="any",
    retention_ms=90 * DAY_MS,
    record_bytes_max=DEAD_LETTER_BYTES_MAX,
)

TOPICS: tuple[Topic, ...] = (
    SUBMITTED,
    RECEIPTS,
    REGISTERED,
    TRIAGED,
    RECOVERIES,
    APPROVALS,
    CONTROLS,
    ORDERS_FACTS,
    RECOVERY_INBOX,
    NOTIFY_INBOX,
    CASES,
    NOTIFICATIONS,
    PROMISES,
    FEEDBACK,
    MEASURES,
    DEAD_LETTERS,
)
BY_NAME: dict[str, Topic] = {topic.name: topic for topic in TOPICS}
EVENT_TYPES: dict[str, type[Contract]] = {
    event.TYPE: event for topic in TOPICS for event in topic.types
}


def topic_named(name: str) -> Topic:
    """The record of a topic; `complaints.submitted.SOURCE` reads as `complaints.submitted`."""
    if name.startswith(SUBMITTED.name + "."):
        return SUBMITTED
    return BY_NAME[name]


def topic_of(event: type[Contract]) -> Topic:
    """Where events of this type go (inbox types name theirs: see `Stage.inbox`)."""
    return _HOME[event.TYPE]


_HOME: dict[str, Topic] = {}
for _topic in TOPICS:
    for _event in _topic.types:
        _HOME.setdefault(_event.TYPE, _topic)
