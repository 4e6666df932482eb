"""What aiokafka fetched, as our code sees it."""

from collections.abc import AsyncIterator, Mapping

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.contracts.envelope import Record

POLL_MS = 200  # how long a poll waits for news; short enough for Ctrl-C to feel at once


async def up_to(
    consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]
) -> AsyncIterator[Record]:
    """Every record from where the consumer stands up to these offsets, then stop."""
    left = {place for place in ends if await consumer.position(place) < ends[place]}
    while left:
        for place, found in (await consumer.getmany(timeout_ms=POLL_MS)).items():
            for each in found:
                if each.offset < ends[place]:
                    yield record_of(each)
        left = {place for place in left if await consumer.position(place) < ends[place]}


def record_of(found: "ConsumerRecord[bytes | None, bytes | None]") -> Record:
    """The record; headers as a tuple, so that nothing changes it on the way."""
    return Record(
        found.topic,
        found.partition,
        found.offset,
        found.timestamp,
        found.key,
        found.value,
        tuple(found.headers),
    )
