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

from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.events import SECRET, records
from services.cli.stages import parts
from shared.contracts.envelope import Outgoing
from shared.embedded import prepare, start_broker
from shared.settings import Settings
from shared.stage.broker import ensure_topics
from shared.stage.producer import KafkaSink

COMPLAINTS = int(os.environ.get("BENCH_COMPLAINTS", "4000"))
PAIRS = int(os.environ.get("BENCH_PAIRS", "3"))
OUTPUT = {
    "intake": "complaints.registered",
    "triage": "complaints.triaged",
    "recovery": "recoveries",
    "notify": "notifications",
}
QUIET_S = 4.0  # no new output for so long: the run is over
LOAD_PART = 2_000


def main() -> None:
    """Print one line a stage, then JSON."""
    prepare()
    print(f"{COMPLAINTS} complaints, {PAIRS} pairs; events/s on one core; ledger on SQLite")
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
        ratios = asyncio.run(_pairs(service, load, settings=settings))
    ratio = statistics.median(ours / hand for ours, hand in ratios)
    spread = [round(ours / hand, 2) for ours, hand in ratios]
    ours, hand = (statistics.median(pair[i] for pair in ratios) for i in (0, 1))
    print(f"{service:9} ours {ours:7.0f}   hand {hand:7.0f}   ratio {ratio:.2f}   runs {spread}")
    return {"events": len(load), "ratio": round(ratio, 3), "runs": spread}


async def _pairs(
    service: str, load: list[Outgoing], *, settings: Settings
) -> list[tuple[float, float]]:
    await ensure_topics(settings)
    sink = KafkaSink(settings)
    for start in range(0, len(load), LOAD_PART):
        await sink.send(load[start : start + LOAD_PART])
    await sink.stop()
    return [
        (
            await _rate("ours", service, settings=settings, count=len(load), pair=pair),
            await _rate("hand", service, settings=settings, count=len(load), pair=pair),
        )
        for pair in range(PAIRS)
    ]


async def _rate(rival: str, service: str, *, settings: Settings, count: int, pair: int) -> float:
    """Events/s between the first and the last output's timestamps in the log."""
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
            first, last = await _first_and_last(stamps)
        finally:
            process.kill()
            await process.wait()
    return count / max(0.001, (last - first) / 1000)


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


async def _first_and_last(consumer: AIOKafkaConsumer) -> tuple[int, int]:
    first, last, quiet_since = 0, 0, time.monotonic() + 60
    while not last or time.monotonic() - quiet_since < QUIET_S:
        for found in (await consumer.getmany(timeout_ms=200)).values():
            first = first or found[0].timestamp
            last = max(last, found[-1].timestamp)
            quiet_since = time.monotonic()
        if not last and time.monotonic() > quiet_since:
            message = "no output came within a minute"
            raise RuntimeError(message)
    return first, last


if __name__ == "__main__":
    main()
