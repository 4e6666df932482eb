"""All that lies on the topics, from the beginning, as it comes: what everything here is told from.

A consumer without a group: it commits nothing and disturbs nobody.
"""

import time
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.cli.sealed import opened, vault_of
from shared.broker_access import access
from shared.contracts.codec import decode
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event, Record
from shared.contracts.topics import (
    CONTROLS,
    DEAD_LETTER_BYTES_MAX,
    DEAD_LETTERS,
    ORDERS_FACTS,
    SUBMITTED,
    TOPICS,
)
from shared.errors import Invalid
from shared.settings import Settings
from shared.stage.fetched import record_of

LOOK_MS = 200
READ = tuple(topic for topic in TOPICS if topic not in (CONTROLS, ORDERS_FACTS))


@dataclass(slots=True)
class Feed:
    """What was read so far. `submitted` counts records, whatever they hold."""

    events: list[Event[Contract]] = field(default_factory=list)
    submitted: int = 0
    dead: list[dict[str, str]] = field(default_factory=list)
    unread: int = 0
    moved_s: float = field(default_factory=time.monotonic)

    def take(self, record: Record) -> None:
        """One record, whatever it is."""
        self.moved_s = time.monotonic()
        if record.topic == DEAD_LETTERS.name:
            told = {n: v.decode("utf-8", "replace") for n, v in record.headers}
            self.dead.append({n[3:]: v for n, v in told.items() if n.startswith("dl_")})
        elif record.topic == SUBMITTED.name:
            self.submitted += 1
        else:
            self._decoded(record)

    def _decoded(self, record: Record) -> None:
        try:
            self.events.append(decode(record))
        except Invalid:
            self.unread += 1  # of a newer version, or not ours: never a reason to stop looking

    @property
    def quiet_s(self) -> float:
        """For how long nothing has come."""
        return time.monotonic() - self.moved_s


class Reader:
    """Reads into a feed until cancelled."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is read yet."""
        self.feed, self._vault = Feed(), vault_of(settings)
        self._partitions = settings.partitions
        self._consumer = AIOKafkaConsumer(
            **access(settings),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=2 * DEAD_LETTER_BYTES_MAX,
        )

    async def start(self, *, at_end: bool = False) -> None:
        """Connect; read from the beginning, or only what comes from now on."""
        await self._consumer.start()
        partitions = [
            TopicPartition(topic.name, partition)
            for topic in READ
            for partition in range(topic.partitions or self._partitions)
        ]
        self._consumer.assign(partitions)
        if at_end:
            await self._consumer.seek_to_end()
            # The position is fetched only when asked for: what is sent meanwhile must be seen.
            for each in partitions:
                await self._consumer.position(each)
        else:
            await self._consumer.seek_to_beginning()

    async def run(self) -> None:
        """Read for ever."""
        while True:
            await self.read()

    async def read(self) -> int:
        """One look: how many records came."""
        found = await self._consumer.getmany(timeout_ms=LOOK_MS)
        records = [record_of(each) for batch in found.values() for each in batch]
        before = len(self.feed.events)
        for record in records:
            self.feed.take(record)
        self.feed.events[before:] = opened(self._vault, self.feed.events[before:])
        return len(records)

    async def stop(self) -> None:
        """Leave."""
        await self._consumer.stop()
        self._vault.close()
