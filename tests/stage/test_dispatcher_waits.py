"""The dispatcher's waits: its own doubling, or what a performer says."""

import asyncio
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from shared.ledger.tables import effects
from shared.stage.dispatcher import LEAVE_S_MAX
from shared.stage.effects import Outcome
from tests.stage.ledgers import opened
from tests.stage.rig import effect_states
from tests.stage.rig_effects import EFFECT, EffectRig, HangingProvider


async def test_a_performer_may_say_when_to_try_again(tmp_path: Path) -> None:
    """A receiver's own schedule of retries would be overrun by ours."""
    far_s = 1e9
    with opened(tmp_path) as engine:
        rig = EffectRig(engine, tmp_path)
        await _told(rig, far_s)
        with engine.begin() as connection:
            waits = select(effects.c.next_at - effects.c.created_at)
            assert connection.execute(waits).scalar_one() >= far_s


async def _told(rig: EffectRig, far_s: float) -> None:
    """An effect whose performer wants to be left alone so long."""
    rig.provider.answers = [Outcome("again", again_in_s=far_s)]
    await rig.asked_for("effect")
    await rig.dispatcher().round()


async def test_a_worker_that_is_stopped_settles_what_it_has_in_hand(tmp_path: Path) -> None:
    """Every restart would leave mails of which nobody knows whether they went out."""
    with opened(tmp_path) as engine:
        rig = EffectRig(engine, tmp_path)
        slow = HangingProvider(hangs=EFFECT)
        rig.stage = replace(rig.stage, performers={"journal": slow})
        await rig.asked_for("effect")
        dispatcher = rig.dispatcher()
        working = asyncio.create_task(dispatcher.run())
        await slow.begun.wait()
        leaving = asyncio.create_task(dispatcher.leave())
        await rig.asked_for("hello", "effect")  # it begins nothing more
        slow.goes_on.set()
        await asyncio.gather(leaving, working)
        states = effect_states(engine)
        assert (states.pop(EFFECT), set(states.values())) == ("posted", {"pending"})
        assert slow.performed == [EFFECT]


async def test_a_worker_with_nothing_in_hand_leaves_at_once(tmp_path: Path) -> None:
    """A stop would take its whole time, whether anything is to be done or not."""
    with opened(tmp_path) as engine:
        dispatcher = EffectRig(engine, tmp_path).dispatcher()
        await dispatcher.leave()  # one that never worked
        await asyncio.wait_for(dispatcher.run(), LEAVE_S_MAX)
        assert effect_states(engine) == {}


async def test_who_slept_with_an_effect_in_hand_does_not_do_it(tmp_path: Path) -> None:
    """After its sleep another has done it: a mail would be sent twice, a provider asked twice."""
    with opened(tmp_path) as engine:
        rig = EffectRig(engine, tmp_path)
        await rig.asked_for("effect")
        sleeper = rig.dispatcher()
        sleeper.lease_s = 0.0
        await sleeper.round()
        assert (rig.provider.performed, rig.state()) == ([], "pending")
        await rig.dispatcher().round()
        assert (rig.provider.performed, rig.state()) == ([EFFECT], "posted")
