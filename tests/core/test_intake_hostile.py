"""The audit's bad inputs, at the HTTP door and in the topic: each told, none harming another."""

import json
import tracemalloc
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from services.intake.app import build
from services.intake.decode import make_decode
from services.intake.doors.admit import Admission
from services.intake.doors.http import make_app
from services.intake.doors.keys import Keys, mint_key
from services.intake.doors.taking import Taking
from services.intake.policy import load
from shared.contracts.codec import decode
from shared.contracts.envelope import Outgoing, Record
from shared.contracts.receipts import ComplaintRejected
from shared.contracts.registered import ComplaintRegistered, Personal
from shared.contracts.submitted import Complainant, ComplaintSubmitted
from shared.ledger.engine import open_engine
from shared.ledger.migrate import migrate
from shared.settings import Settings
from shared.stage.memory import MemoryLog, MemoryWorker
from shared.stage.runner import Runner
from tests.core.hostile import HOSTILE, WORDS_TAKEN, said
from tests.core.test_intake_http import AT, JSON, SECRET, FakeOut, problems

POLICY = load()[0]
PARTITIONS = 4
TOPIC = "complaints.submitted"
AT_MS = int(AT.timestamp() * 1000)
EXTRA_BYTES_MAX = 20 << 20  # SECURITY.md, "rate, size, zip, depth"


async def test_every_bad_body_is_told_at_the_door(tmp_path: Path) -> None:
    """A fault would get in, end the door, be answered without its place, or fill the memory."""
    out = FakeOut()
    key = mint_key(tmp_path, "shop")
    app = make_app(Taking(Admission(POLICY, SECRET), out, now=lambda: AT), Keys(tmp_path).caller)
    headers = {"Authorization": f"Bearer {key}", **JSON}
    wrong: list[str] = []
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://door.example.com", headers=headers
    ) as door:
        await door.post("/v1/complaints", content=said())
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        for name, hostile in HOSTILE.items():
            answer = await door.post("/v1/complaints", content=hostile.body)
            found = problems(answer) if 400 <= answer.status_code < 500 else []
            if (hostile.code, hostile.field) not in found:
                wrong.append(f"{name}: {answer.status_code} {found}")
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert wrong == []
    assert len(out.sent) == 1
    assert most - before < EXTRA_BYTES_MAX


async def run(log: MemoryLog, folder: Path) -> None:
    """Intake's stage reads all that lies in the log."""
    settings = Settings(state_dir=folder, partitions=PARTITIONS, database_url="")
    engine = open_engine(settings, "intake")
    migrate(engine, "intake")
    runner = Runner(build(settings), engine, sink=log, partitions=PARTITIONS)
    worker = MemoryWorker(log, runner, range(PARTITIONS))
    await worker.join(1)
    await worker.drain()


async def test_every_bad_record_is_a_dead_letter_and_told(tmp_path: Path) -> None:
    """One bad record would be lost, or cost the good ones before and behind it."""
    log = MemoryLog(PARTITIONS, began_ms=AT_MS)
    for number, hostile in enumerate(HOSTILE.values()):
        log.append(Outgoing(TOPIC, None, said(channel_message_id=f"good-{number}"), partition=1))
        log.append(Outgoing(TOPIC, None, hostile.body, partition=1))
    await run(log, tmp_path)
    dead = log.all("dead-letters")
    bodies = sorted(hostile.body for hostile in HOSTILE.values())
    assert sorted(record.value or b"" for record in dead) == bodies
    assert len(log.all("complaints.registered")) == len(HOSTILE)
    told = [
        receipt
        for receipt in (decode(record).data for record in log.all("complaints.receipts"))
        if isinstance(receipt, ComplaintRejected)
    ]
    by_offset = {receipt.offset: receipt for receipt in told}
    wrong = [
        name
        for offset, (name, hostile) in enumerate(HOSTILE.items())
        if (hostile.code, hostile.field)
        not in [(p.code, p.field) for p in by_offset[2 * offset + 1].problems]
    ]
    assert wrong == []


Headers = tuple[tuple[str, bytes], ...]


def record(*, key: bytes | None = None, headers: Headers = ()) -> Record:
    """A good record with something odd about it."""
    return Record(TOPIC, 0, 0, AT_MS, key, said(), headers)


