"""A real broker's life: it keeps its data, and refuses what would harm it in one clear line."""

import os
import signal
import socket
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared.embedded import Broker, EmbeddedError, start_broker


async def _write(bootstrap: str, topic: str, *, value: bytes) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, 1)])
    finally:
        await admin.close()
    async with AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", max_request_size=len(value) + 1000
    ) as producer:
        await producer.send_and_wait(topic, value)


async def _first(bootstrap: str, topic: str) -> bytes | None:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    consumer.assign([TopicPartition(topic, 0)])
    async with consumer:
        return bytes((await consumer.getone()).value)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MB, where this machine lets us mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("a small disk takes the right to mount one")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


async def test_a_restart_keeps_the_data(tmp_path: Path) -> None:
    """What was acked before a stop would be gone after it, on another port or the same."""
    data, text = tmp_path / "data with å", uuid.uuid4().bytes
    with start_broker(data) as broker:
        await _write(broker.bootstrap, "kept", value=text)
    assert not broker.alive
    with start_broker(data) as again:
        assert text == await _first(again.bootstrap, "kept")


async def test_a_dead_letter_of_two_mebibytes_is_taken(broker: str) -> None:
    """The largest dead letter would stop the stage that writes it."""
    topic, value = f"large-{uuid.uuid4()}", os.urandom(2 * 1024 * 1024)
    await _write(broker, topic, value=value)
    assert value == await _first(broker, topic)


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    """A person would wait for Java to fail, and not learn why."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(EmbeddedError, match=f"Port {port} .*--port") as caught:
            start_broker(tmp_path / "data", port=port)
    assert caught.value.code == "port_taken"


def test_a_second_start_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    """Two brokers would write one log."""
    with start_broker(tmp_path / "data") as first:
        with pytest.raises(EmbeddedError, match="in use by another broker") as caught:
            start_broker(tmp_path / "data")
        assert (caught.value.code, first.alive) == ("in_use", True)


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    """A broker would be formatted into a person's own folder."""
    (tmp_path / "thesis.odt").write_text("years of work")
    with pytest.raises(EmbeddedError, match=r"thesis\.odt"):
        start_broker(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.odt"]


def test_data_of_a_newer_kafka_is_refused(tmp_path: Path) -> None:
    """An older broker would damage what a newer one wrote."""
    (tmp_path / "kafka-version").write_text("99.0.0\n")
    with pytest.raises(EmbeddedError, match=r"Kafka 99\.0\.0; this one is") as caught:
        start_broker(tmp_path)
    assert caught.value.code == "newer_data"


def test_a_broker_that_dies_at_its_start_says_why(tmp_path: Path) -> None:
    """A person would see a time-out instead of what Kafka said."""
    data = tmp_path / "data"
    with pytest.raises(EmbeddedError, match=r"log\.retention\.bytes") as caught:
        start_broker(data, properties={"log.retention.bytes": "many"})
    assert str(data.resolve() / "broker.log") in caught.value.hint


def test_a_full_disk_is_named(small_disk: Path) -> None:
    """A start would fail half-way and leave half a broker."""
    with pytest.raises(EmbeddedError, match=r"is full \(. MB free, 200 MB needed\)") as caught:
        start_broker(small_disk / "data")
    assert caught.value.code == "disk_full"


def test_a_broker_that_is_killed_is_seen(tmp_path: Path) -> None:
    """`kulanse up` would go on without its broker, or stop without a reason."""
    with start_broker(tmp_path / "data") as broker:
        os.kill(broker.pid, signal.SIGKILL)
        assert (broker.wait(5), broker.alive) == (137, False)
        assert str(broker.failure()).startswith("Kafka ended by itself with code 137")


def test_a_stopped_broker_can_be_stopped_again(tmp_path: Path) -> None:
    """A clean-up that runs twice would fail the second time, or leave Java."""
    broker: Broker = start_broker(tmp_path / "data")
    broker.stop()
    broker.stop()
    assert not broker.alive
