"""The client kits, each as a channel team runs it, before a door that is away at first."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn

from clients.python import kulanse_client as kit
from services.intake.doors.admit import Admission
from services.intake.doors.http import make_app
from services.intake.doors.keys import Keys, mint_key
from services.intake.doors.taking import Taking
from services.intake.policy import load
from shared.contracts.envelope import Outgoing
from shared.errors import Transient
from tests.core.hostile import GOOD
from tests.core.test_intake_http import SECRET

KITS = Path(__file__).resolve().parents[2] / "clients"


class Flaky:
    """A log that fails the first time after `fail_once`, and takes everything else."""

    def __init__(self) -> None:
        """Nothing was sent yet."""
        self.sent: list[Outgoing] = []
        self.failures = 0

    async def send(self, outputs: Sequence[Outgoing]) -> None:
        """Keep them, or fail as often as told."""
        if self.failures:
            self.failures -= 1
            raise Transient("TimeoutError")
        self.sent.extend(outputs)

    async def ready(self) -> bool:
        """Ready."""
        return True


@dataclass(frozen=True)
class Running:
    """A door that listens, what it was sent, and what a client is told."""

    url: str
    key: str
    out: Flaky

    @property
    def environment(self) -> dict[str, str]:
        """What the kits read."""
        return {**os.environ, "KULANSE_URL": self.url, "KULANSE_API_KEY": self.key}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A door on a port of its own, in a thread."""
    folder, out = tmp_path_factory.mktemp("door"), Flaky()
    key = mint_key(folder, "shop")
    app = make_app(Taking(Admission(load()[0], SECRET), out), Keys(folder).caller)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    yield Running(f"http://127.0.0.1:{listener.getsockname()[1]}", key, out)
    server.should_exit = True
    thread.join()


def at_once(_wait_s: float) -> None:
    """No pause."""


async def soon(_wait_s: float) -> None:
    """No pause, for asyncio."""


COMMANDS = {
    "curl": ["sh", str(KITS / "curl" / "send.sh")],
    "node": ["node", str(KITS / "node" / "send.mjs")],
    "java": ["java", str(KITS / "java" / "Send.java")],
}


@pytest.mark.parametrize("tool", COMMANDS)
def test_an_example_is_taken_after_a_503_and_refused_with_reasons(
    running: Running, tmp_path: Path, tool: str
) -> None:
    """A channel team would copy something that loses complaints, or hides why they are refused."""
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed here")
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps({**GOOD, "channel_message_id": tool}), encoding="utf-8")
    bad.write_text(json.dumps({**GOOD, "channel": "fax"}), encoding="utf-8")
    before, running.out.failures = len(running.out.sent), 1

    def called(path: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMANDS[tool], str(path)],
            env=running.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    taken = called(good)
    assert taken.returncode == 0, taken.stderr
    assert '"complaint_id"' in taken.stdout
    assert len(running.out.sent) == before + 1
    refused = called(bad)
    assert refused.returncode == 22, refused.stderr
    assert "literal_error" in refused.stdout


def test_the_python_kit(running: Running) -> None:
    """It would lose a complaint on a 503, or not say which line of a batch was wrong."""
    running.out.failures = 2
    with kit.Client(running.url, running.key, pause=at_once) as client:
        accepted = client.send(GOOD)
        assert accepted.channel_message_id == GOOD["channel_message_id"]
        assert client.state(accepted) == "accepted"
        answers = list(client.send_all([GOOD, {}, GOOD]))
        assert [type(each).__name__ for each in answers] == ["Accepted", "Rejected", "Accepted"]
        with pytest.raises(kit.Rejected) as refused:
            client.send({**GOOD, "channel": "fax"})
        assert [(p.code, p.field) for p in refused.value.problems] == [("literal_error", "channel")]
        running.out.failures = kit.TRIES
        with pytest.raises(kit.Unavailable):
            client.send(GOOD)


async def test_the_python_kit_for_asyncio(running: Running) -> None:
    """The asynchronous half would behave otherwise than the other."""
    running.out.failures = 1
    async with kit.AsyncClient(running.url, running.key, pause=soon) as client:
        accepted = await client.send(GOOD)
        assert await client.state(accepted) == "accepted"
        answers = await client.send_all([GOOD, {}])
        assert [type(each).__name__ for each in answers] == ["Accepted", "Rejected"]
        with pytest.raises(kit.Rejected):
            await client.send({})