CE = ("ce_type", b"kulanse.complaint.submitted.v1")
ODD_BUT_TAKEN = {
    "44 empty key": record(key=b""),
    "44 binary key": record(key=bytes(range(256))),
    "44 long key": record(key=b"k" * 100_000),
    "45 forged event id": record(headers=(CE, ("ce_id", b"complaint-1"))),
    "45 forged proof": record(headers=(("kulanse_proof", b"\xff"), ("kulanse_source", b"shop"))),
    "45 foreign headers": record(headers=(("x", b"\xff"), ("x", b"2"))),
    "46 key of somebody else": record(key=b"another-complainant"),
}


@pytest.mark.parametrize("odd", ODD_BUT_TAKEN.values(), ids=ODD_BUT_TAKEN)
def test_a_key_or_header_from_outside_decides_nothing(odd: Record) -> None:
    """A stranger's key or id would stand for somebody's identity, or turn a complaint away."""
    plain, taken = (make_decode(SECRET, POLICY)(each) for each in (record(), odd))
    assert (taken.key, taken.data) == (plain.key, plain.data)


@pytest.mark.parametrize(("stamp", "dead"), [(-1, 1), (32_503_680_000_000, 0)])
async def test_a_stamp_out_of_this_world_ends_nothing(
    tmp_path: Path, stamp: int, dead: int
) -> None:
    """A clock gone wrong (51) would stop the stage, or lose what came with it."""
    log = MemoryLog(PARTITIONS, began_ms=stamp - 1)
    log.append(Outgoing(TOPIC, None, said(), partition=0))
    log.append(Outgoing(TOPIC, None, said(channel_message_id="2"), partition=0))
    await run(log, tmp_path)
    assert (len(log.all("dead-letters")), len(log.all("complaints.registered"))) == (dead, 2 - dead)


async def test_hostile_words_are_registered_as_they_are(tmp_path: Path) -> None:
    """Somebody's words would be refused, changed or run."""
    log = MemoryLog(PARTITIONS)
    for number, words in enumerate(WORDS_TAKEN):
        log.append(Outgoing(TOPIC, None, said(channel_message_id=str(number), text=words)))
    await run(log, tmp_path)
    found = [decode(each).data for each in log.all("complaints.registered")]
    texts = {
        each.personal.text
        for each in found
        if isinstance(each, ComplaintRegistered) and isinstance(each.personal, Personal)
    }
    assert texts == set(WORDS_TAKEN)


async def test_a_file_never_brings_its_folder(tmp_path: Path) -> None:
    """A file's name would lead out of a folder (42)."""
    log = MemoryLog(PARTITIONS)
    names = ["../../etc/passwd", "C:\\Users\\x\\bilde.jpg", "/", "bilde\r\nX: y.png"]
    log.append(Outgoing(TOPIC, None, said(attachments=[{"name": name} for name in names])))
    await run(log, tmp_path)
    (kept,) = (json.loads(each.value or b"") for each in log.all("complaints.registered"))
    assert [each["name"] for each in kept["personal"]["attachments"]] == [
        "passwd",
        "bilde.jpg",
        "file",
        "bilde X: y.png",
    ]


def test_an_identity_number_as_id_never_leaves_by_any_way() -> None:
    """A national identity number would be a complainant's id in every topic; two keys be one's."""
    synthetic = "17912099997"
    message = ComplaintSubmitted(
        channel="web",
        channel_message_id="skjema-1",
        complainant=Complainant(id=synthetic),
        text="Setet kom aldri.",
    )
    sent = Admission(POLICY, SECRET).admit(message, source="shop", scopes=frozenset(), at=AT)
    by_door = make_decode(SECRET, POLICY)(
        Record(TOPIC, 0, 0, AT_MS, sent.outgoing.key, sent.outgoing.value, sent.outgoing.headers)
    )
    assert synthetic.encode() not in sent.outgoing.value
    assert by_door.key.encode() == sent.outgoing.key
    own = replace(
        Record(TOPIC, 0, 0, AT_MS, sent.outgoing.key, sent.outgoing.value, sent.outgoing.headers),
        headers=(),
    )
    keys = {
        make_decode(SECRET, POLICY)(
            replace(own, offset=n, value=said(complainant={"id": given}))
        ).key
        for n, given in enumerate(
            (synthetic, "179120 99997", by_door.data.submitted.complainant.id)
        )
    }
    assert len(keys) == 1
