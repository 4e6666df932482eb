"""Faults together: three at once (F37), and one after the other for as long as the load lasts."""

import asyncio
import signal
from functools import partial

from shared.errors import Refused
from tests.audit import databases, kafka, processes
from tests.audit.case import Harmless, Injected, Scene, Strike
from tests.audit.rig import SECOND

AT_ONCE = 3
CALM_S = (30.0, 90.0)


async def kill_second(scene: Scene) -> Injected:
    """SIGKILL to the second worker of recovery, when it runs."""
    former = scene.rig.supervisor.pids.get(SECOND)
    if former is None:
        raise Harmless("it does not run just now")
    scene.rig.signal(SECOND, signal.SIGKILL)
    await scene.rig.come_again(SECOND, former)
    await scene.rig.all_ready()
    return Injected("recovery-2 killed")


# None of these ends most processes: how those grow is to be seen.
GENTLE: tuple[Strike, ...] = (
    kill_second,
    partial(processes.freeze, name="triage", seconds=3.0),
    partial(processes.freeze, name="notify", seconds=3.0),
    kafka.slow_wire,
    kafka.hang_broker,
)
ROUGH: tuple[Strike, ...] = (
    *GENTLE,
    databases.refuse_some,
    processes.starve,
    kafka.swallow_answers,
    databases.cut_commits,
    partial(kafka.lose_broker, away_s=10.0),
)


async def three_at_once(scene: Scene) -> Injected:
    """F37: three faults at once; what one heals early, another does no longer harm."""
    struck = await asyncio.gather(
        *(_tried(strike, scene) for strike in scene.dice.sample(ROUGH, AT_ONCE))
    )
    return Injected("; ".join(each.words for each in struck))


async def all_along(scene: Scene) -> Injected:
    """The soak: one gentle fault after the other, with a pause, until the load is sent."""
    struck: list[Injected] = []
    while not scene.rig.all_sent.is_set():
        struck.append(await _tried(scene.dice.choice(GENTLE), scene))
        await asyncio.sleep(scene.dice.uniform(*CALM_S))
    return Injected(f"{len(struck)} faults, one after the other")


async def _tried(strike: Strike, scene: Scene) -> Injected:
    """What it did; among others a fault may find nothing to strike, or a part not ready yet."""
    try:
        return await strike(scene)
    except (Harmless, Refused, ProcessLookupError) as harmless:  # the last: it is just gone
        return Injected(f"({harmless})")
