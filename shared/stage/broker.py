"""The broker from outside: wait for it, make the topics, check their partitions."""

import asyncio
from collections.abc import Iterable

import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError

from shared.broker_access import access
from shared.contracts.topics import TOPICS, Topic
from shared.errors import Refused
from shared.settings import Settings

WAIT_S_FIRST, WAIT_S_MAX = 0.25, 10.0
ADMIN = "admin"


async def wait_for_broker(settings: Settings) -> AIOKafkaAdminClient:
    """A connected admin client, however long it takes; says so while it waits."""
    wait_s = WAIT_S_FIRST
    while True:
        admin = AIOKafkaAdminClient(**access(settings))
        try:
            await admin.start()
        except KafkaError as error:
            await admin.close()
            _say_waiting(settings, error, wait_s=wait_s)
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, WAIT_S_MAX)
        else:
            return admin


def _say_waiting(settings: Settings, error: KafkaError, *, wait_s: float) -> None:
    structlog.get_logger().warning(
        "waiting_for_broker",
        bootstrap=settings.bootstrap,
        error=type(error).__name__,
        again_in_s=wait_s,
    )


async def ensure_topics(settings: Settings, more: Iterable[str] = ()) -> None:
    """Make what is missing; what is there is left as it is."""
    admin = await wait_for_broker(settings)
    try:
        there = set(await admin.list_topics())
        wanted = [(topic.name, topic) for topic in TOPICS]
        wanted += [(name, TOPICS[0]) for name in more]
        missing = [
            _new(name, topic, settings=settings) for name, topic in wanted if name not in there
        ]
        # A service that logs in has no right to make topics: whoever may has made them before.
        if missing and (settings.kafka_security == "plaintext" or settings.kafka_username == ADMIN):
            await _create(admin, missing)
    finally:
        await admin.close()


async def _create(admin: AIOKafkaAdminClient, missing: list[NewTopic]) -> None:
    try:
        await admin.create_topics(missing)
    except TopicAlreadyExistsError:
        return  # another process was as quick


def _new(name: str, topic: Topic, *, settings: Settings) -> NewTopic:
    return NewTopic(
        name,
        num_partitions=topic.partitions or settings.partitions,
        replication_factor=settings.replication,
        topic_configs={
            "retention.ms": str(topic.retention_ms),
            "cleanup.policy": "compact" if topic.compacted else "delete",
            "max.message.bytes": str(topic.record_bytes_max),
        },
    )


async def check_partitions(settings: Settings, names: Iterable[str]) -> None:
    """All inputs of a stage have the same number of partitions; else `Refused`."""
    admin = await wait_for_broker(settings)
    try:
        described = await admin.describe_topics(sorted(names))
    finally:
        await admin.close()
    counts = {topic["topic"]: len(topic["partitions"]) for topic in described}
    wrong = {name: count for name, count in counts.items() if count != settings.partitions}
    if wrong:
        listed = ", ".join(f"{name} has {count}" for name, count in sorted(wrong.items()))
        raise Refused(
            "unequal_partitions",
            f"Inputs need {settings.partitions} partitions each, but {listed}.",
            "Set KULANSE_PARTITIONS to what they have, or see docs/guides/partitions.md.",
        )
