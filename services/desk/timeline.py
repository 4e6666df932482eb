"""The case's story, one line an event: who, what, in codes and ids; the words stand beside it."""

from collections.abc import Callable, Mapping
from typing import cast

from services.desk.model import TimelineLine
from services.desk.reasons import to_do
from shared.contracts import approvals as ap
from shared.contracts import cases as ca
from shared.contracts import feedback as fe
from shared.contracts import notifications as no
from shared.contracts import promises as pr
from shared.contracts import recoveries as re
from shared.contracts import registered as rg
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.triaged import ComplaintTriaged

_Tell = Callable[[Contract], str]


def line_of(event: Event[Contract], refused: Mapping[str, str]) -> TimelineLine:
    """The line of one event; `refused`: by event id, why a command had no effect."""
    code = refused.get(event.id)
    said = next((tell(event.data) for kind, tell in _TELL if isinstance(event.data, kind)), "")
    return TimelineLine(
        at=event.time,
        event_id=event.id,
        type=event.type,
        by=_by(event),
        said=f"no effect: {code}" if code else said,
        effect=code is None,
        policy_digest=event.policy_digest or "",
    )


def _by(event: Event[Contract]) -> str:
    data = event.data
    if isinstance(data, ca.CaseCommand | ap.ApprovalWords):
        return f"{data.actor} (simulated)" if data.simulated else data.actor
    return data.decided_by if isinstance(data, re.RecoveryEvent) else event.source


def _triaged(data: ComplaintTriaged) -> str:
    return f"{data.kind}, {data.severity}, wants {data.remedy_sought}: {', '.join(data.reasons)}"


def _recovery(data: re.RecoveryEvent) -> str:
    gestures = ", ".join(_gesture(gesture) for gesture in data.gestures) or "no gesture"
    signed = f", signed by {data.approved_by}" if data.approved_by else ""
    now = to_do(data)
    failed = f": {now[0]}. {now[1]}" if now else ""
    return f"{data.outcome}, {gestures}, approval {data.approval}{signed}{failed}"


def _gesture(gesture: re.Gesture) -> str:
    if not gesture.amount_minor:
        return f"{gesture.kind} {gesture.state}"
    return f"{gesture.kind} {gesture.amount_minor} minor {gesture.currency} {gesture.state}"


def _command(data: ca.CaseCommand) -> str:
    if isinstance(data, ca.CaseAssigned | ca.CaseHandedOver):
        return f"owner {data.owner}" + (f": {data.reason}" if data.reason else "")
    if isinstance(data, ca.CaseOverridden):
        return f"{data.field} is {data.value}" + (f": {data.reason}" if data.reason else "")
    if isinstance(data, ca.CaseDecided):
        wanted = ", ".join(gesture.kind for gesture in data.gestures) or "no gesture"
        return f"{data.result.category}, {data.result.relief}, {wanted}"
    return data.reason


def _tell(kind: type[Contract], tell: Callable[..., str]) -> tuple[type[Contract], _Tell]:
    return kind, cast("_Tell", tell)


# The first that fits tells it.
_TELL: tuple[tuple[type[Contract], _Tell], ...] = (
    _tell(rg.ComplaintRegistered, lambda d: f"by {d.channel}, order {d.order_state}"),
    _tell(rg.ComplaintReplied, lambda d: f"a reply by {d.channel}"),
    _tell(rg.ChoiceMade, lambda d: f"chose {d.choice}"),
    _tell(ComplaintTriaged, _triaged),
    _tell(re.RecoveryEvent, _recovery),
    _tell(
        re.RecoveryApprovalRefused, lambda d: f"the words of {d.actor} came to nothing: {d.code}"
    ),
    _tell(ap.ApprovalWords, lambda d: d.reason),
    _tell(ca.CaseOpened, lambda d: f"{d.severity}: {', '.join(d.why)}"),
    _tell(ca.TaskCreated, lambda d: f"{d.what} by {d.owner_role}"),
    _tell(ca.CaseRefused, lambda d: f"a command of {d.actor} had no effect: {d.code}"),
    _tell(ca.CaseCommand, _command),
    _tell(no.NotificationFailed, lambda d: f"{d.kind} to {d.audience}: {d.state}, {d.code}"),
    _tell(no.Notice, lambda d: f"{d.kind} to {d.audience} by {d.channel}"),
    _tell(no.NotificationSuppressed, lambda d: f"{d.kind} to {d.audience} not sent: {d.code}"),
    _tell(pr.Promise, lambda d: f"{d.kind} until {d.due_at:%Y-%m-%d %H:%M %Z}"),
    _tell(fe.FeedbackGiven, lambda d: f"{d.moment} {d.question}: {d.score}"),
    _tell(fe.SurveysDeclined, lambda _: "wants no surveys"),
)
