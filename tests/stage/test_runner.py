"""The runner where two workers meet, where the ledger fails, and where the log has holes."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError

from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.topics import REGISTERED
from shared.ledger.tables import audits, reserves
from shared.stage.checkpoint import Fenced, resume
from shared.stage.decision import Decision, History
from shared.stage.runner import CAREFUL_FROM_ATTEMPT
from tests.stage import conformance, probe
from tests.stage.ledgers import ledger, postgres
from tests.stage.rig import (
    CRASHED,
    KILLED,
    PARTITIONS,
    Trouble,
    check_all_right,
    copy_of,
    decided_ids,
    header,
    held,
    put_back,
    question,
    replies,
    reply,
    somebody_in,
)
from tests.stage.rig_memory import ROUND_RECORDS, MemoryRig

__all__ = ["ledger", "postgres"]


@pytest.fixture
def rig(ledger: Engine, tmp_path: Path) -> MemoryRig:
    """A rig in memory."""
    return MemoryRig(ledger, tmp_path)


class Once:
    """An `on_step` that does something at a step, the first time."""

    def __init__(self, step: str, act: Callable[[], None]) -> None:
        """`act` runs while this worker stands still."""
        self.step, self.act, self.done = step, act, False

    def __call__(self, name: str) -> None:
        """Act, once."""
        if name == self.step and not self.done:
            self.done = True
            self.act()


def meanwhile(work: Callable[[], Coroutine[None, None, None]]) -> Callable[[], None]:
    """Do this to its end on another loop, as another process would."""

    def run() -> None:
        with ThreadPoolExecutor(1) as other:
            other.submit(lambda: asyncio.run(work())).result()

    return run


async def check_stale_owner(rig: MemoryRig, *, mutant: str = "") -> None:
    """A worker comes back from a long sleep between deciding and recording."""
    said = replies(20)
    await rig.produce(s.record for s in said)

    async def take_over() -> None:
        newer = rig.worker()
        await rig.join(newer)
        await newer.drain(ROUND_RECORDS)

    older = rig.worker(mutant=mutant, on_step=Once("decided", meanwhile(take_over)))
    await rig.join(older)
    (outcome,) = await asyncio.gather(older.step(ROUND_RECORDS), return_exceptions=True)
    assert isinstance(outcome, Fenced), "the older worker was not told that it is of the past"
    await check_all_right(rig, said)
    assert len(said) == len(await rig.answers()), "the older worker emitted after it was fenced"


async def test_a_stale_owner_is_fenced(rig: MemoryRig) -> None:
    """A worker that slept through a takeover would decide again what others did."""
    await check_stale_owner(rig)


async def test_a_mutant_that_ignores_the_owner_is_caught(rig: MemoryRig) -> None:
    """The scenario above could not fail."""
    with pytest.raises(AssertionError):
        await check_stale_owner(rig, mutant="ignores_owner")


async def test_a_stale_owner_clears_nothing(rig: MemoryRig) -> None:
    """A worker that slept after emitting would drop outputs that its successor has not sent."""
    said = replies(8, people=1)
    await rig.produce(s.record for s in said[:4])

    async def take_over() -> None:
        await rig.produce(s.record for s in said[4:])
        assert await rig.work(Trouble("recorded")) == KILLED

    older = rig.worker(on_step=Once("emitted", meanwhile(take_over)))
    await rig.join(older)
    await asyncio.gather(older.drain(ROUND_RECORDS), return_exceptions=True)
    assert await rig.work() == 0
    await check_all_right(rig, said)


async def test_workers_come_and_go(rig: MemoryRig) -> None:
    """A rebalance would lose what lay between two owners."""
    said = replies(90, people=11)
    for turn, shares in enumerate(([[0, 1, 2, 3]], [[0, 1], [2, 3]], [[0], [1, 3], [2]])):
        await rig.produce(s.record for s in said[turn * 30 : turn * 30 + 30])
        workers = [rig.worker(share) for share in shares]
        for worker in workers:
            await rig.join(worker)
        await asyncio.gather(*(worker.step(ROUND_RECORDS) for worker in workers))
    assert await rig.work() == 0
    await check_all_right(rig, said)


async def test_a_batch_of_an_older_claim_is_dropped(rig: MemoryRig) -> None:
    """What was fetched before a rebalance would be acked though nobody did it."""
    said = replies(12)
    await rig.produce(s.record for s in said)
    worker = rig.worker()
    await rig.join(worker)
    await worker.runner.claim({p: {} for p in range(PARTITIONS)}, generation=99)
    await worker.step(ROUND_RECORDS)
    assert (decided_ids(rig.engine), rig.log.committed) == ([], {})
    assert await rig.work() == 0
    await check_all_right(rig, said)


async def test_shared_rows_lose_no_update(rig: MemoryRig) -> None:
    """Two workers would spend one remainder twice."""
    zero, one = somebody_in(0), somebody_in(1)
    said = [reply(who, number, text="share") for number in range(10) for who in (zero, one)]
    await rig.produce(s.record for s in said)

    async def the_other() -> None:
        other = rig.worker([1])
        await rig.join(other)
        await other.drain(ROUND_RECORDS)

    first = rig.worker([0], on_step=Once("decided", meanwhile(the_other)))
    await rig.join(first)
    await first.drain(ROUND_RECORDS)
    await check_all_right(rig, said)
    seen = sorted(int(question(record).split()[2]) for record in await rig.answers())
    assert list(range(len(said))) == seen, "two decisions saw the same shared row"
    with rig.engine.connect() as connection:
        assert connection.execute(select(reserves.c.used)).scalar_one() == len(said)


async def test_holes_in_the_log_are_normal(rig: MemoryRig) -> None:
    """Transactions and compaction leave offsets out; the stage would wait or stop for them."""
    said = [reply(somebody_in(0), number) for number in range(12)]
    for each in said:
        rig.log.next[REGISTERED.name, 0] += 3
        await rig.produce([each.record])
    assert await rig.work(Trouble("recorded")) == KILLED
    assert await rig.work() == 0
    await check_all_right(rig, said)


async def test_a_log_that_jumps_back_stops_the_stage(rig: MemoryRig) -> None:
    """A topic made anew under a running worker: its first records would be skipped as done."""
    who = somebody_in(0)
    said = [reply(who, number) for number in range(10)]
    await rig.produce(s.record for s in said)
    worker = rig.worker()
    await rig.join(worker)
    await worker.drain(ROUND_RECORDS)
    await rig.make_anew(REGISTERED.name)
    await rig.produce([reply(who, 50).record])
    worker.positions[REGISTERED.name, 0] = 0
    await worker.drain(ROUND_RECORDS)
    assert worker.runner.stopped is not None
    assert worker.runner.stopped.code == "topic_made_anew"
    assert rig.log.committed.get((REGISTERED.name, 0)) is None


async def test_no_row_where_a_commit_exists_is_a_restore(rig: MemoryRig) -> None:
    """A ledger that was emptied would pay everything again."""
    said = replies(5)
    await rig.produce(s.record for s in said)
    for place, end in (await rig.ends()).items():
        rig.log.committed[place] = end
    assert await rig.work() == 0
    assert held(rig.engine)
    assert resume(rig.engine, actor="Kari (ops)", reason="matched with the provider's list")
    assert held(rig.engine) == []
    with rig.engine.connect() as connection:
        kept = connection.execute(select(audits.c.actor, audits.c.action)).tuples().one()
    assert kept == ("Kari (ops)", "resume")


def _remembers_too_much(  # signature: stage
    event: Event[Contract], history: History, policy: None
) -> Decision:
    answer = probe.decide(event, history, policy)
    assert isinstance(answer, Decision)
    if _says(event, "huge"):
        # JSON has it, the ledger's encoder has not: 64 bits are the most.
        return replace(answer, remembers={"seen": 1 << 70})
    return answer


def _says(event: Event[Contract], word: str) -> bool:
    return word in probe.said(event.data)


async def test_what_the_ledger_cannot_keep_costs_one_record(rig: MemoryRig) -> None:
    """A decision that cannot be stored would end the worker at every start, for ever."""
    rig.stage = replace(rig.stage, decide=_remembers_too_much)
    said = replies(10)
    await rig.produce([*(s.record for s in said[:5]), reply("poison", 900, text="huge").record])
    await rig.produce(s.record for s in said[5:])
    codes = [await rig.work() for _ in range(conformance.STARTS_MAX)]
    assert 0 in codes
    await check_all_right(rig, said)
    assert [header(record, "dl_code") for record in await rig.dead()] == ["internal_error"]


async def test_a_lost_connection_buries_nobody(rig: MemoryRig) -> None:
    """A database that was away would make dead letters of sound complaints."""
    said = replies(6)
    await rig.produce(s.record for s in said)
    for _ in range(CAREFUL_FROM_ATTEMPT - 1):
        assert await rig.work(Trouble("decided", how="raise")) == CRASHED
    away = True

    def touches(_event: Event[Contract]) -> tuple[str, ...]:
        # Asked while the ledger is read: here the connection is lost for good.
        if away:
            raise OperationalError("SELECT", {}, ConnectionError("the server went away"))
        return ()

    rig.stage = replace(rig.stage, touches=touches)
    assert await rig.work() == CRASHED
    away = False
    assert await rig.work() == 0
    assert await rig.dead() == []
    await check_all_right(rig, said)


async def test_a_stage_without_effects_is_never_held(rig: MemoryRig) -> None:
    """After a restore an alarm would ring for triage until somebody let go what it never does."""
    rig.stage, rig.dispatching = replace(rig.stage, inbox=None, performers={}), False
    said, later = replies(20), replies(20, first=20)
    await rig.produce(s.record for s in said)
    assert await rig.work() == 0
    older = copy_of(rig.engine)
    await rig.produce(s.record for s in later)
    assert await rig.work() == 0
    put_back(rig.engine, older)
    assert await rig.work() == 0
    await check_all_right(rig, [*said, *later])
