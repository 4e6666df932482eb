"""Two workers, people, copies and crashes in any order: the same books at the end."""

import asyncio
import random
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from services.recovery import ledger
from services.recovery.payouts import confirm, export
from shared.contracts.approvals import ApprovalGiven
from shared.contracts.codec import encode
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.recoveries import RecoveryEvent, RecoveryProposed
from shared.contracts.topics import APPROVALS
from shared.ledger.tables import effects, reserves
from shared.stage.checkpoint import Fenced
from shared.stage.dispatcher import Dispatcher
from shared.stage.memory import MemoryWorker
from shared.stage.runner import Runner
from tests.core.recovery_world import START, order, triaged
from tests.stage.rig_recovery import PARTITIONS, Service, about, ledger_in

COMPLAINANTS, STEPS_MAX, SEEDS = 8, 120, range(6)
SHARED, PAID_MINOR = "pay-shared", 30000
# Each takes a second or two on a quiet machine: enough to look for more, few enough for the ring.
EXAMPLES_MAX, LONG_EXAMPLES_MAX, MOVES_MAX = 6, 200, 60
WORKS = ("claim", "work", "work", "perform", "die")
DIES_AT = ("decided", "recorded", "emitted", "cleared")


class Move(NamedTuple):
    """Something that happens: told, signed, or one of two workers at work, which may die at a step.

    `times`: how many records it looks at, or how often it is told; `which`: of those untold.
    """

    what: str
    worker: int = 0
    times: int = 1
    which: int = 0
    dies_at: str = ""


class Killed(BaseException):
    """kill -9: nothing catches it."""


class Two:
    """Two workers of one service that take the partitions from each other, and die."""

    def __init__(self, service: Service) -> None:
        """Both are there; neither has claimed."""
        self.service, self.generation = service, 0
        self.workers = [self._fresh() for _ in range(2)]
        self.dies_at = ""

    def _fresh(self) -> MemoryWorker:
        service = self.service
        runner = Runner(
            service.stage,
            service.engine,
            sink=service.log,
            partitions=PARTITIONS,
            on_step=self._step,
        )
        return MemoryWorker(service.log, runner, range(PARTITIONS))

    def _step(self, name: str) -> None:
        if name == self.dies_at:
            self.dies_at = ""
            raise Killed

    async def moves(self, move: Move) -> None:
        """One of them does something, or something befalls it."""
        worker = self.workers[move.worker]
        try:
            if move.what == "claim" or worker.generation == 0:
                self.generation += 1
                await worker.join(self.generation)
            elif move.what == "perform":
                await Dispatcher(
                    self.service.stage,
                    self.service.engine,
                    self.service.log,
                    lambda: worker.runner.claims,
                ).round()
            else:
                if move.what == "die":
                    self.dies_at = move.dies_at
                await worker.step(move.times)
        except (Killed, Fenced):
            self.workers[move.worker] = self._fresh()

    async def come_to_rest(self) -> None:
        """One of them is left, and does what there is to do."""
        last, self.dies_at = self._fresh(), ""
        await last.join(self.generation + 1)
        dispatcher = Dispatcher(
            self.service.stage, self.service.engine, self.service.log, lambda: last.runner.claims
        )
        for _ in range(6):
            await last.drain()
            _nothing_waits(self.service.engine)
            while await dispatcher.round():
                await last.drain()
            confirm(self.service.engine, _paid(export(self.service.engine, again=True)))


def _nothing_waits(engine: Engine) -> None:
    """Leases and waits are over; timers with a date stay where they are."""
    with engine.begin() as connection:
        connection.execute(effects.update().where(effects.c.kind != "timer").values(next_at=0.0))


def _paid(listed: str) -> str:
    ids = [line.split(",")[0] for line in listed.splitlines()[1:]]
    return "payout_id,state\r\n" + "".join(f"{each},paid\r\n" for each in ids)


def complaints() -> list[Event[Contract]]:
    """Somebody's own refund each; two of them also claim on one payment that covers only one."""
    found = []
    for number in range(COMPLAINANTS):
        reference = SHARED if number < 2 else f"pay-{number}"
        paid = order(PAID_MINOR, reference=reference, id=f"order-{reference}")
        amount = {} if number % 2 else {"severity": "high"}
        data = triaged(f"c-{number}", order=paid, **amount)
        found.append(about(data, f"who-{number}", event_id=f"triaged-{number}"))
    return found


