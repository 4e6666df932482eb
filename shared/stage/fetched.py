"""What aiokafka fetched, as our code sees it."""

from aiokafka import ConsumerRecord

from shared.contracts.envelope import Record


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
