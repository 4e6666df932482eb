"""`make bench`: each stage beside hand-written aiokafka, paired runs on one broker, as ratios."""

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.events import SECRET, records
from services.cli.stages import parts
from shared.contracts.envelope import Outgoing
from shared.embedded import prepare, start_broker
from shared.settings import Settings
from shared.stage.broker import ensure_topics
from shared.stage.producer import KafkaSink

COMPLAINTS = int(os.environ.get("BENCH_COMPLAINTS", "12000"))
PAIRS = int(os.environ.get("BENCH_PAIRS", "3"))
OUTPUT = {
    "intake": "complaints.registered",
    "triage": "complaints.triaged",
    "recovery": "recoveries",
    "notify": "notifications",
}
FIRST_OUTPUT_S = 60.0
QUIET_S = 4.0  # no new output for so long: the run is over
LAST_WORK_S = 0.5  # what follows the last output (record, ack) is work of the run, too
LOAD_PART = 2_000


class Pace(NamedTuple):
    """How one run went, on one core: events/s by the clock, and CPU of the process per event."""

    per_s: float
    cpu_us: float


class Seen(NamedTuple):
    """At a look at the log: how many outputs there are, and the CPU spent so far."""

    outputs: int
    cpu_s: float


def main() -> None:
    """Print one line a stage, then JSON."""
    prepare()
    print(f"{COMPLAINTS} complaints, {PAIRS} pairs; on one core; ours with its ledger on SQLite")
    made = records(COMPLAINTS)
    results = {service: _compared(service, made) for service in OUTPUT}
    print(json.dumps(results))


def _compared(service: str, made: dict[str, list[Outgoing]]) -> dict[str, object]:
    """One stage on a broker of its own: what lies on its inputs, done by each rival in turn."""
    reads = next(part.reads for part in parts() if part.name == service)
    load = [record for name in sorted(reads) for record in made.get(name, ())]
    with (
        tempfile.TemporaryDirectory(prefix="kulanse-bench-") as folder,
        start_broker(Path(folder) / "kafka") as broker,
    ):
        settings = Settings(bootstrap=broker.bootstrap, partitions=4, state_dir=Path(folder))
        pairs = asyncio.run(_pairs(service, load, settings=settings))
    by_clock = [round(ours.per_s / hand.per_s, 2) for ours, hand in pairs]
    by_cpu = [round(hand.cpu_us / ours.cpu_us, 2) for ours, hand in pairs]
    ours, hand = (
        Pace(*map(statistics.median, zip(*side, strict=True))) for side in zip(*pairs, strict=True)
    )
    print(f"{service}: {len(load)} events")
    print(f"  by the clock: ours {ours.per_s:.0f}/s, by hand {hand.per_s:.0f}/s; {_told(by_clock)}")
    print(f"  by CPU: ours {ours.cpu_us:.0f} us, by hand {hand.cpu_us:.0f} us; {_told(by_cpu)}")
    return {"events": len(load), "by_clock": by_clock, "by_cpu": by_cpu}


def _told(ratios: list[float]) -> str:
    return f"ratio {statistics.median(ratios):.2f} {ratios}"


async def _pairs(
    service: str, load: list[Outgoing], *, settings: Settings
) -> list[tuple[Pace, Pace]]:
    await ensure_topics(settings)
    sink = KafkaSink(settings)
    for start in range(0, len(load), LOAD_PART):
        await sink.send(load[start : start + LOAD_PART])
    await sink.stop()
    return [
        (
            await _pace("ours", service, settings=settings, count=len(load), pair=pair),
            await _pace("hand", service, settings=settings, count=len(load), pair=pair),
        )
        for pair in range(PAIRS)
    ]


async def _pace(rival: str, service: str, *, settings: Settings, count: int, pair: int) -> Pace:
    """The pace while the last three quarters of the outputs came.

    The first round is over when its first output is seen, so the first quarter does not count.
    """
    folder = settings.state_dir / f"{rival}-{pair}"
    environment = os.environ | {
        "KULANSE_BOOTSTRAP": settings.bootstrap,
        "KULANSE_PARTITIONS": str(settings.partitions),
        "KULANSE_STATE_DIR": str(folder),
        "KULANSE_KEY_SECRET": SECRET,
    }
    command = [sys.executable, "-m", "benchmarks.rivals", rival, service, f"{rival}-{pair}"]
    async with _tail(settings, OUTPUT[service]) as stamps:
        quiet = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(*command, env=environment, stderr=quiet)
        try:
            times_ms, looks = await _watched(stamps, process.pid)
        finally:
            process.kill()
            await process.wait()
    times_ms.sort()
    took_s = (times_ms[-1] - times_ms[len(times_ms) // 4]) / 1000
    return Pace(count * 0.75 / max(0.001, took_s), _cpu_us_an_output(looks) * len(times_ms) / count)


def _cpu_us_an_output(looks: list[Seen]) -> float:
    last = looks[-1]
    first = next(look for look in looks if look.outputs >= last.outputs // 4)
    return (last.cpu_s - first.cpu_s) * 1e6 / max(1, last.outputs - first.outputs)


@asynccontextmanager
async def _tail(settings: Settings, topic: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.bootstrap)
    await consumer.start()
    consumer.assign([TopicPartition(topic, p) for p in range(settings.partitions)])
    await consumer.seek_to_end()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def _watched(consumer: AIOKafkaConsumer, pid: int) -> tuple[list[int], list[Seen]]:
    """When each output was produced, and looks at the CPU; ends when no more have come."""
    times_ms: list[int] = []
    looks: list[Seen] = []
    quiet_since = time.monotonic() + FIRST_OUTPUT_S
    while not times_ms or time.monotonic() - quiet_since < QUIET_S:
        for found in (await consumer.getmany(timeout_ms=200)).values():
            times_ms += [record.timestamp for record in found]
            quiet_since = time.monotonic()
        if time.monotonic() - quiet_since < LAST_WORK_S:
            looks.append(Seen(len(times_ms), _cpu_s(pid)))
        if not times_ms and time.monotonic() > quiet_since:
            raise RuntimeError(f"no output came within {FIRST_OUTPUT_S:g} s")
    return times_ms, looks


def _cpu_s(pid: int) -> float:
    """User and system time of a process, as Linux counts it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
