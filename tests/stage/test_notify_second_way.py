"""A dead relay, the real stage and its dispatcher: a second way in time, and still one message."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.controller import Controller
from sqlalchemy import Engine, select, update

from services.notify.app import build
from shared.contracts.codec import decode, encode
from shared.contracts.envelope import Event
from shared.contracts.notifications import Notice, NotificationRequested, NotificationSent
from shared.contracts.topics import NOTIFICATIONS, topic_of
from shared.embedded.probe import free_port
from shared.ledger.engine import open_engine
from shared.ledger.migrate import migrate
from shared.ledger.tables import effects
from shared.settings import Settings
from shared.stage.dispatcher import Dispatcher
from shared.stage.memory import MemoryLog, MemoryWorker
from shared.stage.runner import Runner
from tests.notify_story import registered, triaged
from tests.stage.smtp_faults import Faults

PARTITIONS = 2
SECOND_WAY_S_MAX = 120  # issue 5: "within two minutes"
ROUNDS_MAX = 40
MESSAGE = (effects.c.kind != "timer") & (effects.c.state != "posted")


@dataclass
class Worker:
    """One process of notify: what it reads, and what it sends."""

    log: MemoryLog
    reads: MemoryWorker
    sends: Dispatcher
    engine: Engine

    async def works(self) -> None:
        """Read all, perform what is due, and hear how it went."""
        await self.reads.drain()
        await self.sends.round()
        await self.reads.drain()

    def lets_time_pass(self) -> float:
        """To the next attempt: all that waits moves as far into the past. Gives the seconds."""
        now_s = datetime.now(UTC).timestamp()
        with self.engine.begin() as connection:
            waits = connection.execute(select(effects.c.next_at).where(MESSAGE)).scalars().all()
            if not waits:
                return 0.0
            wait_s = max(0.0, float(min(waits)) - now_s)
            past = {"next_at": 0.0, "created_at": effects.c.created_at - wait_s}
            connection.execute(update(effects).where(MESSAGE).values(**past))
        return wait_s

    def heard(self, kind: type[Notice]) -> list[Notice]:
        """The events of one type about messages to complainants, copies left out."""
        events = {event.id: event.data for event in map(decode, self.log.all(NOTIFICATIONS.name))}
        found = [data for data in events.values() if isinstance(data, kind)]
        return [data for data in found if data.audience == "complainant"]


async def _at_work(folder: Path, engine: Engine, *, relay: str) -> Worker:
    """As it is built, and nothing in it replaced: the acknowledgement of one complaint is due."""
    stage = build(Settings(state_dir=folder, partitions=PARTITIONS, smtp_url=relay))
    log = MemoryLog(PARTITIONS)
    runner = Runner(stage, engine, sink=log, partitions=PARTITIONS)
    reads = MemoryWorker(log, runner, range(PARTITIONS))
    sends = Dispatcher(stage, engine, log, lambda: runner.claims)
    await reads.join(1)
    who = registered(channel="email", phone="+4740000001")
    for data in (who, triaged(channel="email", severity="medium")):
        name, topic = type(data).__name__, topic_of(type(data)).name
        event = Event(name, "test", "key", datetime.now(UTC), data, topic=topic)
        await log.send([encode(event)])
    return Worker(log, reads, sends, engine)


async def test_a_dead_relay_is_left_for_a_call_in_time_and_once(tmp_path: Path) -> None:
    """She would wait for a mail as long as the relay is down, or be rung up and written to."""
    port = free_port()
    engine = open_engine(Settings(state_dir=tmp_path), "notify")
    migrate(engine, "notify")
    worker = await _at_work(tmp_path, engine, relay=f"smtp://127.0.0.1:{port}")
    passed_s, calls = 0.0, tmp_path / "outbox" / "staff"
    for _ in range(ROUNDS_MAX):
        await worker.works()
        if worker.heard(NotificationSent):
            break
        assert not list(calls.glob("*.eml")) or passed_s > 0, "she was rung up at once"
        passed_s += worker.lets_time_pass()
    (sent,) = worker.heard(NotificationSent)
    assert isinstance(sent, NotificationSent)
    assert (sent.template, sent.way) == ("acknowledgement", "call")
    assert 0 < passed_s <= SECOND_WAY_S_MAX
    relay = Faults({})
    await _and_then_it_is_back(worker, relay, port=port)
    assert relay.taken == []
    assert [each.name for each in calls.glob("*.eml")] == [f"{sent.notice_id}.eml"]
    assert len(worker.heard(NotificationRequested)) == len(worker.heard(NotificationSent)) == 1
    engine.dispose()


async def _and_then_it_is_back(worker: Worker, relay: Faults, *, port: int) -> None:
    """The relay takes mail again, and more time passes."""
    server = Controller(relay, hostname="127.0.0.1", port=port)
    await asyncio.to_thread(server.start)
    try:
        for _ in range(3):
            worker.lets_time_pass()
            await worker.works()
    finally:
        await asyncio.to_thread(server.stop)
