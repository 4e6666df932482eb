"""Complaints for the tests of triage: made as intake would register them, read by the real core."""

from datetime import datetime

from pydantic import JsonValue

from services.triage.core import decide
from services.triage.policy import load
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.registered import ComplaintRegistered, Personal
from shared.contracts.submitted import Order
from shared.contracts.triaged import ComplaintTriaged
from shared.stage.decision import Decision, History, Memory

POLICY, DIGEST = load()
# A Monday morning.
NOON = datetime.fromisoformat("2026-11-16T12:00:00+01:00")


def registered(text: str, *, at: datetime = NOON, **known: object) -> Event[Contract]:
    """A registered complaint; `known` are further fields of the event, `subject` included."""
    subject = known.pop("subject", None)
    complaint_id = str(known.pop("complaint_id", "complaint-1"))
    fields: dict[str, object] = {
        "complaint_id": complaint_id,
        "source": "shop",
        "channel": "web",
        "channel_message_id": complaint_id,
        "received_at": at,
        "personal": Personal(subject=str(subject) if subject else None, text=text),
        **known,
    }
    data = ComplaintRegistered.model_validate(fields)
    return Event(id=f"event-{complaint_id}", source="kulanse/intake", key="k", time=at, data=data)


def decision(event: Event[Contract], *memories: Memory) -> Decision:
    """What triage decides of an event."""
    decided = decide(event, History(memories=memories), POLICY)
    assert isinstance(decided, Decision)
    return decided


def read(text: str, *memories: Memory, **known: object) -> ComplaintTriaged:
    """The reading of a text."""
    statement = decision(registered(text, at=NOON, **known), *memories).emits[0]
    assert isinstance(statement, ComplaintTriaged)
    return statement


def remembered(event: Event[Contract], *memories: Memory) -> Memory:
    """The memory that the runner would keep of an event."""
    kept: dict[str, JsonValue] = dict(decision(event, *memories).remembers or {})
    return Memory(event_id=event.id, type=event.type, at=event.time, data=kept)


def order(order_id: str, amount_minor: int = 49900) -> Order:
    """An order with one payment in NOK."""
    return Order(id=order_id, amount_minor=amount_minor, currency="NOK")
