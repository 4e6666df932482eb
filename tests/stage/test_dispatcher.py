"""The dispatcher: every effect happens once, whoever dies, and the stage is told what came of it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

from shared.contracts.codec import decode
from shared.contracts.contract import Contract
from shared.contracts.envelope import Outgoing, Record
from shared.contracts.identity import derived
from shared.contracts.inbox import EffectOutcome, TimerDue
from shared.contracts.topics import FEEDBACK, RECOVERY_INBOX
from shared.ledger.tables import effects
from shared.stage import checkpoint, effect_rows
from shared.stage.dispatcher import TIMER, UNKNOWN_ASKED_MAX, Dispatcher
from shared.stage.effects import Claimed, Outcome
from shared.stage.runner import Sink
from tests.stage.ledgers import ledger, postgres
from tests.stage.rig import (
    CRASHED,
    KILLED,
    PARTITIONS,
    Trouble,
    copy_of,
    effect_states,
    put_back,
    reply,
    somebody_in,
)
from tests.stage.rig_memory import ROUND_RECORDS, Killed, MemoryRig

__all__ = ["ledger", "postgres"]
WHO = somebody_in(0)
EFFECT = derived("probe", reply(WHO, 0).event.id)


@dataclass
class Provider:
    """A payment provider in memory: remembers keys, answers as told, and may die in our hands."""

    answers: list[Outcome] = field(default_factory=list)
    # What befalls us before and after the provider has done it.
    before: Callable[[], None] = lambda: None
    after: Callable[[], None] = lambda: None
    performed: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def perform(self, effect: Claimed) -> Outcome:
        """Do it, unless an answer was given to give."""
        self.before()
        self.performed.append(effect.key)
        self.after()
        return self.answers.pop(0) if self.answers else Outcome("posted", "ref-1")

    async def ask(self, effect: Claimed) -> Outcome:
        """Tell whether it was done."""
        self.asked.append(effect.key)
        if self.answers:
            return self.answers.pop(0)
        return Outcome("posted", "ref-1") if effect.key in self.performed else Outcome("again")


class Rig(MemoryRig):
    """A memory rig whose effects a `Provider` performs."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        """Everything else as in memory."""
        super().__init__(engine, folder)
        self.dispatching = False
        self.provider = Provider()
        self.stage = replace(self.stage, performers={"journal": self.provider})

    def dispatcher(self, sink: Sink | None = None) -> Dispatcher:
        """One that owns every partition."""
        return Dispatcher(self.stage, self.engine, sink or self.log, lambda: range(PARTITIONS))

    async def asked_for(self, *texts: str) -> None:
        """The stage decides these replies; effects are released and nobody performed them."""
        await self.produce(reply(WHO, n, text).record for n, text in enumerate(texts))
        assert await self.work() == 0

    async def outcomes(self) -> list[EffectOutcome | TimerDue]:
        """What came to the inbox, copies left out."""
        found = {event.id: event.data for event in map(decode, await self.inbox())}
        return list(found.values())  # type: ignore[arg-type] # the inbox takes these two

    async def inbox(self) -> list[Record]:
        """Its records."""
        return await self.read(RECOVERY_INBOX.name)

    def change(self, **values: object) -> None:
        """Set columns of every effect, as time would."""
        with self.engine.begin() as connection:
            connection.execute(update(effects).values(**values))

    def now_due(self) -> None:
        """Leases and waits are over."""
        self.change(next_at=0.0)

    def state(self) -> str:
        """The state of the one effect."""
        (state,) = effect_states(self.engine).values()
        return state


@pytest.fixture
def rig(ledger: Engine, tmp_path: Path) -> Rig:
    """A stage, a provider, and no dispatcher yet."""
    return Rig(ledger, tmp_path)


class DeadSink:
    """A sink in which the process dies, before or after the records are out."""

    def __init__(self, log: Sink, *, delivers: bool) -> None:
        """`delivers`: whether they are out."""
        self.log, self.delivers = log, delivers

    async def send(self, outputs: list[Outgoing]) -> None:
        """Die."""
        if self.delivers:
            await self.log.send(outputs)
        raise Killed


def _dies() -> None:
    raise Killed


async def _dies_in_a_round(dispatcher: Dispatcher) -> None:
    with pytest.raises(Killed):
        await dispatcher.round()


async def test_an_effect_waits_for_its_batch(rig: Rig) -> None:
    """Money would move for a decision that nobody was told of."""
    await rig.produce([reply(WHO, 0, "effect").record])
    for step in ("recorded", "claimed"):
        assert await rig.work(Trouble(step)) == KILLED
        assert await rig.dispatcher().round() == 0
    assert await rig.work() == 0
    assert await rig.dispatcher().round() == 1
    assert [EFFECT] == rig.provider.performed


async def test_pending_becomes_posted(rig: Rig) -> None:
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


async def test_pending_becomes_failed(rig: Rig) -> None:
    """A refused payment would be tried for ever, or look paid."""
    rig.provider.answers = [Outcome("failed", code="account_closed")]
    await rig.asked_for("effect")
    await rig.dispatcher().round()
    rig.now_due()
    assert await rig.dispatcher().round() == 0
    (outcome,) = await rig.outcomes()
    assert isinstance(outcome, EffectOutcome)
    assert ("failed", "failed", "account_closed") == (rig.state(), outcome.state, outcome.code)


async def test_a_safe_failure_is_tried_again_with_the_same_key(rig: Rig) -> None:
    """A provider that was away for a moment would cost the payment, or pay it twice."""
    rig.provider.answers = [Outcome("again"), Outcome("again")]
    await rig.asked_for("effect")
    for _ in range(3):
        assert await rig.dispatcher().round() == 1
        rig.now_due()
    assert [EFFECT] * 3 == rig.provider.performed
    assert rig.state() == "posted"
    assert len(await rig.outcomes()) == 1


async def test_unknown_is_asked_and_never_performed_again(rig: Rig) -> None:
    """A payment whose answer was lost would be made a second time."""
    rig.provider.answers = [Outcome("unknown")] * (UNKNOWN_ASKED_MAX + 1)
    await rig.asked_for("effect")
    states = []
    for _ in range(UNKNOWN_ASKED_MAX + 3):
        await rig.dispatcher().round()
        rig.now_due()
        states.append(rig.state())
    assert [EFFECT] == rig.provider.performed
    assert [EFFECT] * UNKNOWN_ASKED_MAX == rig.provider.asked
    assert ["unknown"] * UNKNOWN_ASKED_MAX + ["manual"] * 3 == states
    told = [o.state for o in await rig.outcomes() if isinstance(o, EffectOutcome)]
    assert ["unknown", "manual"] == told


async def test_an_unknown_effect_is_settled_by_asking(rig: Rig) -> None:
    """What the provider did do would stay unknown for a person to find out."""
    rig.provider.answers = [Outcome("unknown")]
    await rig.asked_for("effect")
    await rig.dispatcher().round()
    rig.now_due()
    await rig.dispatcher().round()
    assert ([EFFECT], "posted") == (rig.provider.performed, rig.state())


async def test_an_exception_of_a_performer_is_unknown(rig: Rig) -> None:
    """A reset connection would count as "not paid"."""

    def reset() -> None:
        raise ConnectionResetError

    rig.provider.after = reset
    await rig.asked_for("effect")
    await rig.dispatcher().round()
    assert rig.state() == "unknown"


async def test_a_crash_between_claim_and_perform(rig: Rig) -> None:
    """A lease that ran out would be performed blindly by the next worker."""
    rig.provider.before = _dies
    await rig.asked_for("effect")
    await _dies_in_a_round(rig.dispatcher())
    assert await rig.dispatcher().round() == 0, "a lease still holds"
    rig.provider.before = lambda: None
    rig.now_due()
    await rig.dispatcher().round()
    assert ([], [EFFECT]) == (rig.provider.performed, rig.provider.asked)
    rig.now_due()
    await rig.dispatcher().round()
    assert ([EFFECT], "posted") == (rig.provider.performed, rig.state())


async def test_a_crash_between_perform_and_finish(rig: Rig) -> None:
    """A payment that was made and not written down would be made again."""
    rig.provider.after = _dies
    await rig.asked_for("effect")
    await _dies_in_a_round(rig.dispatcher())
    rig.now_due()
    await rig.dispatcher().round()
    assert ([EFFECT], "posted") == (rig.provider.performed, rig.state())
    assert len(await rig.outcomes()) == 1


@pytest.mark.parametrize("delivers", [False, True])
async def test_a_crash_between_finish_and_announce(rig: Rig, *, delivers: bool) -> None:
    """The stage would never hear of a payment, or hear of it as two."""
    await rig.asked_for("effect")
    await _dies_in_a_round(rig.dispatcher(DeadSink(rig.log, delivers=delivers)))
    with rig.engine.connect() as connection:
        stored = connection.execute(select(effects.c.outcome)).scalar_one()
    await rig.dispatcher().announce(effect_rows.unannounced(rig.engine))
    records = await rig.inbox()
    assert (2 if delivers else 1) == len(records)
    assert len({(r.key, r.value, r.headers) for r in records}) == 1
    assert (records[0].value or b"").decode().replace('"', '\\"') in stored
    assert {} == effect_rows.unannounced(rig.engine)
    assert await rig.work() == 0
    assert len(await rig.read(FEEDBACK.name)) == 2, "the stage decided one outcome twice"


async def test_a_later_outcome_is_not_marked_by_an_earlier_sender(rig: Rig) -> None:
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
    assert ["unknown", "posted"] == told


async def test_an_effect_waits_for_another(rig: Rig) -> None:
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
    assert [EFFECT, EFFECT] == rig.provider.performed
    assert await rig.dispatcher().round() == 1
    assert [EFFECT, EFFECT, second] == rig.provider.performed


async def test_a_timer_comes_when_it_is_due(rig: Rig) -> None:
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
    assert ("late", {"of": "c-1"}) == (timer.name, timer.detail)
    assert abs(timer.at - past) < timedelta(seconds=1), "when it was due, not when we looked"
    assert [] == rig.provider.performed


async def test_a_kind_nobody_performs_fails(rig: Rig) -> None:
    """A misspelt effect would wait for ever, unseen."""
    await rig.asked_for("effect")
    rig.change(kind="telepathy")
    await rig.dispatcher().round()
    assert rig.state() == "failed"


async def test_nothing_is_performed_before_the_claim(rig: Rig) -> None:
    """A worker fresh from a restore would pay before anyone saw that the ledger is old."""
    await rig.asked_for("effect")
    early = Dispatcher(rig.stage, rig.engine, rig.log, tuple)
    assert await early.round() == 0
    elsewhere = Dispatcher(rig.stage, rig.engine, rig.log, lambda: (1, 2, 3))
    assert await elsewhere.round() == 0
    assert [] == rig.provider.performed


async def test_a_restored_ledger_is_held_until_a_person_says_so(rig: Rig) -> None:
    """A restore would pay again what was paid after the backup."""
    await rig.asked_for("effect")
    older = copy_of(rig.engine)
    await rig.dispatcher().round()
    assert await rig.work() == 0
    put_back(rig.engine, older)
    assert await rig.work() == 0
    rig.now_due()
    assert await rig.dispatcher().round() == 0
    assert [EFFECT] == rig.provider.performed
    assert checkpoint.resume(rig.engine, actor="Kari (ops)", reason="matched")
    assert await rig.dispatcher().round() == 1


async def test_two_dispatchers_share_without_overlap(rig: Rig) -> None:
    """Two workers would pay the same refund at the same moment."""
    await rig.asked_for(*["effect"] * 30)
    both = [rig.dispatcher(), rig.dispatcher()]
    taken = await asyncio.gather(*(d.round() for d in both for _ in range(3)))
    assert sum(taken) == 30
    assert len(rig.provider.performed) == len(set(rig.provider.performed)) == 30


async def test_a_late_finisher_changes_nothing(rig: Rig) -> None:
    """A worker that slept past its lease would overwrite what its successor found out."""
    await rig.asked_for("effect")
    (slow,) = effect_rows.claim_due(rig.engine, range(PARTITIONS))
    rig.provider.performed.append(EFFECT)
    rig.now_due()
    await rig.dispatcher().round()
    assert [] == effect_rows.finish(rig.engine, [effect_rows.Finished(slow, "failed")])
    assert rig.state() == "posted"


async def test_a_voided_effect_is_not_performed(rig: Rig) -> None:
    """A withdrawn remedy would be paid all the same."""
    await rig.asked_for("effect")
    rig.change(state="voided")
    assert await rig.dispatcher().round() == 0
    assert [] == rig.provider.performed
