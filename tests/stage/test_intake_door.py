"""The HTTP door as a process of its own, before a real broker and before none."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.intake.decode import make_decode
from services.intake.doors.keys import mint_key
from services.intake.model import Received
from services.intake.policy import load
from services.intake.secret import key_secret
from shared.contracts.envelope import Record
from shared.contracts.export import EXAMPLES
from shared.contracts.topics import SUBMITTED
from shared.embedded.probe import free_port
from shared.settings import Settings
from shared.stage.broker import ensure_topics

GOOD = (EXAMPLES / "kulanse.complaint.submitted.v1" / "good-nn.json").read_bytes()
JSON = {"Content-Type": "application/json"}
PARTITIONS = 12
START_S = 20.0


@dataclass(frozen=True)
class Door:
    """A running door, a client with a key, and where its files lie."""

    process: subprocess.Popen[bytes]
    client: httpx.Client
    settings: Settings
    log: Path

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.settings.intake_port


def started(settings: Settings, log: Path) -> subprocess.Popen[bytes]:
    """The door as `kulanse up` starts it."""
    environment = {
        **os.environ,
        "KULANSE_BOOTSTRAP": settings.bootstrap,
        "KULANSE_STATE_DIR": str(settings.state_dir),
        "KULANSE_INTAKE_PORT": str(settings.intake_port),
    }
    with log.open("wb") as file:
        command = [sys.executable, "-m", "services.intake", "door"]
        return subprocess.Popen(command, env=environment, stderr=file, stdout=file)


@contextmanager
def opened(bootstrap: str, folder: Path) -> Iterator[Door]:
    """A door that answers, with a key of the shop; ended afterwards."""
    settings = Settings(
        bootstrap=bootstrap, state_dir=folder, intake_port=free_port(), partitions=PARTITIONS
    )
    key = mint_key(folder, "shop", scopes=["orders:assert"])
    process = started(settings, folder / "door.log")
    url = f"http://127.0.0.1:{settings.intake_port}"
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30) as http:
        door = Door(process, http, settings, folder / "door.log")
        try:
            wait_until_healthy(door)
            yield door
        finally:
            process.kill()
            process.wait()


def wait_until_healthy(door: Door) -> None:
    """Return when it answers; fail with its log when it does not."""
    until = time.monotonic() + START_S
    while time.monotonic() < until and door.process.poll() is None:
        try:
            if door.client.get("/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    pytest.fail(door.log.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def door(broker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """A door before the ring's broker."""
    asyncio.run(ensure_topics(Settings(bootstrap=broker, partitions=PARTITIONS)))
    with opened(broker, tmp_path_factory.mktemp("door")) as running:
        yield running


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Door]:
    """A door before no broker at all."""
    with opened(f"127.0.0.1:{free_port()}", tmp_path) as running:
        yield running


