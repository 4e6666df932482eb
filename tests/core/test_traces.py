"""A sender's trace goes through all that follows from its request; spans are an extra."""

from datetime import UTC, datetime
from pathlib import Path

import httpx
import orjson
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.intake.app import build
from services.intake.doors.admit import Admission
from services.intake.doors.http import make_app
from services.intake.doors.keys import Keys, mint_key
from services.intake.doors.taking import Taking
from services.intake.policy import load
from shared.contracts.codec import decode, encode
from shared.contracts.envelope import Event, Outgoing
from shared.contracts.orders import OrderFact
from shared.contracts.submitted import Order
from shared.contracts.topics import ORDERS_FACTS, SUBMITTED
from shared.contracts.trace import traceparent_of
from shared.settings import Settings
from shared.stage.memory import MemoryLog
from shared.stage.spans import Spans, open_spans
from tests.core.test_desk_door_world import Here
from tests.core.test_desk_examples import CASE
from tests.core.test_intake_http import FakeOut
from tests.everybody import Everybody

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
MESSAGE = {
    "channel": "email",
    "channel_message_id": "m-1",
    "complainant": {"email": "ingrid@example.com"},
    "text": "Hei, kaffetrakteren jeg kjøpte for 399 kr lekker. Jeg vil ha pengene tilbake.",
}
KNOWN = {
    "complaints.registered", "complaints.triaged", "recoveries", "notifications", "promises",
    "complaints.receipts", "notify.inbox",
}  # fmt: skip


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        (TRACE, True),
        (TRACE.upper(), False),
        (TRACE.replace("00-", "ff-", 1), False),
        ("00-" + "0" * 32 + TRACE[35:], False),
        (TRACE[:36] + "0" * 16 + "-01", False),
        (TRACE + "-more", False),
        (TRACE + "\n", False),
        ("", False),
        ("Ingrid", False),
    ],
)
def test_only_a_traceparent_is_taken_for_one(said: str, *, taken: bool) -> None:
    """A stranger could write what she likes into every event that follows, and into its log."""
    assert traceparent_of(said) == (said if taken else None)


def test_no_header_is_no_trace() -> None:
    """Nothing would be read as something."""
    assert traceparent_of(None) is None


async def test_every_event_that_follows_carries_it(tmp_path: Path) -> None:
    """A sender's trace would end at our door, or at the first effect."""
    everybody = Everybody(tmp_path)
    await everybody.start()
    headers = (("ce_traceparent", TRACE.encode()),)
    value = orjson.dumps(MESSAGE)
    everybody.log.append(Outgoing(SUBMITTED.name, None, value, (*_binary(), *headers), partition=0))
    await everybody.work()
    carried: dict[str, set[str]] = {}
    for (topic, _), records in everybody.log.records.items():
        for record in records:
            said = dict(record.headers).get("ce_traceparent", b"none").decode()
            carried.setdefault(topic, set()).add(said)
    del carried[SUBMITTED.name]
    assert set(carried) >= KNOWN
    assert {topic: said for topic, said in carried.items() if said != {TRACE}} == {}


def test_a_stranger_on_a_topic_of_facts_writes_no_trace() -> None:
    """Order facts come from outside: what is no traceparent would end a stage that tells spans."""
    fact = OrderFact(order_id="o-1", order=Order(id="o-1"), at=datetime(2026, 11, 2, tzinfo=UTC))
    event = Event("e-1", "shop", "k", fact.at, fact, traceparent="Ingrid", topic=ORDERS_FACTS.name)
    laid = MemoryLog(1).append(encode(event))
    assert decode(laid).traceparent is None


def _binary() -> tuple[tuple[str, bytes], ...]:
    said = {
        "specversion": "1.0",
        "id": "1",
        "source": "shop",
        "type": "kulanse.complaint.submitted.v1",
    }
    return tuple((f"ce_{name}", value.encode()) for name, value in said.items())


async def test_kafkas_own_header_is_read_too(tmp_path: Path) -> None:
    """Instrumented producers write `traceparent`, without the prefix of CloudEvents."""
    stage = build(Settings(state_dir=tmp_path, database_url=""))
    everybody = Everybody(tmp_path)
    headers = (("traceparent", TRACE.encode()),)
    record = everybody.log.append(Outgoing(SUBMITTED.name, None, orjson.dumps(MESSAGE), headers))
    assert stage.decode(record).traceparent == TRACE


@pytest.mark.parametrize(("said", "sent"), [(TRACE, TRACE.encode()), ("anything", None)])
async def test_intakes_door_takes_it(tmp_path: Path, said: str, sent: bytes | None) -> None:
    """What a web shop's request leads to could not be found by the shop."""
    out, key = FakeOut(), mint_key(tmp_path, "shop")
    app = make_app(Taking(Admission(load()[0], b"s" * 32), out), Keys(tmp_path).caller)
    transport = httpx.ASGITransport(app=app)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    async with httpx.AsyncClient(transport=transport, base_url="http://door.example.com") as http:
        answer = await http.post(
            "/v1/complaints",
            content=orjson.dumps(MESSAGE),
            headers={**headers, "traceparent": said},
        )
    assert answer.status_code == 202
    assert dict(out.sent[0].headers).get("ce_traceparent") == sent


def test_the_desks_door_takes_it(tmp_path: Path) -> None:
    """A handler's command would begin without its cause."""
    here = Here(tmp_path)
    sent: dict[str, object] = {"json": {}, "headers": {"traceparent": TRACE}}
    here.said("POST", f"/v1/cases/{CASE}/take", sent=sent)
    assert [event.traceparent for event in here.loop.published] == [TRACE]


async def test_a_span_for_each_decided_event(tmp_path: Path) -> None:
    """A collector would see the request and nothing of what became of it; or a name."""
    everybody = Everybody(tmp_path)
    told = {name: InMemorySpanExporter() for name in everybody.services}
    spans = {name: Spans(name, told[name]) for name in everybody.services}
    for name, service in everybody.services.items():
        service.worker.runner.on_batch = spans[name].batch
    await everybody.start()
    for number, flags in enumerate(("01", "00")):
        message = orjson.dumps({**MESSAGE, "channel_message_id": f"m-{number}"})
        headers = (("traceparent", (TRACE[:-2] + flags).encode()),)
        everybody.log.append(Outgoing(SUBMITTED.name, None, message, headers, partition=0))
    await everybody.work()
    for each in spans.values():
        each.stop()
    found = [span for each in told.values() for span in each.get_finished_spans()]
    names = {span.name for span in found}
    assert "intake kulanse.complaint.submitted.v1" in names
    assert "notify kulanse.effect.outcome.v1" in names
    contexts = [span.get_span_context() for span in found]
    assert {format(each.trace_id, "032x") for each in contexts if each} == {TRACE[3:35]}
    assert {format(span.parent.span_id, "016x") for span in found if span.parent} == {TRACE[36:52]}
    assert "ingrid" not in repr([(span.name, span.attributes) for span in found]).lower()
    submitted = [span for span in found if span.name.startswith("intake ")]
    assert len(submitted) == 1, "what the sender did not sample was told"


def test_it_is_off_unless_asked_for() -> None:
    """Every event would cost, for nobody."""
    assert open_spans(Settings(), "triage") is None
