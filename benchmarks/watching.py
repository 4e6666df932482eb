"""A process at work, from outside: when its outputs were produced, and what CPU it took."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple, TypeAlias

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.contracts.contract import Contract
from shared.contracts.envelope import Event, Record
from shared.settings import Settings

Decode: TypeAlias = Callable[[Record], Event[Contract]]
FIRST_OUTPUT_S = 120.0
QUIET_S = 10.0  # no new output for so long: nothing more will come
LAST_WORK_S = 0.5  # what follows the last output (record, ack) is work of the run, too
LOOK_MS = 200


class Failed(Exception):
    """A rival did no work, and why."""


class Began(NamedTuple):
    """When a process had its first event in hand, and the CPU it had spent until then."""

    at_ms: int
    cpu_s: float


class Watched(NamedTuple):
    """A run from the first event in hand to its last output, and the CPU spent in it."""

    began_ms: int
    ended_ms: int
    outputs: int
    cpu_s: float

    def outputs_per_s(self) -> float:
        """By the clock."""
        return self.outputs * 1000 / max(1, self.ended_ms - self.began_ms)

    def cpu_us_an_output(self) -> float:
        """Of all processes that were watched."""
        return self.cpu_s * 1e6 / self.outputs


class Wanted(NamedTuple):
    """When a run is over: so many outputs, or so long after the first one."""

    outputs: int
    seconds: float


@asynccontextmanager
async def tail(settings: Settings, topic: str) -> AsyncIterator[AIOKafkaConsumer]:
    """What comes on a topic from now on."""
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.bootstrap)
    await consumer.start()
    consumer.assign([TopicPartition(topic, p) for p in range(settings.partitions)])
    await consumer.seek_to_end()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def watched(
    consumer: AIOKafkaConsumer,
    running: list[asyncio.subprocess.Process],
    *,
    stamps: Sequence[Path],
    wanted: Wanted,
) -> Watched:
    """How many outputs arrived here until when, and the CPU spent; ends when no more will come.

    By this process's clock: Quix Streams gives its outputs the times of its inputs. Who takes
    longer than wanted is cut there. `stamps`: where each process writes when it began (`stamped`).
    """
    outputs = ended_ms = 0
    spent_s = 0.0
    last_s = time.monotonic() + FIRST_OUTPUT_S
    first_s, cut = None, False
    while not cut and (not outputs or time.monotonic() - last_s < QUIET_S):
        found = sum(map(len, (await consumer.getmany(timeout_ms=LOOK_MS)).values()))
        if found:
            outputs += found
            ended_ms = time.time_ns() // 1_000_000
            last_s = time.monotonic()
            first_s = first_s or last_s
        _check(running, waited_out=not outputs and time.monotonic() > last_s)
        if time.monotonic() - last_s < LAST_WORK_S:
            spent_s = sum(cpu_s(each.pid) for each in running)
        elif outputs >= wanted.outputs:
            break
        cut = first_s is not None and time.monotonic() - first_s > wanted.seconds
    if not cut and outputs < wanted.outputs:
        raise Failed(f"{outputs} of {wanted.outputs} outputs came")
    began = [Began(*orjson.loads(each.read_bytes())) for each in stamps if each.exists()]
    before_s = sum(each.cpu_s for each in began)
    return Watched(min(each.at_ms for each in began), ended_ms, outputs, spent_s - before_s)


def stamped(decode: Decode, stamp: Path) -> Decode:
    """The same; the first call writes down when it came (`Began`)."""
    began = False

    def first(record: Record) -> Event[Contract]:
        nonlocal began
        if not began:
            began = True
            stamp.write_bytes(orjson.dumps((time.time_ns() // 1_000_000, time.process_time())))
        return decode(record)

    return first


def _check(running: list[asyncio.subprocess.Process], *, waited_out: bool) -> None:
    if any(each.returncode is not None for each in running):
        raise Failed("it ended")
    if waited_out:
        raise Failed(f"no output within {FIRST_OUTPUT_S:g} s")


def cpu_s(pid: int) -> float:
    """User and system time of a process, as Linux counts it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
