"""The dispatcher's waits: its own doubling, or what a performer says."""

from pathlib import Path

from sqlalchemy import select

from shared.ledger.tables import effects
from shared.stage.effects import Outcome
from tests.stage.ledgers import opened
from tests.stage.rig_effects import EffectRig


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
