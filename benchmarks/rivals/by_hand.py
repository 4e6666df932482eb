"""What a careful engineer writes in an afternoon, with aiokafka alone: consume, decode, decide,
encode, produce, await, commit. It keeps its history in memory: a crash would lose what it knows.
"""

from typing import TypeVar

import uvloop
from aiokafka import AIOKafkaConsumer

from benchmarks.rivals.answering import Answering
from shared.settings import Settings
from shared.stage.fetched import record_of
from shared.stage.producer import KafkaSink
from shared.stage.shell import calm_collector
from shared.stage.stage import Stage

P = TypeVar("P")
RECORDS_MAX = 2_000  # as many as a round of ours
POLL_MS = 200


def run(stage: Stage[P], settings: Settings, *, group: str) -> None:
    """For ever."""
    uvloop.run(_consume(stage, settings, group=group))


async def _consume(stage: Stage[P], settings: Settings, *, group: str) -> None:
    consumer, sink = await started(stage, settings, group=group), KafkaSink(settings)
    answering = Answering(stage)
    while True:
        polled = await consumer.getmany(timeout_ms=POLL_MS, max_records=RECORDS_MAX)
        found = [record_of(record) for records in polled.values() for record in records]
        if found:
            await sink.send([output for record in found for output in answering.outputs(record)])
            await consumer.commit()


async def started(stage: Stage[P], settings: Settings, *, group: str) -> AIOKafkaConsumer:
    """A consumer of the stage's inputs, from their beginning."""
    consumer = AIOKafkaConsumer(
        *(topic.name for topic in stage.inputs),
        bootstrap_servers=settings.bootstrap,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    await consumer.start()
    calm_collector()
    return consumer
