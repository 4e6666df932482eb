"""Faults of Kafka and of the wire to it (F12 to F18)."""

import asyncio
import signal
from collections.abc import Iterable

from tests.audit.case import BY_ANYBODY, Injected, Scene, happened
from tests.audit.inside import committed, unsent
from tests.audit.kafka_wire import CONSUMING, PRODUCING

HANG_S = 20.0
DOWN_S = 15.0
SLOW_S, DRIBBLE_S = 10.0, 5.0
MEGABIT = 125_000.0  # bytes


async def lose_broker(scene: Scene, *, away_s: float) -> Injected:
    """F12, F13: the broker dies, and comes back on its data after a while."""
    await scene.rig.kill_broker(away_s=away_s)
    await scene.rig.all_ready()
    return Injected(f"broker away {away_s:g} s")


async def was_late(scene: Scene) -> Injected:
    """F14: all was started without a broker (`Case.broker_late_s`), and came up by itself."""
    await scene.rig.all_ready()
    return Injected("the broker came later than everybody else")


async def hang_broker(scene: Scene) -> Injected:
    """F15: the broker says nothing for a while, and hangs up on nobody."""
    scene.rig.signal_broker(signal.SIGSTOP)
    await asyncio.sleep(HANG_S)
    scene.rig.signal_broker(signal.SIGCONT)
    await scene.rig.all_ready()
    return Injected(f"broker hung {HANG_S:g} s")


async def cut_one_side(scene: Scene) -> Injected:
    """F16: nobody can read; then nobody can write, and so nobody gets on who has to say something.

    What says nothing (a duplicate, thanks that need no answer) may go on.
    """
    rig, wire = scene.rig, scene.rig.wire
    wire.banned = CONSUMING
    await asyncio.sleep(DOWN_S)
    readers, wire.banned = wire.cuts, PRODUCING
    await asyncio.sleep(DOWN_S)
    told = await committed(rig)  # first: what is done only grows
    silent = await asyncio.to_thread(unsent, rig)
    wire.heal()
    wrong = [
        f"F16: {stage} told that {partition} is done, and what it decided was not written"
        for (stage, partition), kept in silent.items()
        if all(told.get((stage, topic, partition), 0) >= at for topic, at in kept.offsets.items())
    ]
    writers = wire.cuts - readers
    await rig.all_ready()
    words = (
        f"{readers} reading connections cut, then {writers} writing ones; "
        f"{len(silent)} partitions had something to say"
    )
    return Injected(happened(min(readers, writers, len(silent)), words), wrong)


async def swallow_answers(scene: Scene) -> Injected:
    """F17: Kafka took it and its answer gets lost; it is sent again and lies there once.

    What came of an effect another worker tells, too, while the first waits for its answer
    (`Dispatcher`): another producer, the same id.
    """
    wire, copies, said = scene.rig.wire, scene.copies(BY_ANYBODY), len(scene.rig.said)
    before = wire.swallowed
    for _ in range(5):
        wire.muted = PRODUCING
        await asyncio.sleep(scene.dice.uniform(2, 3))
        wire.cut()
        wire.muted = frozenset()
        await asyncio.sleep(1)
    lost = wire.swallowed - before
    await scene.rig.all_ready()

    def after() -> Iterable[str]:
        ended = any(" ended (" in words for words in scene.rig.said[said:])
        more = scene.copies(BY_ANYBODY) - copies
        # Whoever ended meanwhile sends its last batch again when it comes back: the same bytes.
        if more and not ended:
            yield f"F17: {more} records lie there twice"

    return Injected(happened(lost, f"{lost} answers to what was written got lost"), after=after)


async def slow_wire(scene: Scene) -> Injected:
    """F18: half a second on every piece, then a thin pipe, then a byte at a time."""
    wire = scene.rig.wire
    wire.delay_s = 0.5
    await asyncio.sleep(SLOW_S)
    wire.heal()
    wire.bytes_per_s = MEGABIT
    await asyncio.sleep(SLOW_S)
    wire.heal()
    wire.dribbles = True
    await asyncio.sleep(DRIBBLE_S)
    wire.heal()
    await scene.rig.all_ready()
    return Injected(f"0.5 s a piece and 1 Mbit/s for {SLOW_S:g} s each, a byte at a time for 5 s")
