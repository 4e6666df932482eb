"""A process at work, from outside: when its outputs were produced, and what CPU it took."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.settings import Settings

FIRST_OUTPUT_S = 120.0
QUIET_S = 3.0  # no new output for so long: the run is over
LAST_WORK_S = 0.5  # what follows the last output (record, ack) is work of the run, too
LOOK_MS = 200
WARM = 4  # the first quarter of the outputs does not count: the first round is over by then


class Failed(Exception):
    """A rival did no work, and why."""


class Seen(NamedTuple):
    """At a look at the log: how many outputs there are, and the CPU spent so far."""

    outputs: int
    cpu_s: float


class Watched(NamedTuple):
    """All looks at one run. `cut`: it was ended before it was through."""

    times_ms: list[int]
    looks: list[Seen]
    cut: bool

    def outputs_per_s(self) -> float:
        """By the clock, while the last three quarters of the outputs came.

        A round's outputs have one time: only what came after the first quarter's was made since.
        """
        times_ms = sorted(self.times_ms)
        first_ms = times_ms[len(times_ms) // WARM]
        later = sum(at_ms > first_ms for at_ms in times_ms)
        return later * 1000 / max(1, times_ms[-1] - first_ms)

    def cpu_us_an_output(self) -> float:
        """Of all processes that were watched, in the same time."""
        last = self.looks[-1]
        first = next(look for look in self.looks if look.outputs >= last.outputs // WARM)
        return (last.cpu_s - first.cpu_s) * 1e6 / max(1, last.outputs - first.outputs)


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
    consumer: AIOKafkaConsumer, running: list[asyncio.subprocess.Process], *, wanted: Wanted
) -> Watched:
    """When each output was produced, and looks at the CPU; ends when no more will come."""
    times_ms: list[int] = []
    looks: list[Seen] = []
    quiet_since = time.monotonic() + FIRST_OUTPUT_S
    began_s = None
    while not times_ms or time.monotonic() - quiet_since < QUIET_S:
        for found in (await consumer.getmany(timeout_ms=LOOK_MS)).values():
            times_ms += [record.timestamp for record in found]
            quiet_since = time.monotonic()
            began_s = began_s or quiet_since
        _check(running, waited_out=not times_ms and time.monotonic() > quiet_since)
        if time.monotonic() - quiet_since < LAST_WORK_S:
            looks.append(Seen(len(times_ms), sum(cpu_s(each.pid) for each in running)))
        elif len(times_ms) >= wanted.outputs:
            break
        if began_s and time.monotonic() - began_s > wanted.seconds:
            return Watched(times_ms, looks, cut=True)
    return Watched(times_ms, looks, cut=False)


def _check(running: list[asyncio.subprocess.Process], *, waited_out: bool) -> None:
    if any(each.returncode is not None for each in running):
        raise Failed("it ended")
    if waited_out:
        raise Failed(f"no output within {FIRST_OUTPUT_S:g} s")


def cpu_s(pid: int) -> float:
    """User and system time of a process, as Linux counts it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