async def submitted(bootstrap: str) -> list[Record]:
    """Everything that lies in complaints.submitted."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        places = [TopicPartition(SUBMITTED.name, n) for n in range(PARTITIONS)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found: list[Record] = []
        while len(found) < sum(ends.values()):
            for some in (await consumer.getmany(timeout_ms=500)).values():
                found += [
                    Record(
                        r.topic,
                        r.partition,
                        r.offset,
                        r.timestamp,
                        r.key,
                        r.value,
                        tuple(r.headers),
                    )
                    for r in some
                ]
        return found
    finally:
        await consumer.stop()


def taken_in(door: Door) -> list[Received]:
    """What the stage makes of every record that lies there."""
    decode = make_decode(key_secret(door.settings), load()[0])
    records = asyncio.run(submitted(door.settings.bootstrap))
    return [decode(record).data for record in records]


def test_after_202_the_record_is_in_the_topic(door: Door) -> None:
    """A complaint that was accepted would be lost."""
    answer = door.client.post("/v1/complaints", content=GOOD, headers=JSON)
    assert answer.status_code == 202
    mine = [m for m in taken_in(door) if m.complaint_id == answer.json()["complaint_id"]]
    assert [(m.source, m.vouched) for m in mine] == [("shop", True)]


def test_a_batch_lies_in_the_topic(door: Door) -> None:
    """Some lines of a batch would be accepted and lost."""
    lines = [json.dumps({**json.loads(GOOD), "channel_message_id": f"b-{n}"}) for n in range(50)]
    headers = {"Content-Type": "application/x-ndjson"}
    answer = door.client.post("/v1/complaints:batch", content="\n".join(lines), headers=headers)
    ids = {each["complaint_id"] for each in answer.json()}
    assert len(ids) == 50
    assert ids <= {message.complaint_id for message in taken_in(door)}


def test_ready_when_the_broker_answers(door: Door) -> None:
    """A load balancer would send complaints to a door that cannot take them."""
    assert door.client.get("/ready").status_code == 200


HEAD = b"POST /v1/complaints HTTP/1.1\r\nHost: x\r\n"
HOSTILE = {
    "not HTTP": b"\x16\x03\x01\x00\xa5\x01\x00\x00",
    "two lengths": HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "length and chunks": HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "bad chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzzzz\r\n",
    "a huge header": HEAD + b"X-Long: " + b"a" * 70_000 + b"\r\n\r\n",
    "many headers": HEAD + b"".join(b"X-%d: 1\r\n" % n for n in range(10_000)) + b"\r\n",
    "a lie about the length": HEAD + b"Content-Length: 99999999999999999999999\r\n\r\n{}",
    "no host": b"POST /v1/complaints HTTP/1.1\r\n\r\n",
    "CONNECT": b"CONNECT example.com:80 HTTP/1.1\r\nHost: x\r\n\r\n",
    "gone at once": HEAD + b"Content-Length: 100\r\n\r\n{",
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_the_door_outlives_hostile_connections(door: Door, raw: bytes) -> None:
    """A broken client would end the door for everybody."""
    with socket.create_connection(("127.0.0.1", door.port), timeout=5) as connection:
        try:
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(65_536)
        except (ConnectionError, TimeoutError):
            answer = b""
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
    assert door.client.get("/health").status_code == 200


def test_a_slow_body_is_turned_away(door: Door) -> None:
    """A handful of slow clients would keep everybody else out."""
    authorization = door.client.headers["authorization"].encode()
    head = HEAD + b"Authorization: " + authorization + b"\r\n"
    head += b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    with socket.create_connection(("127.0.0.1", door.port), timeout=15) as connection:
        connection.sendall(head)
        assert connection.recv(65_536).startswith(b"HTTP/1.1 408")


def test_without_a_broker_it_says_so(alone: Door) -> None:
    """A door that starts before the broker would die, or accept and lose."""
    answer = alone.client.post("/v1/complaints", content=GOOD, headers=JSON)
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    assert answer.json()["code"] == "broker_unavailable"
    assert alone.client.get("/ready").status_code == 503
    assert alone.client.get("/health").status_code == 200


def test_told_to_stop_it_stops_cleanly(alone: Door) -> None:
    """An upgrade would cut requests, or wait until it is killed."""
    alone.process.send_signal(signal.SIGTERM)
    assert alone.process.wait(timeout=15) == 0


def test_a_taken_port_is_one_clear_line(alone: Door, tmp_path: Path) -> None:
    """An operator would read a traceback to learn that a port is taken."""
    log = tmp_path / "second.log"
    second = started(alone.settings, log)
    assert second.wait(timeout=START_S) == 78
    said = log.read_text(encoding="utf-8")
    assert "KULANSE_INTAKE_PORT" in said
    assert "Traceback" not in said


def test_the_log_holds_no_trace_and_nobodys_words(door: Door) -> None:
    """A log would keep for years what the topic keeps for a month."""
    door.client.post("/v1/complaints", content=GOOD, headers=JSON)
    door.client.post("/v1/complaints", content=GOOD[:-5], headers=JSON)
    said = door.log.read_text(encoding="utf-8")
    assert "complaint_taken" in said
    for never in ("Traceback", "gunnvor", "storleik", door.client.headers["authorization"][7:]):
        assert never not in said
