"""Intake as a stage: its runner, its ledger and a log in memory."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from services.intake.app import build
from services.intake.secret import key_secret
from shared.contracts.codec import decode
from shared.contracts.contract import Contract
from shared.contracts.envelope import Outgoing
from shared.contracts.identity import partition_of
from shared.contracts.receipts import ComplaintAccepted, ComplaintRejected
from shared.contracts.registered import ComplaintRegistered
from shared.ledger.engine import open_engine
from shared.settings import Settings
from shared.stage.memory import MemoryLog, MemoryWorker
from shared.stage.runner import Runner
from tests.ledgers_made import with_tables

PARTITIONS = 4
MESSAGE = {
    "channel": "web",
    "channel_message_id": "skjema-1",
    "complainant": {"email": "ingrid@example.com"},
    "text": "Setet kom aldri.",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Everything in a folder of the test's own."""
    return Settings(state_dir=tmp_path, partitions=PARTITIONS, database_url="")


@pytest.fixture
def engine(settings: Settings) -> Engine:
    """Intake's ledger."""
    made = open_engine(settings, "intake")
    with_tables(made, "intake")
    return made


def put(log: MemoryLog, *, partition: int = 0, **changes: object) -> None:
    """Write a message as a console producer does."""
    value = json.dumps({**MESSAGE, **changes}).encode()
    log.append(Outgoing("complaints.submitted", None, value, partition=partition))


async def run(log: MemoryLog, engine: Engine, *, settings: Settings) -> None:
    """One worker reads everything that lies in the log."""
    runner = Runner(build(settings), engine, sink=log, partitions=PARTITIONS)
    worker = MemoryWorker(log, runner, range(PARTITIONS))
    await worker.join(1)
    await worker.drain()


def events(log: MemoryLog, topic: str) -> list[Contract]:
    """What lies in a topic."""
    return [decode(record).data for record in log.all(topic)]


async def test_a_complaint_goes_through(engine: Engine, settings: Settings) -> None:
    """A complaint would not be registered under its complainant's key, or not be answered."""
    log = MemoryLog(PARTITIONS)
    put(log)
    await run(log, engine, settings=settings)
    (registered,) = events(log, "complaints.registered")
    (receipt,) = events(log, "complaints.receipts")
    assert isinstance(registered, ComplaintRegistered)
    assert isinstance(receipt, ComplaintAccepted)
    assert registered.complaint_id == receipt.complaint_id
    (record,) = log.all("complaints.registered")
    assert record.partition == partition_of(record.key or b"", PARTITIONS)
    assert log.all("complaints.receipts")[0].key == b"unproved:none"


async def test_duplicates_on_all_partitions_are_one_complaint(
    engine: Engine, settings: Settings
) -> None:
    """A producer without a key would make a complaint per partition."""
    log = MemoryLog(PARTITIONS)
    for partition in (0, 1, 2, 3, 0):
        put(log, partition=partition)
    await run(log, engine, settings=settings)
    assert len(events(log, "complaints.registered")) == 1
    receipts = [e for e in events(log, "complaints.receipts") if isinstance(e, ComplaintAccepted)]
    assert sorted(receipt.noted for receipt in receipts) == [(), *[("duplicate",)] * 4]


async def test_a_duplicate_in_a_later_batch(engine: Engine, settings: Settings) -> None:
    """A resend after a restart would be a second complaint."""
    log = MemoryLog(PARTITIONS)
    put(log)
    await run(log, engine, settings=settings)
    put(log, partition=2)
    await run(log, engine, settings=settings)
    assert len(events(log, "complaints.registered")) == 1


async def test_other_words_under_the_same_id(engine: Engine, settings: Settings) -> None:
    """A channel that reuses its ids would lose complaints without a word."""
    log = MemoryLog(PARTITIONS)
    for partition, text in enumerate(("Setet kom aldri.", "Hjelmen kom heller ikke.")):
        put(log, partition=partition, text=text)
    await run(log, engine, settings=settings)
    found = [e for e in events(log, "complaints.registered") if isinstance(e, ComplaintRegistered)]
    assert sorted(complaint.id_reused for complaint in found) == [False, True]


async def test_what_is_wrong_is_answered_and_the_rest_goes_on(
    engine: Engine, settings: Settings
) -> None:
    """One bad record would stop the complaints behind it, or nobody be told."""
    log = MemoryLog(PARTITIONS)
    put(log, text=" ", channel="fax")
    put(log)
    await run(log, engine, settings=settings)
    assert len(events(log, "complaints.registered")) == 1
    (dead,) = log.all("dead-letters")
    assert dead.value == log.all("complaints.submitted")[0].value
    rejected = events(log, "complaints.receipts")[0]
    assert isinstance(rejected, ComplaintRejected)
    assert {problem.field for problem in rejected.problems} == {"channel", "text"}


def test_the_embedded_secret_is_made_once(settings: Settings) -> None:
    """After a restart every complainant would have another key, and no history."""
    assert key_secret(settings) == key_secret(settings)
    assert (settings.state_dir / "key_secret").stat().st_mode & 0o077 == 0