def signatures(said: Mapping[str, list[RecoveryEvent]], seen: set[str]) -> list[Event[Contract]]:
    """A signature for each proposal that is new, twice."""
    found = []
    for complaint_id, events in said.items():
        last = events[-1]
        if not isinstance(last, RecoveryProposed) or complaint_id in seen:
            continue
        seen.add(complaint_id)
        words = ApprovalGiven(
            recovery_id=last.recovery_id,
            complaint_id=complaint_id,
            case_id=last.case_id,
            seen_version=last.version,
            actor="lead-gran",
            role="team_lead",
            at=START,
        )
        who = f"who-{complaint_id.removeprefix('c-')}"
        found += [
            about(words, who, event_id=f"{copy}-{complaint_id}", topic=APPROVALS.name)
            for copy in ("signed", "signed-again")
        ]
    return found


def by_chance(seed: int) -> Iterator[Move]:
    """A long storm: tellings, work and signatures as they come."""
    chance = random.Random(seed)
    for _ in range(STEPS_MAX):
        if chance.random() < 0.3:
            yield Move("tell", times=chance.randint(1, 2), which=chance.randrange(COMPLAINANTS))
        dies_at, count = chance.choice(DIES_AT), chance.randint(1, 5)
        yield Move(chance.choice(WORKS), chance.randrange(2), count, dies_at=dies_at)
        if chance.random() < 0.2:
            yield Move("sign")


MOVES = st.lists(
    st.builds(
        Move,
        st.sampled_from(["tell", "tell", "sign", *WORKS]),
        st.integers(0, 1),
        st.integers(1, 5),
        st.integers(0, COMPLAINANTS - 1),
        st.sampled_from(DIES_AT),
    ),
    max_size=MOVES_MAX,
)


async def lived(folder: Path, moves: Sequence[Move]) -> Mapping[str, object]:
    """The books after everything was told, done, killed, taken over and confirmed."""
    with ledger_in(folder) as engine:
        service = Service(engine, folder)
        two, seen, waiting = Two(service), set[str](), complaints()
        for move in moves:
            if move.what == "tell":
                if waiting:
                    told = waiting.pop(move.which % len(waiting))
                    await service.log.send([encode(told)] * move.times)
            elif move.what == "sign":
                await service.log.send([encode(e) for e in signatures(service.said(), seen)])
            else:
                await two.moves(move)
        await service.log.send([encode(each) for each in waiting])
        for _ in range(2):
            await two.come_to_rest()
            await service.log.send([encode(e) for e in signatures(service.said(), seen)])
        await two.come_to_rest()
        found = books(engine)
        service.close()
        return found


@cache
def quiet() -> Mapping[str, object]:
    """The books when one worker does everything, one thing after the other."""
    with TemporaryDirectory() as folder:
        return asyncio.run(lived(Path(folder), ()))


def books(engine: Engine) -> Mapping[str, object]:
    """What the journal, the payouts and the payments' rows come to; which of two won is chance."""
    with engine.begin() as connection:
        assert ledger.unbalanced_entries(connection) == 0
        assert all(each.balanced for each in ledger.balance(connection))
        used = dict(connection.execute(select(reserves.c.name, reserves.c.used)).tuples().all())
        sums = connection.execute(
            select(ledger.postings.c.account, func.sum(ledger.postings.c.amount_minor)).group_by(
                ledger.postings.c.account
            )
        )
        states = connection.execute(
            select(ledger.payouts.c.state, func.count()).group_by(ledger.payouts.c.state)
        )
        return {
            "rows": used,
            "accounts": dict(sums.tuples().all()),
            "payouts": dict(states.tuples().all()),
        }


def stormy(moves: Sequence[Move]) -> Mapping[str, object]:
    """The books after these moves, in an installation of their own."""
    with TemporaryDirectory() as folder:
        return asyncio.run(lived(Path(folder), moves))


def test_the_shared_payment_goes_back_once_and_whole() -> None:
    """The storms below would be compared with books that are wrong themselves."""
    rows = quiet()["rows"]
    assert isinstance(rows, dict)
    assert quiet()["payouts"] == {"confirmed": COMPLAINANTS - 1}
    assert rows[f"payment:{SHARED}"] == PAID_MINOR


@pytest.mark.parametrize("seed", SEEDS)
def test_a_long_storm_gives_the_same_books(seed: int) -> None:
    """Two workers, a late signature or a crash would pay twice, or not at all."""
    assert quiet() == stormy([*by_chance(seed)])


@settings(max_examples=EXAMPLES_MAX)
@for_all(MOVES)
def test_any_interleaving_gives_the_same_books(moves: list[Move]) -> None:
    """Some order of two workers, copies, approvals and deaths would leave other books."""
    assert quiet() == stormy(moves)


@pytest.mark.long
@settings(max_examples=LONG_EXAMPLES_MAX)
@for_all(MOVES)
def test_many_interleavings_give_the_same_books(moves: list[Move]) -> None:
    """The same, of an order that a few tries do not find."""
    assert quiet() == stormy(moves)
