"""The rig on a real broker: each worker is a process (`victim.py`), each test a fresh log.

Topics keep their names, so a test begins by letting go of whatever lies there; ledger and
consumer group are new. A killed worker's successor is the same static member, so that it need
not wait for a session to end.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from pydantic import SecretStr
from sqlalchemy import func, select

from shared.contracts.envelope import Outgoing, Record
from shared.contracts.identity import partition_of
from shared.contracts.topics import DEAD_LETTERS, FEEDBACK
from shared.ledger.engine import open_engine
from shared.ledger.migrate import migrate
from shared.ledger.tables import OPEN, effects
from shared.settings import Settings
from shared.stage.broker import ensure_topics
from shared.stage.fetched import record_of
from tests.stage.probe import probe
from tests.stage.rig import (
    NO_TROUBLE,
    PARTITIONS,
    Place,
    Rig,
    Trouble,
    held,
    offsets_done,
    reading,
    unsent,
)
from tests.stage.victim import Orders
from tests.stage.workers import LOOK_S, NEVER_S, Worker, came, up

ROOT = Path(__file__).resolve().parents[2]


class KafkaRig(Rig):
    """A real broker, and a ledger in SQLite or in an empty database."""

    def __init__(self, bootstrap: str, folder: Path, *, database_url: str = "") -> None:
        """Use `fresh` instead."""
        self.settings = Settings(
            bootstrap=bootstrap,
            database_url=database_url,
            state_dir=folder,
            partitions=PARTITIONS,
            key_secret=SecretStr("an example"),
        )
        self.engine, self.journal = open_engine(self.settings, "probe"), folder / "journal"
        self.inputs = [topic.name for topic in probe(self.journal).inputs]
        self.orders = Orders(group=f"g-{uuid4().hex}", instance="one")
        self.workers: list[Worker] = []
        self._began: dict[Place, int] = {}

    @classmethod
    @contextlib.asynccontextmanager
    async def fresh(
        cls, bootstrap: str, folder: Path, *, database_url: str = ""
    ) -> AsyncIterator["KafkaRig"]:
        """A rig on an empty log; ends its workers afterwards."""
        rig = cls(bootstrap, folder, database_url=database_url)
        migrate(rig.engine, "probe")
        await ensure_topics(rig.settings)
        await rig._empty()
        try:
            yield rig
        finally:
            for worker in rig.workers:
                worker.signal(signal.SIGKILL)
                worker.process.wait()
            rig.engine.dispose()

    async def _empty(self) -> None:
        places = [(t, p) for t in self._topics for p in range(PARTITIONS)]
        ends = await self._end_of(places)
        async with self._admin() as admin:
            await admin.delete_records(
                {TopicPartition(*place): RecordsToDelete(end) for place, end in ends.items()}
            )
        self._began = ends

    @property
    def _topics(self) -> list[str]:
        return [*self.inputs, FEEDBACK.name, DEAD_LETTERS.name]

    @contextlib.asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.settings.bootstrap)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()

    async def _end_of(self, places: Iterable[Place]) -> dict[Place, int]:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.settings.bootstrap, isolation_level="read_committed"
        )
        async with consumer:
            ends = await consumer.end_offsets([TopicPartition(*place) for place in places])
        return {(tp.topic, tp.partition): end for tp, end in ends.items()}

    async def produce(self, records: Iterable[Outgoing]) -> None:
        """Send, in this order, and wait for all."""
        async with self.producer() as producer:
            for record in records:
                await self.put(producer, record)
            await producer.flush()

    def producer(self, transactional_id: str | None = None) -> AIOKafkaProducer:
        """An upstream; with an id, one that uses transactions."""
        return AIOKafkaProducer(
            bootstrap_servers=self.settings.bootstrap,
            acks="all",
            enable_idempotence=True,
            transactional_id=transactional_id,
        )

    @staticmethod
    async def put(producer: AIOKafkaProducer, record: Outgoing, *, null: bool = False) -> None:
        """Hand one record to a producer."""
        partition = record.partition
        if partition is None:
            partition = partition_of(record.key or b"", PARTITIONS)
        await producer.send(
            record.topic,
            None if null else record.value,
            key=record.key,
            partition=partition,
            headers=list(record.headers),
        )

    async def lay_null(self, record: Outgoing) -> None:
        """Send with no value."""
        async with self.producer() as producer:
            await self.put(producer, record, null=True)
            await producer.flush()

    def start(self, orders: Orders) -> Worker:
        """A worker process."""
        kulanse = {
            "KULANSE_BOOTSTRAP": self.settings.bootstrap,
            "KULANSE_DATABASE_URL": self.settings.database_url,
            "KULANSE_STATE_DIR": str(self.settings.state_dir),
            "KULANSE_PARTITIONS": str(PARTITIONS),
            "KULANSE_LOG_LEVEL": "warning",
            "KULANSE_DEBUG": "1",
        }
        log = self.settings.state_dir / f"worker-{len(self.workers)}.log"
        with log.open("wb") as lines:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.stage.victim"],
                env={**os.environ, **kulanse, **orders.environment()},
                cwd=ROOT,
                stdout=lines,
                stderr=lines,
            )
        worker = Worker(process, self.settings.state_dir)
        self.workers.append(worker)
        return worker

    async def work(self, trouble: Trouble = NO_TROUBLE, *, mutant: str = "") -> int:
        """One worker, until it dies, stands still or all is done."""
        worker = self.start(
            replace(
                self.orders,
                step=trouble.step,
                nth=trouble.nth,
                how=trouble.how,
                mutant=mutant,
                dispatching=self.dispatching,
            )
        )
        if trouble.step:
            await came(f"trouble at {trouble.step}", lambda: worker.code is not None)
        else:
            await self.until_done(worker)
            if not self.graceful and worker.code is None:
                worker.signal(signal.SIGKILL)
                await came("its end after SIGKILL", lambda: worker.code is not None)
                return 0
        return await self.ended(worker)

    async def until_done(self, worker: Worker) -> None:
        """Until it died, stands still, or nothing is left to do."""
        await came("a worker with partitions", lambda: worker.code is not None or up(worker))
        while worker.code is None and not self._stands_still(worker):
            ends = await self.ends()
            if ends == offsets_done(self.engine) and self._quiet():
                return
            await asyncio.sleep(LOOK_S)

    async def ended(self, worker: Worker) -> int:
        """Ask it to end, as an operator does; its exit code."""
        worker.signal(signal.SIGTERM)
        await came("its end after SIGTERM", lambda: worker.code is not None)
        assert worker.code is not None
        return worker.code

    def _stands_still(self, worker: Worker) -> bool:
        self.why_stopped = worker.ready() or ""
        return "stopped" in self.why_stopped

    def _quiet(self) -> bool:
        open_now = select(func.count()).where(effects.c.state.in_(OPEN))
        with reading(self.engine) as connection:
            waiting = connection.execute(open_now).scalar_one()
        return not unsent(self.engine) and (
            not waiting or not self.dispatching or bool(held(self.engine))
        )

    async def read(self, topic: str) -> list[Record]:
        """Everything that a reader of committed records sees."""
        places = [TopicPartition(topic, partition) for partition in range(PARTITIONS)]
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.settings.bootstrap, isolation_level="read_committed"
        )
        consumer.assign(places)
        async with consumer:
            await consumer.seek_to_beginning(*places)
            ends = await consumer.end_offsets(places)
            found: list[Record] = []
            while [tp for tp in places if await consumer.position(tp) < ends[tp]]:
                for some in (await consumer.getmany(timeout_ms=200)).values():
                    found.extend(record_of(record) for record in some)
        return sorted(found, key=lambda record: (record.partition, record.offset))

    async def ends(self) -> dict[Place, int]:
        """Where the input places end, if anything came since the beginning."""
        ends = await self._end_of((t, p) for t in self.inputs for p in range(PARTITIONS))
        return {place: end for place, end in ends.items() if end > self._began.get(place, 0)}

    async def make_anew(self, topic: str) -> None:
        """Delete, wait until it is gone, make again."""
        async with self._admin() as admin:
            await admin.delete_topics([topic])
            until = time.monotonic() + NEVER_S
            while topic in await admin.list_topics():
                assert time.monotonic() < until, "never came: the end of a topic"
                await asyncio.sleep(LOOK_S)
        await ensure_topics(self.settings)
        self._began = {place: 0 if place[0] == topic else at for place, at in self._began.items()}

    async def let_go(self, place: Place, before: int) -> None:
        """Retention."""
        async with self._admin() as admin:
            await admin.delete_records({TopicPartition(*place): RecordsToDelete(before)})
