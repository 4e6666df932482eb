"""Storms: two workers under load, struck again and again; nothing lost, nothing twice.

`STORM_EVENTS` makes each bigger; the ones marked `long` are big already.
"""

import asyncio
import os
import signal
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.crash.storm import Storm
from tests.stage.rig import CRASHED, KILLED
from tests.stage.rig_kafka import KafkaRig
from tests.stage.workers import LOOK_S, Worker, came, up

EVENTS = int(os.environ.get("STORM_EVENTS", "1200"))
EVENTS_LONG = 20_000
STRIKES = 2
# A running worker lets go of the ledger sooner.
LOCK_S = 3.0
Strike = Callable[[Storm], Awaitable[None]]


@pytest.fixture
async def rig(broker: str, tmp_path: Path) -> AsyncIterator[KafkaRig]:
    """A rig on the ring's broker."""
    async with KafkaRig.fresh(broker, tmp_path) as made:
        yield made


async def _kill(storm: Storm) -> None:
    """SIGKILL; the successor waits until the session of the dead one ends."""
    worker = storm.dice.choice(storm.slots)
    worker.signal(signal.SIGKILL)
    await came("the end of one worker", lambda: worker.code is not None)
    storm.revive()
    assert KILLED in storm.codes


async def _terminate(storm: Storm) -> None:
    """SIGTERM in the middle of the load: exit 0, then another takes the place."""
    worker = storm.dice.choice(storm.slots)
    await came("a worker at work", lambda: up(worker))
    assert await storm.rig.ended(worker) == 0
    storm.revive()


async def _stop(storm: Storm) -> None:
    """SIGSTOP past the session; the other does all that lies there; then SIGCONT."""
    worker = storm.dice.choice(storm.slots)
    await _frozen(worker)
    while _locked(storm.rig.settings.state_dir / "probe.db"):
        # It holds the ledger's one write lock, and nobody can work: SQLite's limit, not ours.
        worker.signal(signal.SIGCONT)
        await asyncio.sleep(LOOK_S)
        await _frozen(worker)
    await storm.over()
    worker.signal(signal.SIGCONT)
    await storm.say(EVENTS // STRIKES // 4)


async def _frozen(worker: Worker) -> None:
    """Only then: a thread that still runs might take the lock after we have looked."""
    worker.signal(signal.SIGSTOP)
    await came("a worker that stands still", worker.frozen)


def _locked(path: Path) -> bool:
    with closing(sqlite3.connect(path, timeout=LOCK_S, isolation_level=None)) as ledger:
        try:
            ledger.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        ledger.execute("ROLLBACK")
        return False


async def _scale(storm: Storm) -> None:
    """A third worker joins, works, and leaves."""
    third = storm.start(len(storm.slots))
    await came("a third worker", lambda: third.code is not None or up(third))
    await storm.say(EVENTS // STRIKES // 4)
    assert await storm.rig.ended(third) == 0


async def _nothing(_storm: Storm) -> None:
    """The workers strike themselves: exceptions between the steps."""


STORMS: dict[str, tuple[Strike, float, bool]] = {
    "kill": (_kill, 0.0, False),
    "term": (_terminate, 0.0, False),
    "stop": (_stop, 0.0, False),
    "scale": (_scale, 0.0, False),
    "fail": (_nothing, 0.02, True),
}


async def check_storm(rig: KafkaRig, mode: str, *, events: int) -> Storm:
    """Let it rage, then count."""
    strike, chance, static = STORMS[mode]
    storm = Storm(rig, len(mode), chance=chance, static=static)
    await came("two workers", lambda: all(w.code is not None or up(w) for w in storm.slots))
    for _ in range(STRIKES):
        await storm.say(events // STRIKES)
        await strike(storm)
    await storm.over()
    await storm.check()
    return storm


@pytest.mark.parametrize("mode", sorted(STORMS))
async def test_a_storm(rig: KafkaRig, mode: str) -> None:
    """Under faults events would be lost, decided twice, or an effect made twice."""
    storm = await check_storm(rig, mode, events=EVENTS)
    if mode == "fail":
        assert set(storm.codes) == {CRASHED}
    if mode in ("term", "scale"):
        await storm.calm()
        assert set(storm.codes) <= {0}


@pytest.mark.long
@pytest.mark.parametrize("mode", sorted(STORMS))
async def test_a_long_storm(rig: KafkaRig, mode: str, figure: Callable[[str], None]) -> None:
    """What happens once in ten thousand events would be found by a customer."""
    storm = await check_storm(rig, mode, events=EVENTS_LONG)
    ended = len(storm.codes)
    figure(f"storm {mode}: {EVENTS_LONG} events, 0 lost, 0 twice; {ended} workers ended meanwhile")
