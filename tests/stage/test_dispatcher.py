"""The dispatcher: every effect happens once, whoever dies, and the stage hears of it."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from shared.contracts.identity import derived
from shared.contracts.inbox import EffectOutcome, TimerDue
from shared.contracts.topics import FEEDBACK
from shared.ledger.tables import effects
from shared.stage import checkpoint, effect_rows
from shared.stage.dispatcher import TIMER, UNKNOWN_ASKED_MAX, Dispatcher
from shared.stage.effects import Outcome
from tests.stage.ledgers import ledger, postgres
from tests.stage.rig import KILLED, PARTITIONS, Trouble, copy_of, effect_states, put_back, reply
from tests.stage.rig_effects import EFFECT, WHO, DeadSink, EffectRig, HangingProvider
from tests.stage.rig_memory import Killed
from tests.stage.workers import came

__all__ = ["ledger", "postgres"]


@pytest.fixture
def rig(ledger: Engine, tmp_path: Path) -> EffectRig:
    """A stage, a provider, and no dispatcher yet."""
    return EffectRig(ledger, tmp_path)


def _dies() -> None:
    raise Killed


async def _dies_in_a_round(dispatcher: Dispatcher) -> None:
    with pytest.raises(Killed):
        await dispatcher.round()


async def test_an_effect_waits_for_its_batch(rig: EffectRig) -> None:
    """Money would move for a decision that nobody was told of."""
    await rig.produce([reply(WHO, 0, text="effect").record])
    for step in ("recorded", "claimed"):
        assert await rig.work(Trouble(step)) == KILLED
        assert await rig.dispatcher().round() == 0
    assert await rig.work() == 0
    assert await rig.dispatcher().round() == 1
    assert rig.provider.performed == [EFFECT]


async def test_pending_becomes_posted(rig: EffectRig) -> None:
    """An ordinary effect would not be performed, or not told."""
    await rig.asked_for("effect")
    assert await rig.dispatcher().round() == 1
    assert rig.state() == "posted"
    (outcome,) = await rig.outcomes()
    assert isinstance(outcome, EffectOutcome)
    assert (outcome.effect_key, outcome.state) == (EFFECT, "posted")
    assert outcome.provider_reference == "ref-1"
    assert await rig.work() == 0
    assert len(await rig.read(FEEDBACK.name)) == 2, "the stage did not decide the outcome"


async def test_pending_becomes_failed(rig: EffectRig) -> None:
    """A refused payment would be tried for ever, or look paid."""
    rig.provider.answers = [Outcome("failed", code="account_closed")]
    await rig.asked_for("effect")
    await rig.dispatcher().round()
    rig.now_due()
    assert await rig.dispatcher().round() == 0
    (outcome,) = await rig.outcomes()
    assert isinstance(outcome, EffectOutcome)
    assert (rig.state(), outcome.state, outcome.code) == ("failed", "failed", "account_closed")


async def test_a_safe_failure_is_tried_again_with_the_same_key(rig: EffectRig) -> None:
    """A provider that was away for a moment would cost the payment, or pay it twice."""
    rig.provider.answers = [Outcome("again"), Outcome("again")]
    await rig.asked_for("effect")
    for _ in range(3):
        assert await rig.dispatcher().round() == 1
        rig.now_due()
    assert rig.provider.performed == [EFFECT] * 3
    assert rig.state() == "posted"
    assert len(await rig.outcomes()) == 1


async def test_unknown_is_asked_and_never_performed_again(rig: EffectRig) -> None:
    """A payment whose answer was lost would be made a second time."""
    rig.provider.answers = [Outcome("unknown")] * (UNKNOWN_ASKED_MAX + 1)
    await rig.asked_for("effect")
    states = []
    for _ in range(UNKNOWN_ASKED_MAX + 3):
        await rig.dispatcher().round()
        rig.now_due()
        states.append(rig.state())
    assert rig.provider.performed == [EFFECT]
    assert rig.provider.asked == [EFFECT] * UNKNOWN_ASKED_MAX
    assert states == ["unknown"] * UNKNOWN_ASKED_MAX + ["manual"] * 3
    told = [o.state for o in await rig.outcomes() if isinstance(o, EffectOutcome)]
    assert told == ["unknown", "manual"]


async def test_an_unknown_effect_is_settled_by_asking(rig: EffectRig) -> None:
    """What the provider did do would stay unknown for a person to find out."""
    rig.provider.answers = [Outcome("unknown")]
    await rig.asked_for("effect")
    await rig.dispatcher().round()
    rig.now_due()
    await rig.dispatcher().round()
    assert (rig.provider.performed, rig.state()) == ([EFFECT], "posted")


async def test_an_exception_of_a_performer_is_unknown(rig: EffectRig) -> None:
    """A reset connection would count as "not paid"."""

    def reset() -> None:
        raise ConnectionResetError

    rig.provider.after = reset
    await rig.asked_for("effect")
    await rig.dispatcher().round()
    assert rig.state() == "unknown"


async def test_a_crash_between_claim_and_perform(rig: EffectRig) -> None:
    """A lease that ran out would be performed blindly by the next worker."""
    rig.provider.before = _dies
    await rig.asked_for("effect")
    await _dies_in_a_round(rig.dispatcher())
    assert await rig.dispatcher().round() == 0, "a lease still holds"
    rig.provider.before = lambda: None
    rig.now_due()
    await rig.dispatcher().round()
    assert (rig.provider.performed, rig.provider.asked) == ([], [EFFECT])
    rig.now_due()
    await rig.dispatcher().round()
    assert (rig.provider.performed, rig.state()) == ([EFFECT], "posted")


async def test_a_crash_between_perform_and_finish(rig: EffectRig) -> None:
    """A payment that was made and not written down would be made again."""
    rig.provider.after = _dies
    await rig.asked_for("effect")
    await _dies_in_a_round(rig.dispatcher())
    rig.now_due()
    await rig.dispatcher().round()
    assert (rig.provider.performed, rig.state()) == ([EFFECT], "posted")
    assert len(await rig.outcomes()) == 1


@pytest.mark.parametrize("delivers", [False, True])
async def test_a_crash_between_finish_and_announce(rig: EffectRig, *, delivers: bool) -> None:
    """The stage would never hear of a payment, or hear of it as two."""
    await rig.asked_for("effect")
    await _dies_in_a_round(rig.dispatcher(DeadSink(rig.log, delivers=delivers)))
    with rig.engine.connect() as connection:
        stored = connection.execute(select(effects.c.outcome)).scalar_one()
    await rig.dispatcher().announce(effect_rows.unannounced(rig.engine))
    records = await rig.inbox()
    assert (2 if delivers else 1) == len(records)
    assert len({(r.key, r.value, r.headers) for r in records}) == 1
    assert (records[0].value or b"-") in stored
    assert effect_rows.unannounced(rig.engine) == {}
    assert await rig.work() == 0
    assert len(await rig.read(FEEDBACK.name)) == 2, "the stage decided one outcome twice"


async def test_a_later_outcome_is_not_marked_by_an_earlier_sender(rig: EffectRig) -> None:
    """A slow announcer of "unknown" would silence the "posted" that came meanwhile."""
    rig.provider.answers = [Outcome("unknown")]
    await rig.asked_for("effect")
    await _dies_in_a_round(rig.dispatcher(DeadSink(rig.log, delivers=True)))
    slow = effect_rows.unannounced(rig.engine)
    rig.now_due()
    await _dies_in_a_round(rig.dispatcher(DeadSink(rig.log, delivers=False)))
    await rig.dispatcher().announce(slow)
    await rig.dispatcher().announce(effect_rows.unannounced(rig.engine))
    told = [o.state for o in await rig.outcomes() if isinstance(o, EffectOutcome)]
    assert told == ["unknown", "posted"]


async def test_an_effect_waits_for_another(rig: EffectRig) -> None:
    """The outcome mail would overtake the acknowledgement."""
    rig.provider.answers = [Outcome("again")]
    await rig.asked_for("effect", "effect")
    second = derived("probe", reply(WHO, 1).event.id)
    with rig.engine.begin() as connection:
        connection.execute(update(effects).where(effects.c.key == second).values(after=EFFECT))
    assert await rig.dispatcher().round() == 1
    assert await rig.dispatcher().round() == 0
    rig.now_due()
    assert await rig.dispatcher().round() == 1
    assert rig.provider.performed == [EFFECT, EFFECT]
    assert await rig.dispatcher().round() == 1
    assert [EFFECT, EFFECT, second] == rig.provider.performed


async def test_a_timer_comes_when_it_is_due(rig: EffectRig) -> None:
    """A promise's hour would pass unnoticed, or come at once."""
    await rig.asked_for("effect")
    due = datetime.now(UTC) + timedelta(hours=1)
    rig.change(kind=TIMER, payload='{"name":"late","of":"c-1"}', next_at=due.timestamp())
    assert await rig.dispatcher().round() == 0
    past = datetime.now(UTC) - timedelta(hours=1)
    rig.change(next_at=past.timestamp())
    assert await rig.dispatcher().round() == 1
    (timer,) = await rig.outcomes()
    assert isinstance(timer, TimerDue)
    assert (timer.name, timer.detail) == ("late", {"of": "c-1"})
    assert abs(timer.at - past) < timedelta(seconds=1), "when it was due, not when we looked"
    assert rig.provider.performed == []


