"""Events to memories: what of each must be known later, and nothing else.

An address, a subject and the facts of triage must be remembered, since inputs come in any order;
they lie under one key, `personal`, so that the vault can seal just that.
"""

from pydantic import JsonValue

from services.notify.model import Seen
from shared.contracts import cases, feedback, inbox, promises, recoveries, registered
from shared.contracts.contract import Contract, Sealed
from shared.contracts.envelope import Event
from shared.contracts.triaged import ComplaintTriaged, is_raised

OPENING_CHARS_MAX = 120  # of the text: enough for the first words to be quoted
# What a reply told for which a person is called within minutes.
_CALLS = {"person.threat": "threat", "person.safety": "safety", "person.critical": "critical"}
_WORDS: dict[type[Contract], str] = {
    cases.CaseAsked: "asked",
    cases.CaseAnswered: "answered",
    cases.CaseDecided: "decided",
}
# By these a person has the case in hand; her words do it too.
_TAKES = (cases.CaseAssigned, cases.CaseHandedOver, cases.CaseClosed)
_ANSWERS: dict[type[Contract], str] = {
    registered.ComplaintReplied: "replied",
    registered.ChoiceMade: "replied",
    feedback.SurveysDeclined: "spared",
}


def remembered(event: Event[Contract]) -> dict[str, JsonValue] | None:
    """The memory of an event; None for what notify has no use for."""
    data = event.data
    fields = _fields(event)
    complaint_id = getattr(data, "complaint_id", None)
    if fields is None or not isinstance(complaint_id, str):
        return None
    return {"complaint": complaint_id, "at": event.time.isoformat(), **fields}


def _fields(event: Event[Contract]) -> dict[str, JsonValue] | None:  # noqa: PLR0911 -- a table
    match event.data:
        case registered.ComplaintRegistered() as data:
            return _registered(data)
        case registered.ComplaintReplied() | registered.ChoiceMade() | feedback.SurveysDeclined():
            return {"what": _ANSWERS[type(event.data)]}
        case ComplaintTriaged() as data:
            return _triaged(data)
        case recoveries.RecoveryEvent() as data:
            return _recovery(data)
        case cases.CaseAsked() | cases.CaseAnswered() | cases.CaseDecided() as words:
            return _words(event.id, words)
        case cases.CaseWithdrawn() as data:
            return {"what": "withdrawn", "took": data.case_id}
        case cases.CaseCommand() as data:
            return {"what": "command", **_took(data)}
        case promises.Promise() as data:
            return _promise(data)
        case inbox.TimerDue(name=name):
            return {"what": "timer", "name": name}
        case _:
            return None


def _took(data: cases.CaseCommand) -> dict[str, JsonValue]:
    return {"took": data.case_id} if isinstance(data, _TAKES) else {}


def _promise(data: promises.Promise) -> dict[str, JsonValue] | None:
    """Made, or over; how far it has run is notify's own word, and said before."""
    if isinstance(data, promises.PromiseMade):
        kept = data.model_dump(mode="json", include={"case_id", "kind", "due_at", "owner"})
        return {"what": "promise", "name": data.promise_id, **kept}
    if isinstance(data, promises.PromiseAtRisk):
        return None
    return {"what": "over", "name": data.promise_id}


def _registered(data: registered.ComplaintRegistered) -> dict[str, JsonValue]:
    order = data.order
    payments = order.paid() if order else ()
    seen = data.model_dump(
        mode="json",
        include={
            "channel",
            "source",
            "automatic",
            "segment",
            "message_id",
            "received_at",
            "declared_form",
        },
    )
    seen |= {"what": "registered", "thread": data.channel_message_id}
    if order is not None:
        bought = order.purchased_at
        seen |= {"order": order.id, "order_kind": order.kind}
        seen |= {"bought": bought.isoformat() if bought else None}
    if len(payments) == 1:
        seen |= {"sum_minor": payments[0].amount_minor, "currency": payments[0].currency}
    if not isinstance(data.personal, Sealed):
        personal = data.personal.model_dump(
            mode="json", include={"name", "email", "phone", "reply_to", "subject"}
        )
        seen["personal"] = {**personal, "opening": data.personal.text[:OPENING_CHARS_MAX]}
    return seen


_TRIAGED = {
    "case_id", "kind", "written_form", "severity", "arousal", "abuse", "segment", "category",
    "safety", "vulnerable", "legal", "privacy", "needs_person", "contact", "passed_around",
    "regretted", "automatic", "channel", "reasons", "received_at", "role",
}  # fmt: skip


def _triaged(data: ComplaintTriaged) -> dict[str, JsonValue]:
    seen: dict[str, JsonValue] = data.model_dump(mode="json", include=_TRIAGED)
    seen["what"] = "triaged"
    if is_raised(data):
        seen["calls"] = [name for code, name in _CALLS.items() if code in data.reasons]
    if not isinstance(data.personal, Sealed):
        facts: list[JsonValue] = [[fact.kind, fact.words] for fact in data.personal.facts]
        seen["personal"] = {"facts": facts}
    return seen


def _recovery(data: recoveries.RecoveryEvent) -> dict[str, JsonValue]:
    seen: dict[str, JsonValue] = data.model_dump(
        mode="json",
        include={
            "recovery_id", "case_id", "version", "outcome", "basis", "result", "approval",
            "decided_by", "approved_by", "asked", "reasons", "effective_at",
        },
    )  # fmt: skip
    gestures: list[JsonValue] = [
        gesture.model_dump(
            mode="json", include={"kind", "amount_minor", "currency", "state", "due_at"}
        )
        for gesture in data.gestures
    ]
    name = data.TYPE.split(".")[2]
    return {"what": "recovery", "name": name, "gestures": gestures, **seen}


def _words(
    event_id: str, data: cases.CaseAsked | cases.CaseAnswered | cases.CaseDecided
) -> dict[str, JsonValue]:
    seen: dict[str, JsonValue] = {
        "what": "words",
        "name": event_id,
        "case_id": data.case_id,
        "kind": _WORDS[type(data)],
        "took": data.case_id,
    }
    if isinstance(data, cases.CaseDecided):
        seen |= {"category": data.result.category, "gestures": [g.kind for g in data.gestures]}
    if not isinstance(data.personal, Sealed):
        seen["personal"] = {"text": data.personal.text}
    return seen


def without_words(seen: Seen) -> dict[str, JsonValue]:
    """The same memory without a person's text: it has left, and need not be kept."""
    return {name: value for name, value in seen.items() if name != "personal"}
