"""One run: a rival at a stage's inputs on a broker of its own, to its last output."""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from benchmarks.events import SECRET
from benchmarks.rivals.answering import Answering
from benchmarks.watching import Failed, Wanted, tail, watched
from services.cli.installation.supervisor import last_words
from services.cli.stages import parts
from shared.contracts.envelope import Outgoing, Record
from shared.embedded import start_broker
from shared.settings import Settings
from shared.stage.broker import ensure_topics
from shared.stage.producer import KafkaSink

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = {
    "intake": "complaints.registered",
    "triage": "complaints.triaged",
    "recovery": "recoveries",
    "notify": "notifications",
}
# An environment of its own: `make bench` makes it from requirements/bench.lock.
PYTHON = {"quix": str(ROOT / ".venv-bench" / "bin" / "python")}
# Whoever needs longer is cut there; its pace is that of the outputs until then.
RUN_S_MAX = float(os.environ.get("BENCH_RUN_S_MAX", "10"))
LOAD_PART = 2_000
Made = dict[str, list[Outgoing]]


class Pace(NamedTuple):
    """How one run went: events/s by the clock, and CPU of the process per event."""

    per_s: float
    cpu_us: float


class Where(NamedTuple):
    """Of one process: its core, its ledger's folder, where it writes when it began, its log."""

    core: int
    folder: Path
    stamp: Path
    log: Path


@dataclass(frozen=True, slots=True)
class Bench:
    """A stage's inputs, lying on a broker. `outputs`: how many they bring about."""

    service: str
    settings: Settings
    events: int
    outputs: int
    used: set[str] = field(default_factory=set)

    async def pace(self, rival: str, *, workers: int = 1, state: Path | None = None) -> Pace:
        """One run; `state`: a folder with a ledger that is there already. Raises `Failed`."""
        group = f"{rival}-{len(self.used)}"
        self.used.add(group)
        folder = state or self.settings.state_dir / group
        running: list[asyncio.subprocess.Process] = []
        log = self.settings.state_dir / f"{group}.log"
        stamps = [self.settings.state_dir / f"{group}-{core}.began" for core in range(workers)]
        wanted = Wanted(self.outputs, RUN_S_MAX)
        async with tail(self.settings, OUTPUT[self.service]) as outputs:
            try:
                for core, stamp in enumerate(stamps):
                    where = Where(core, folder, stamp, log)
                    running += [await self._started(rival, group, where=where)]
                found = await watched(outputs, running, stamps=stamps, wanted=wanted)
            except (Failed, OSError) as failed:
                raise Failed(f"{failed}: {last_words(log)}") from None
            finally:
                for each in running:
                    if each.returncode is None:
                        each.kill()
                    await each.wait()
        outputs_an_event = self.outputs / self.events
        per_s = found.outputs_per_s() / outputs_an_event
        return Pace(round(per_s, 1), round(found.cpu_us_an_output() * outputs_an_event, 1))

    async def _started(self, rival: str, group: str, *, where: Where) -> asyncio.subprocess.Process:
        environment = os.environ | {
            "KULANSE_BOOTSTRAP": self.settings.bootstrap,
            "KULANSE_PARTITIONS": str(self.settings.partitions),
            "KULANSE_STATE_DIR": str(where.folder),
            "KULANSE_KEY_SECRET": SECRET,
            "PYTHONPATH": str(ROOT),
        }
        python = PYTHON.get(rival, sys.executable)
        told = (rival, self.service, group, str(where.core), str(where.stamp))
        with where.log.open("ab") as said:
            return await asyncio.create_subprocess_exec(
                *(python, "-m", "benchmarks.rivals", *told),
                env=environment,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=said,
            )


def core_us(service: str, made: Made) -> float:
    """CPU an event of what all rivals share: decode, decide, encode, and nothing around it."""
    answering = Answering(import_module(f"services.{service}.app").build(Settings()))
    load = [
        Record(each.topic, 0, at, 0, each.key, each.value, each.headers)
        for at, each in enumerate(_load(service, made))
    ]
    began_s = time.process_time()
    for record in load:
        answering.outputs(record)
    return round((time.process_time() - began_s) * 1e6 / len(load), 1)


@contextmanager
def bench(service: str, made: Made, *, partitions: int = 4) -> Iterator[Bench]:
    """What lies on a stage's inputs, on a broker of its own."""
    load = _load(service, made)
    with (
        tempfile.TemporaryDirectory(prefix="kulanse-bench-") as folder,
        start_broker(Path(folder) / "kafka") as broker,
    ):
        settings = Settings(
            bootstrap=broker.bootstrap, partitions=partitions, state_dir=Path(folder)
        )
        asyncio.run(_laid(settings, load))
        yield Bench(service, settings, len(load), len(made[OUTPUT[service]]))


def _load(service: str, made: Made) -> list[Outgoing]:
    reads = next(part.reads for part in parts() if part.name == service)
    return [record for name in sorted(reads) for record in made.get(name, ())]


async def _laid(settings: Settings, load: list[Outgoing]) -> None:
    await ensure_topics(settings)
    sink = KafkaSink(settings)
    for start in range(0, len(load), LOAD_PART):
        await sink.send(load[start : start + LOAD_PART])
    await sink.stop()