async def test_a_kind_nobody_performs_fails(rig: EffectRig) -> None:
    """A misspelt effect would wait for ever, unseen."""
    await rig.asked_for("effect")
    rig.change(kind="telepathy")
    await rig.dispatcher().round()
    assert rig.state() == "failed"


async def test_nothing_is_performed_before_the_claim(rig: EffectRig) -> None:
    """A worker fresh from a restore would pay before anyone saw that the ledger is old."""
    await rig.asked_for("effect")
    early = Dispatcher(rig.stage, rig.engine, rig.log, tuple)
    assert await early.round() == 0
    elsewhere = Dispatcher(rig.stage, rig.engine, rig.log, lambda: (1, 2, 3))
    assert await elsewhere.round() == 0
    assert rig.provider.performed == []


async def test_a_restored_ledger_is_held_until_a_person_says_so(rig: EffectRig) -> None:
    """A restore would pay again what was paid after the backup."""
    await rig.asked_for("effect")
    older = copy_of(rig.engine)
    await rig.dispatcher().round()
    assert await rig.work() == 0
    put_back(rig.engine, older)
    assert await rig.work() == 0
    rig.now_due()
    assert await rig.dispatcher().round() == 0
    assert rig.provider.performed == [EFFECT]
    assert checkpoint.resume(rig.engine, actor="Kari (ops)", reason="matched")
    assert await rig.dispatcher().round() == 1


