"""Java never outlives whoever wanted it, however that one ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from shared.embedded import start_broker

_ROOT = Path(__file__).resolve().parents[2]
_GONE_S_MAX = 15.0
# It also forks a child that lives on: such a child holds every pipe of its parent.
_PARENT = """
import os, sys, time
from pathlib import Path
from shared.embedded import start_broker
with start_broker(Path(sys.argv[1])) as broker:
    if len(sys.argv) > 2 and os.fork() == 0:
        os.close(1)
        time.sleep(30)
        os._exit(0)
    print(broker.pid, flush=True)
    time.sleep(60)
"""


@contextmanager
def _parent(data: Path, *extra: str) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """A process that runs a broker, and its Java's process id."""
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(data), *extra],
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process, int(process.stdout.readline())
        finally:
            with suppress(ProcessLookupError):  # the forked child too: it is of this session
                os.killpg(process.pid, signal.SIGKILL)


def _gone(pid: int) -> bool:
    deadline = time.monotonic() + _GONE_S_MAX
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_java_ends_with_its_parent(tmp_path: Path, number: signal.Signals) -> None:
    """Every crash of `kulanse up` would leave 400 MB of Java and a port behind."""
    with _parent(tmp_path / "data") as (process, java):
        process.send_signal(number)
        process.wait(_GONE_S_MAX)
        assert _gone(java)


def test_java_ends_although_a_forked_child_holds_the_pipe(tmp_path: Path) -> None:
    """A worker forked by the parent would keep Java alive after the parent's death."""
    with _parent(tmp_path / "data", "fork") as (process, java):
        process.kill()
        process.wait(_GONE_S_MAX)
        assert _gone(java)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_java_ends_with_its_keeper(tmp_path: Path) -> None:
    """`killall python` would leave Java, because it kills the keeper as well."""
    with _parent(tmp_path / "data") as (_process, java):
        status = Path(f"/proc/{java}/status").read_text()
        keeper = int(status.partition("PPid:")[2].split()[0])
        os.kill(keeper, signal.SIGKILL)
        assert _gone(java)


def test_the_folder_is_free_again_after_a_kill(tmp_path: Path) -> None:
    """After a crash a person would be told that the folder is still in use."""
    with _parent(tmp_path / "data") as (process, _java):
        process.kill()
        process.wait(_GONE_S_MAX)
        with start_broker(tmp_path / "data") as broker:
            assert broker.alive


def test_the_command_prints_where_it_listens_and_ends_when_asked(tmp_path: Path) -> None:
    """`python -m shared.embedded start` in a script could be neither used nor stopped."""
    command = [sys.executable, "-m", "shared.embedded", "start", "--port", "0", "--data-dir"]
    with subprocess.Popen(
        [*command, str(tmp_path / "data")], cwd=_ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        bootstrap = process.stdout.readline()
        process.terminate()
        assert (bootstrap.partition(":")[0], process.wait(_GONE_S_MAX)) == ("127.0.0.1", 0)
