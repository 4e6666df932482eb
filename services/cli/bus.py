"""Kafka as a person at the command line uses it: read what lies there, follow, put something in.

No consumer group: whoever looks must not take anything from anyone.
"""

import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, KafkaError

from services.cli.failures import Unreachable
from services.cli.surroundings import settings
from shared.broker_access import Access, access
from shared.contracts.envelope import Outgoing, Record
from shared.contracts.identity import partition_of
from shared.contracts.topics import DEAD_LETTER_BYTES_MAX
from shared.errors import Refused
from shared.stage.fetched import POLL_MS, record_of, up_to

REQUEST_MS = 10_000


@dataclass(frozen=True, slots=True)
class Place:
    """A record in the log: "topic/partition/offset"."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


@asynccontextmanager
async def reader(bootstrap: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A connected consumer of no group; raises `Unreachable`."""
    hush()
    consumer = AIOKafkaConsumer(
        **_access(bootstrap),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        request_timeout_ms=REQUEST_MS,
    )
    try:
        await consumer.start()
    except KafkaError as error:
        await consumer.stop()
        raise _unreachable(bootstrap, error) from None
    try:
        yield consumer
    except KafkaConnectionError as error:
        raise _unreachable(bootstrap, error) from None
    finally:
        await consumer.stop()


@asynccontextmanager
async def writer(bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    """A connected producer; raises `Unreachable`."""
    hush()
    producer = AIOKafkaProducer(
        **_access(bootstrap),
        acks="all",
        enable_idempotence=True,
        max_request_size=DEAD_LETTER_BYTES_MAX * 2,
        request_timeout_ms=REQUEST_MS,
    )
    try:
        await producer.start()
    except KafkaError as error:
        await producer.stop()
        raise _unreachable(bootstrap, error) from None
    try:
        yield producer
    finally:
        await producer.stop()


async def put(producer: AIOKafkaProducer, output: Outgoing, *, null: bool = False) -> Place:
    """Produce one record where its key belongs, and wait until the broker has it."""
    partition = output.partition
    if partition is None and output.key is not None:
        count = len(await producer.partitions_for(output.topic))
        partition = partition_of(output.key, count)
    try:
        done = await producer.send_and_wait(
            output.topic,
            value=None if null else output.value,
            key=output.key,
            partition=partition,
            headers=list(output.headers),
        )
    except KafkaError as error:
        hint = "Look at the broker, then call again: the same message is the same complaint."
        raise Refused("not_produced", f"{output.topic}: {type(error).__name__}.", hint) from None
    return Place(done.topic, done.partition, done.offset)


async def there(bootstrap: str, names: Iterable[str]) -> list[TopicPartition]:
    """The partitions of those topics that exist; raises `Unreachable`."""
    hush()
    admin = AIOKafkaAdminClient(**_access(bootstrap), request_timeout_ms=REQUEST_MS)
    try:
        await admin.start()
        known = set(await admin.list_topics())
        described = await admin.describe_topics([name for name in names if name in known])
    except KafkaError as error:
        raise _unreachable(bootstrap, error) from None
    finally:
        await admin.close()
    return sorted(
        TopicPartition(topic["topic"], partition["partition"])
        for topic in described
        for partition in topic["partitions"]
    )


async def lying(
    consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition]
) -> AsyncIterator[Record]:
    """Every record that lies in these partitions now, then stop."""
    if not partitions:
        return
    consumer.assign(list(partitions))
    ends = await consumer.end_offsets(partitions)
    await consumer.seek_to_beginning(*partitions)
    async for record in up_to(consumer, ends):
        yield record


async def committed(bootstrap: str, group: str) -> dict[TopicPartition, int]:
    """How far a consumer group said that it was; raises `Unreachable`."""
    hush()
    admin = AIOKafkaAdminClient(**_access(bootstrap), request_timeout_ms=REQUEST_MS)
    try:
        await admin.start()
        offsets = await admin.list_consumer_group_offsets(group)
    except KafkaError as error:
        raise _unreachable(bootstrap, error) from None
    finally:
        await admin.close()
    return {place: found.offset for place, found in offsets.items() if found.offset >= 0}


async def in_time(records: AsyncIterator[Record]) -> AsyncIterator[Record]:
    """The same records, in the order the broker had them."""
    found = [record async for record in records]
    for record in sorted(found, key=lambda each: (each.timestamp_ms, each.topic, each.offset)):
        yield record


async def coming(
    consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition], *, from_start: bool
) -> AsyncIterator[Record]:
    """Records as they come, without end."""
    consumer.assign(list(partitions))
    if from_start:
        await consumer.seek_to_beginning(*partitions)
    else:
        await consumer.seek_to_end(*partitions)
    async for record in more(consumer):
        yield record


async def more(consumer: AIOKafkaConsumer) -> AsyncIterator[Record]:
    """Whatever comes from where the consumer stands, without end."""
    while True:
        for found in (await consumer.getmany(timeout_ms=POLL_MS)).values():
            for each in found:
                yield record_of(each)


async def at(bootstrap: str, place: Place) -> Record:
    """The record at a place; raises `Refused` when none lies there."""
    partition = TopicPartition(place.topic, place.partition)
    if partition not in await there(bootstrap, [place.topic]):
        raise _nothing_at(place)
    async with reader(bootstrap) as consumer:
        first = (await consumer.beginning_offsets([partition]))[partition]
        end = (await consumer.end_offsets([partition]))[partition]
        if first <= place.offset < end:
            consumer.assign([partition])
            consumer.seek(partition, place.offset)
            return record_of(await consumer.getone())
    raise _nothing_at(place)


def _nothing_at(place: Place) -> Refused:
    message = f"No record lies at {place}."
    return Refused("no_such_record", message, "`kulanse dlq list` tells which there are.")


def _unreachable(bootstrap: str, error: Exception) -> Unreachable:
    message = f"No Kafka broker answers at {bootstrap} ({type(error).__name__})."
    hint = "Start one with `kulanse up`, or set KULANSE_BOOTSTRAP."
    return Unreachable("broker_unreachable", message, hint)


def _access(bootstrap: str) -> Access:
    return access(settings().model_copy(update={"bootstrap": bootstrap}))


def hush() -> None:
    """The library tells every failed attempt on stderr; we tell the end of it, once."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
