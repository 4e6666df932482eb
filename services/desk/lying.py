"""What lies on topics that the desk's stage does not fold, read when somebody opens a page of it.

Dead letters, which are sent again when somebody says so, and the measures against causes.

No consumer group: whoever looks takes nothing from anyone. Nothing is kept of what was read.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
)

from shared.broker_access import access
from shared.contracts.codec import decode
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event, Outgoing, Record
from shared.contracts.identity import partition_of
from shared.contracts.topics import DEAD_LETTER_BYTES_MAX, DEAD_LETTERS, MEASURES, Topic
from shared.errors import Invalid, Refused, Transient
from shared.settings import Settings
from shared.stage.deadletter import WHOSE, opened_letter
from shared.stage.fetched import record_of, up_to
from shared.stage.letter import DeadLetter
from shared.stage.sealing import UNSEALED, Seals

WAIT_S_MAX = 8.0  # a person's patience with a page
_NOT_OURS = (TopicAuthorizationFailedError, GroupAuthorizationFailedError)


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest letters, what their senders wrote left out, and how many lie there in all."""

    letters: tuple[DeadLetter, ...]
    lying: int


class Lying:
    """The topic, through a connection of its own for each look."""

    def __init__(self, settings: Settings, vault: Seals = UNSEALED) -> None:
        """`vault` opens what is sealed, where the key is still there."""
        self._settings, self._vault = settings, vault

    async def newest(self, most: int) -> Newest:
        """Of each partition at most so many; raises `Transient`, `Refused`."""
        async with self._consumer() as consumer:
            places = await self._places(DEAD_LETTERS)
            if not places:
                return Newest((), 0)
            begins = await consumer.beginning_offsets(places)
            ends = await consumer.end_offsets(places)
            consumer.assign(places)
            for place in places:
                consumer.seek(place, max(begins[place], ends[place] - most))
            found = [replace(each, value=None) async for each in up_to(consumer, ends)]
            ordered = sorted(found, key=lambda each: (-each.timestamp_ms, each.offset))
            lying = sum(ends[place] - begins[place] for place in places)
            return Newest(tuple(DeadLetter(each) for each in ordered), lying)

    async def one(self, partition: int, offset: int) -> DeadLetter | None:
        """The letter there, as its sender wrote it; None: none lies there."""
        place = TopicPartition(DEAD_LETTERS.name, partition)
        async with self._consumer() as consumer:
            if place not in await self._places(DEAD_LETTERS):
                return None
            first = (await consumer.beginning_offsets([place]))[place]
            if not first <= offset < (await consumer.end_offsets([place]))[place]:
                return None
            consumer.assign([place])
            consumer.seek(place, offset)
            record = record_of(await consumer.getone())
        return await asyncio.to_thread(self._opened, record) if record.offset == offset else None

    async def send(self, output: Outgoing, *, null: bool) -> None:
        """Produce it where its key belongs; return once the broker has it."""
        partition = output.partition
        if partition is None and output.key is not None:
            partition = partition_of(output.key, self._settings.partitions)
        producer = AIOKafkaProducer(
            **access(self._settings),
            acks="all",
            enable_idempotence=True,
            max_request_size=DEAD_LETTER_BYTES_MAX * 2,
            request_timeout_ms=int(WAIT_S_MAX * 1000),
        )
        with _told():
            try:
                async with asyncio.timeout(WAIT_S_MAX):
                    await producer.start()
                    await producer.send_and_wait(
                        output.topic,
                        value=None if null else output.value,
                        key=output.key,
                        partition=partition,
                        headers=list(output.headers),
                    )
            finally:
                await producer.stop()

    async def measures(self) -> tuple[Event[Contract], ...]:
        """Every word on a measure that the topic still has; raises `Transient`, `Refused`."""
        async with self._consumer() as consumer:
            places = await self._places(MEASURES)
            if not places:
                return ()
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            ends = await consumer.end_offsets(places)
            found = [record async for record in up_to(consumer, ends)]
        return tuple(_events(found))

    async def _places(self, topic: Topic) -> list[TopicPartition]:
        """The partitions there are; none where nothing ever fell."""
        name = topic.name
        admin = AIOKafkaAdminClient(**access(self._settings))
        try:
            await admin.start()
            known = name in await admin.list_topics()
            found = await admin.describe_topics([name]) if known else []
        finally:
            await admin.close()
        numbers = sorted(each["partition"] for one in found for each in one["partitions"])
        return [TopicPartition(name, number) for number in numbers]

    def _opened(self, record: Record) -> DeadLetter:
        self._vault.know_keys({dict(record.headers).get(WHOSE, b"").decode()} - {""})
        found = opened_letter(record, self._vault)
        return DeadLetter(found or record, found is None)

    @asynccontextmanager
    async def _consumer(self) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = AIOKafkaConsumer(
            **access(self._settings),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            request_timeout_ms=int(WAIT_S_MAX * 1000),
        )
        with _told():
            try:
                async with asyncio.timeout(WAIT_S_MAX):
                    await consumer.start()
                    yield consumer
            finally:
                await consumer.stop()


@contextmanager
def _told() -> Iterator[None]:
    """The library's failures as ours: not now, or not with this login."""
    try:
        yield
    except _NOT_OURS as error:
        message = f"The desk's login may not do that ({type(error).__name__})."
        hint = "Ask whoever runs the installation: `kulanse dlq`."
        raise Refused("not_this_login", message, hint) from None
    except (KafkaError, OSError, TimeoutError) as error:
        raise Transient(type(error).__name__) from error


def _events(records: Iterable[Record]) -> Iterator[Event[Contract]]:
    for record in records:
        with suppress(Invalid):
            yield decode(record)
