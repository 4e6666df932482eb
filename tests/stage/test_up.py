"""`kulanse up`: what it starts ends with it, however it ends; what exits is started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest

from services.cli.installation.parts import STAGES

_ROOT = Path(__file__).resolve().parents[2]
_READY_S_MAX = 180.0
_GONE_S_MAX = 40.0  # the children's own 20 s, Kafka's 10 s, and a slow machine
_CHILDREN = ("services.", "kafka.Kafka", "keeper.py")


@contextmanager
def up(state_dir: Path) -> Iterator["subprocess.Popen[str]"]:
    """A running installation, ready; killed at the end if it still runs."""
    command = [sys.executable, "-m", "services", "up", "--state-dir", str(state_dir)]
    ports = ["--port", "0", "--intake-port", "0", "--desk-port", "0"]
    with subprocess.Popen(
        [*command, *ports], cwd=_ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            _await_ready(process)
            yield process
        finally:
            process.kill()


def _await_ready(process: "subprocess.Popen[str]") -> None:
    assert process.stderr is not None
    deadline = time.monotonic() + _READY_S_MAX
    said = []
    for line in process.stderr:
        said.append(line)
        if line.startswith("now yours"):
            return
        assert time.monotonic() < deadline, said
    pytest.fail(f"it ended: {said}")


def _children(state_dir: Path) -> set[int]:
    """Every process that belongs to this installation, from what it was told to use."""
    found = set()
    mark = f"KULANSE_STATE_DIR={state_dir}".encode()
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal() and int(folder.name) != os.getpid():
            found |= {int(folder.name)} if _belongs(folder, mark, state_dir=state_dir) else set()
    return found


def _belongs(folder: Path, mark: bytes, *, state_dir: Path) -> bool:
    try:
        words = (folder / "cmdline").read_bytes()
        environment = (folder / "environ").read_bytes()
    except OSError:
        return False
    of_kafka = str(state_dir / "kafka").encode() in words
    return (mark in environment or of_kafka) and any(c.encode() in words for c in _CHILDREN)


def _left(state_dir: Path) -> set[int]:
    deadline = time.monotonic() + _GONE_S_MAX
    while time.monotonic() < deadline:
        left = _children(state_dir)
        if not left:
            return left
        time.sleep(0.2)
    return _children(state_dir)


@pytest.mark.skipif(sys.platform != "linux", reason="finds the children in Linux's /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_it(tmp_path: Path, number: signal.Signals) -> None:
    """A stop or a crash would leave services that go on working, and a port that is taken."""
    with up(tmp_path) as process:
        started = _children(tmp_path)
        process.send_signal(number)
        code = process.wait(_GONE_S_MAX)
        assert _left(tmp_path) == set()
        assert len(started) >= len(("intake", "triage", "recovery", "notify", "desk", "doors", "k"))
        assert code == (0 if number == signal.SIGTERM else -signal.SIGKILL)


def test_what_exits_is_started_again_and_found_by_the_others(tmp_path: Path) -> None:
    """A crashed stage would stay away until a person looks; the live view would show nothing."""
    with up(tmp_path) as process:
        found = orjson.loads((tmp_path / "running.json").read_bytes())
        assert process.stderr is not None
        live = next(line for line in process.stderr if " behind" in line)
        assert all(f"{name} 0 done 0 behind" in live for name in STAGES), live
        assert live.endswith("0 cases wait for people, 0 for a signature\n")
        os.kill(found["pids"]["triage"], signal.SIGKILL)
        said = next(line for line in process.stderr if line.startswith("triage ended"))
        assert "again in 0.5 s" in said
        process.send_signal(signal.SIGTERM)
        assert process.wait(_GONE_S_MAX) == 0
        assert not (tmp_path / "running.json").exists()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--demo", "0", "--exit"], "out_of_range"),
        (["--exit"], "demo_missing"),
        (["--demo", "many"], "usage"),
    ],
)
def test_what_cannot_be_meant_is_said_in_one_line(options: list[str], code: str) -> None:
    """A person would wait for a start that can only disappoint her."""
    done = subprocess.run(
        [sys.executable, "-m", "services", "up", *options],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (len(done.stderr.splitlines()), min(done.returncode, 1)) == (1, 1)
    assert f"[{code}]" in done.stderr
