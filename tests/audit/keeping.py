"""What is kept of a run that found something: beside seed and logs, every record of its topics."""

import base64
from pathlib import Path

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.cli.demo.feed import READ
from shared.settings import Settings


async def dumped(settings: Settings, path: Path) -> int:
    """Write every record that lies on a topic, a line each: how many."""
    many = 0
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.bootstrap, enable_auto_commit=False)
    async with consumer:
        places = [
            TopicPartition(topic.name, partition)
            for topic in READ
            for partition in range(topic.partitions or settings.partitions)
        ]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        with path.open("wb") as lines:
            while [tp for tp in places if await consumer.position(tp) < ends[tp]]:
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    for record in records:
                        lines.write(orjson.dumps(_line(record)) + b"\n")
                        many += 1
    return many


def _line(record: object) -> dict[str, object]:
    names = ("topic", "partition", "offset", "timestamp", "key", "value", "headers")
    return {name: _plain(getattr(record, name)) for name in names}


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
