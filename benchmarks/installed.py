"""A whole installation to be measured: broker, four stages with their ledgers, the desk if asked.

`book` payments, file outbox, SQLite: nothing outside. It shares two cores with its broker and load.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.watching import cpu_s
from services.cli.installation.keys import keys
from services.cli.installation.parts import parts
from services.cli.installation.readiness import await_ready
from services.cli.installation.supervisor import Supervisor
from services.cli.installation.wanted import exported
from shared.embedded import start_broker
from shared.embedded.probe import free_port
from shared.settings import Settings
from shared.stage.broker import ensure_topics

CORES = 2
MB = 1024
STAGES = ("intake", "triage", "recovery", "notify")
DESK = ("desk", "desk-door")


@dataclass(frozen=True, slots=True)
class Place:
    """A running installation, and its processes by name, the broker's and the load's too."""

    settings: Settings
    pids: dict[str, int]

    def cpu_s(self) -> dict[str, float]:
        """What each has spent so far."""
        return {name: cpu_s(pid) for name, pid in self.pids.items()}

    def rss_mb(self) -> dict[str, float]:
        """What each had in memory at most."""
        return {name: round(_peak_kb(pid) / MB, 1) for name, pid in self.pids.items()}


@asynccontextmanager
async def installed(*, desk: bool) -> AsyncIterator[Place]:
    """Everything ready; ended and thrown away afterwards."""
    with (
        _two_cores(),
        tempfile.TemporaryDirectory(prefix="kulanse-bench-") as folder,
        start_broker(Path(folder) / "kafka") as broker,
    ):
        settings = Settings(
            bootstrap=broker.bootstrap,
            state_dir=Path(folder),
            partitions=4,
            intake_port=free_port(),
            desk_port=free_port(),
        )
        wanted = STAGES + (DESK if desk else ())
        with _environment(exported(settings)):
            await ensure_topics(settings)
            await asyncio.to_thread(keys, settings)
            each = [part for part in parts(settings) if part.name in wanted]
            supervisor = Supervisor(each, Path(folder) / "logs", print)
            try:
                await supervisor.start()
                await await_ready(each, supervisor, say=_quiet)
                ours = {"broker": broker.pid, "load": os.getpid()}
                yield Place(settings, {**supervisor.pids, **ours})
            finally:
                await asyncio.to_thread(supervisor.stop)


def _quiet(_words: str) -> None:
    return


@contextmanager
def _two_cores() -> Iterator[None]:
    """On a larger machine, too: what is started inherits it."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(sorted(before)[:CORES]))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def _environment(given: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(given)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _peak_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
