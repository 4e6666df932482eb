"""Crashes that take seconds: a zombie that comes back, a broker that dies under load."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from shared.embedded import start_broker
from shared.embedded.probe import free_port
from tests.stage.rig import (
    CRASHED,
    check_all_right,
    decided_ids,
    offsets_done,
    replies,
    reply,
    somebody_in,
)
from tests.stage.rig_kafka import ROOT, KafkaRig
from tests.stage.workers import LOOK_S, NEVER_S, Worker, came


@pytest.fixture
async def rig(broker: str, tmp_path: Path) -> AsyncIterator[KafkaRig]:
    """A rig on the ring's broker; members that are gone are gone after their session."""
    async with KafkaRig.fresh(broker, tmp_path) as made:
        made.orders = replace(made.orders, instance="")
        yield made


async def _asleep_with_a_batch(rig: KafkaRig, *, mutant: str = "") -> tuple[Worker, int]:
    """A worker that sleeps between deciding and recording while another does all the work."""
    said = replies(60)
    await rig.produce(s.record for s in said)
    # Without a dispatcher, whose thread could be put to sleep with SQLite's one write lock.
    asleep = replace(rig.orders, step="decided", how="stop", mutant=mutant, dispatching=False)
    zombie = rig.start(asleep)
    await came("its sleep", lambda: zombie.told)
    other = rig.start(rig.orders)
    await rig.until_done(other)
    assert other.code is None
    await check_all_right(rig, said)
    sent = len(await rig.answers())
    zombie.signal(signal.SIGCONT)
    return zombie, sent


async def test_a_zombie_is_fenced(rig: KafkaRig) -> None:
    """A worker that slept past its session would decide again what others did."""
    zombie, sent = await _asleep_with_a_batch(rig)
    await came("the end of the zombie", lambda: zombie.code is not None)
    assert zombie.code == CRASHED
    await check_all_right(rig, replies(60))
    assert sent == len(await rig.answers()), "it emitted after it woke"


async def test_a_mutant_zombie_is_caught(rig: KafkaRig) -> None:
    """The check above could not fail: one that does not compare the owner emits after it woke."""
    zombie, sent = await _asleep_with_a_batch(rig, mutant="ignores_owner")
    until = time.monotonic() + NEVER_S
    while zombie.code is None and len(await rig.answers()) == sent:
        assert time.monotonic() < until, "never came: what the mutant does"
        await asyncio.sleep(LOOK_S)
    assert len(await rig.answers()) > sent


async def test_a_broker_that_dies_under_load(tmp_path: Path) -> None:
    """Kill -9 of the broker would lose what was under way, or leave workers that hang."""
    port, folder = free_port(), tmp_path / "kafka"
    first = start_broker(folder, port=port)
    try:
        async with KafkaRig.fresh(first.bootstrap, tmp_path) as rig:
            said = replies(1500, people=97)
            await rig.produce(s.record for s in said)
            workers = [
                rig.start(replace(rig.orders, instance=name, records_max=10)) for name in "ab"
            ]
            await came("work under way", lambda: len(decided_ids(rig.engine)) >= 100)
            os.kill(first.pid, signal.SIGKILL)
            await came("the broker's end", lambda: not first.alive)
            first.stop()
            with start_broker(folder, port=port):
                await _until_done(rig, workers)
                await check_all_right(rig, said)
                for worker in workers:
                    worker.signal(signal.SIGKILL)
    finally:
        first.stop()


async def _until_done(rig: KafkaRig, workers: list[Worker]) -> None:
    """Whoever gives up is started again, as a supervisor does."""
    ends = await rig.ends()

    def done() -> bool:
        for slot, worker in enumerate(workers):
            if worker.code is not None:
                workers[slot] = rig.start(replace(rig.orders, instance=f"again-{slot}"))
        return offsets_done(rig.engine) == ends

    await came("the end of the work", done)


async def test_the_real_entry_point(rig: KafkaRig) -> None:
    """What a service's `python -m` runs would differ from what is tested here."""
    who = somebody_in(0)
    said = [reply(who, number) for number in range(20)]
    await rig.produce(s.record for s in said)
    program = (
        "from tests.stage.probe import probe; from shared.stage.main import main; "
        "main(lambda settings: probe(settings.state_dir / 'journal'))"
    )
    settings = rig.settings
    kulanse = {
        "KULANSE_BOOTSTRAP": settings.bootstrap,
        "KULANSE_STATE_DIR": str(settings.state_dir),
        "KULANSE_PARTITIONS": str(settings.partitions),
    }
    process = subprocess.Popen(  # noqa: ASYNC220 -- starting it takes no time
        [sys.executable, "-c", program], env={**os.environ, **kulanse}, cwd=ROOT
    )
    worker = Worker(process, settings.state_dir)
    rig.workers.append(worker)
    await came("its decisions", lambda: len(decided_ids(rig.engine)) == len(said))
    assert await rig.ended(worker) == 0
    await check_all_right(rig, said)
