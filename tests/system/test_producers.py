"""What a channel team has already, on a real broker: the CloudEvents SDK, Kafka's console."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from cloudevents.core.bindings.kafka import KafkaMessage, to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from services.cli.demo.feed import Reader
from shared.contracts.registered import ComplaintRegistered
from shared.contracts.submitted import ComplaintSubmitted
from shared.contracts.topics import SUBMITTED
from shared.settings import Settings
from tests.system.stack import Stack

CONSOLE = "/opt/kafka/bin/kafka-console-producer.sh"
WAIT_S = 60.0
WAYS = ("binary", "structured", "console")


def complaint(way: str) -> dict[str, object]:
    """What is complained of, a message of its own for each way."""
    return {
        "channel": "web",
        "channel_message_id": f"producer-{way}",
        "received_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "complainant": {"email": f"{way}@example.com"},
        "text": "Kaffetraktaren lek vatn utover heile benken, og eg vil ha ein ny.",
    }


def made_by_the_sdk(way: str) -> KafkaMessage:
    """The complaint as a partner's own library writes it."""
    attributes = {"type": ComplaintSubmitted.TYPE, "source": "//shop.example.com"}
    event = CloudEvent(attributes=attributes, data=complaint(way))
    return (to_binary if way == "binary" else to_structured)(event, JSONFormat())


@pytest.fixture
def settings(whole: tuple[Stack, object], folder: Path) -> Settings:
    """The installation as a process on this host reaches it."""
    return whole[0].settings(folder)


async def send(settings: Settings, message: KafkaMessage) -> None:
    """As anybody's producer does: no key of ours, whatever partition comes."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.bootstrap)
    await producer.start()
    try:
        headers = [(name, value) for name, value in message.headers.items()]
        await producer.send_and_wait(SUBMITTED.name, value=message.value, headers=headers)
    finally:
        await producer.stop()


async def test_what_others_produce_is_registered(stack: Stack, settings: Settings) -> None:
    """A partner would have to take a client of ours, or a first try by hand would be lost."""
    reader = Reader(settings)
    await reader.start(at_end=True)
    try:
        for way in WAYS[:2]:
            await send(settings, made_by_the_sdk(way))
        line = json.dumps(complaint("console")) + "\n"
        words = ("--bootstrap-server", "kafka:9092", "--topic", SUBMITTED.name)
        stack.compose("exec", "-T", "kafka", CONSOLE, *words, given=line)
        found: set[str] = set()
        deadline_s = time.monotonic() + WAIT_S
        while len(found) < len(WAYS) and time.monotonic() < deadline_s:
            await reader.read()
            data = (event.data for event in reader.feed.events)
            found = {d.channel_message_id for d in data if isinstance(d, ComplaintRegistered)}
        assert found == {f"producer-{way}" for way in WAYS}
        assert reader.feed.dead == []
    finally:
        await reader.stop()