async def test_two_dispatchers_share_without_overlap(rig: EffectRig) -> None:
    """Two workers would pay the same refund at the same moment."""
    await rig.asked_for(*["effect"] * 30)
    both = [rig.dispatcher(), rig.dispatcher()]
    taken = await asyncio.gather(*(d.round() for d in both for _ in range(3)))
    assert sum(taken) == 30
    assert len(rig.provider.performed) == len(set(rig.provider.performed)) == 30


def _states(rig: EffectRig) -> list[str]:
    return sorted(effect_states(rig.engine).values())


async def test_who_hangs_holds_up_nobody(rig: EffectRig) -> None:
    """A mail server that answers a byte a minute would keep every other message in the house."""
    hanging = HangingProvider(hangs=EFFECT)
    rig.stage = replace(rig.stage, performers={"journal": hanging})
    await rig.asked_for("effect", "effect")
    running = asyncio.create_task(rig.dispatcher().run())
    await came("the quick one's outcome", lambda: _states(rig).count("posted") == 1)
    assert _states(rig) == ["in_flight", "posted"]
    hanging.goes_on.set()
    await came("the other's", lambda: _states(rig) == ["posted", "posted"])
    running.cancel()
    assert hanging.performed.count(EFFECT) == 1


async def test_a_late_finisher_changes_nothing(rig: EffectRig) -> None:
    """A worker that slept past its lease would overwrite what its successor found out."""
    await rig.asked_for("effect", "effect")
    (slow,) = effect_rows.claim_due(rig.engine, range(PARTITIONS), most=1)
    rig.now_due()
    again = effect_rows.claim_due(rig.engine, range(PARTITIONS))
    (quick,) = (each for each in again if each.effect.key != slow.effect.key)
    done = [effect_rows.Finished(slow, "failed"), effect_rows.Finished(quick, "posted")]
    assert [each.leased for each in effect_rows.finish(rig.engine, done)] == [quick]
    assert _states(rig) == ["in_flight", "posted"]


async def test_a_voided_effect_is_not_performed(rig: EffectRig) -> None:
    """A withdrawn remedy would be paid all the same."""
    await rig.asked_for("effect")
    rig.change(state="voided")
    assert await rig.dispatcher().round() == 0
    assert rig.provider.performed == []
