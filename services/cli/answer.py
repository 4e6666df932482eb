"""What `explain` prints: names and values that others build on (DESIGN 8).

One JSON object a complaint; `answer_of` makes it from the events that came of the complaint.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from pydantic import JsonValue

from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.notifications import NoticePersonal, NotificationRequested
from shared.contracts.recoveries import RecoveryEvent
from shared.contracts.triaged import ComplaintTriaged, TriagePersonal
from shared.errors import Fault

TRIAGE_FIELDS = (
    "kind",
    "written_form",
    "severity",
    "arousal",
    "heat",
    "sentiment",
    "abuse",
    "role",
    "segment",
    "necessity",
    "phase",
    "mood",
    "vulnerable",
    "category",
    "root_cause",
    "remedy_sought",
    "safety",
    "legal",
    "needs_person",
    "confidence",
    "alternatives",
    "privacy",
    "press",
    "contact",
    "passed_around",
    "regretted",
    "on_behalf",
)
NO_RECOVERY: dict[str, JsonValue] = {
    "basis": None,
    "outcome": "no_action",
    "gestures": [],
    "approval": "automatic",
    "reasons": [],
}


def answer_of(
    line_id: JsonValue, *, complaint_id: str, events: Iterable[Event[Contract]]
) -> dict[str, JsonValue]:
    """The answer to one line."""
    said = [event.data for event in events if _about(event.data) == complaint_id]
    triaged = [data for data in said if isinstance(data, ComplaintTriaged)]
    recoveries = [data for data in said if isinstance(data, RecoveryEvent)]
    notices = [data for data in said if isinstance(data, NotificationRequested)]
    return {
        "id": line_id,
        "triage": _triage(triaged[-1]) if triaged else None,
        "recovery": _recovery(recoveries),
        "notices": [_notice(notice) for notice in notices],
    }


def error_of(line_id: JsonValue, fault: Fault) -> dict[str, JsonValue]:
    """The answer to a line that cannot be read as a complaint."""
    return {"id": line_id, "error": asdict(fault)}


def _about(data: Contract) -> object:
    return getattr(data, "complaint_id", None)


def _triage(data: ComplaintTriaged) -> dict[str, JsonValue]:
    claimed = data.amount_claimed
    evidence = data.personal.evidence if isinstance(data.personal, TriagePersonal) else {}
    reasons: list[JsonValue] = [
        {"code": code, "evidence": list(evidence.get(code, ()))} for code in data.reasons
    ]
    return {
        **{name: getattr(data, name) for name in TRIAGE_FIELDS},
        "matters": list(data.matters),
        "amount_claimed": claimed.model_dump() if claimed else None,
        "amount_claimed_minor": claimed.amount_minor if claimed else None,
        "reasons": reasons,
    }


def _recovery(versions: Sequence[RecoveryEvent]) -> dict[str, JsonValue]:
    if not versions:
        return dict(NO_RECOVERY)
    last = max(versions, key=lambda each: each.version)
    gestures: list[JsonValue] = [
        {"kind": g.kind, "amount_minor": g.amount_minor, "currency": g.currency}
        for g in last.gestures
    ]
    return {
        "basis": last.basis,
        "outcome": last.outcome,
        "gestures": gestures,
        "approval": last.approval,
        "reasons": list(last.reasons),
    }


def _notice(data: NotificationRequested) -> dict[str, JsonValue]:
    words = data.personal
    opened = words if isinstance(words, NoticePersonal) else NoticePersonal(subject="", body="")
    return {
        "kind": data.kind,
        "audience": data.audience,
        "channel": data.channel,
        "written_form": data.written_form,
        "subject": opened.subject,
        "body": opened.body,
    }
