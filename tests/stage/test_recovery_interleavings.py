"""Two workers, people, copies and crashes in any order: the same books at the end."""

import random
from collections.abc import Mapping
from pathlib import Path

import pytest
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


class Killed(BaseException):
    """kill -9: nothing catches it."""


class Two:
    """Two workers of one service that take the partitions from each other, and die."""

    def __init__(self, service: Service, chance: random.Random) -> None:
        """Both are there; neither has claimed."""
        self.service, self.chance, self.generation = service, chance, 0
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

    async def moves(self) -> None:
        """One of them does something, or something befalls it."""
        index = self.chance.randrange(2)
        worker = self.workers[index]
        move = self.chance.choice(["claim", "work", "work", "perform", "die"])
        try:
            if move == "claim" or worker.generation == 0:
                self.generation += 1
                await worker.join(self.generation)
            elif move == "perform":
                await Dispatcher(
                    self.service.stage,
                    self.service.engine,
                    self.service.log,
                    lambda: worker.runner.claims,
                ).round()
            else:
                if move == "die":
                    self.dies_at = self.chance.choice(["decided", "recorded", "emitted", "cleared"])
                await worker.step(self.chance.randint(1, 5))
        except (Killed, Fenced):
            self.workers[index] = self._fresh()

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


async def lived(folder: Path, seed: int, *, moves: int) -> Mapping[str, object]:
    """The books after everything was told, done, killed, taken over and confirmed."""
    chance = random.Random(seed)
    with ledger_in(folder) as engine:
        service = Service(engine, folder)
        two, seen = Two(service, chance), set[str]()
        waiting = complaints()
        chance.shuffle(waiting)
        for _ in range(moves):
            if waiting and chance.random() < 0.3:
                told = waiting.pop()
                await service.log.send([encode(told)] * chance.randint(1, 2))
            await two.moves()
            if chance.random() < 0.2:
                await service.log.send([encode(e) for e in signatures(service.said(), seen)])
        await service.log.send([encode(each) for each in waiting])
        for _ in range(2):
            await two.come_to_rest()
            await service.log.send([encode(e) for e in signatures(service.said(), seen)])
        await two.come_to_rest()
        return books(engine)


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


@pytest.mark.parametrize("seed", SEEDS)
async def test_any_interleaving_gives_the_same_books(tmp_path: Path, seed: int) -> None:
    """Two workers, a late signature or a crash would pay twice, or not at all."""
    quiet = await lived(tmp_path / "quiet", 0, moves=0)
    stormy = await lived(tmp_path / "stormy", seed, moves=STEPS_MAX)
    assert quiet == stormy
    assert quiet["payouts"] == {"confirmed": COMPLAINANTS - 1}
    rows = quiet["rows"]
    assert isinstance(rows, dict)
    assert rows[f"payment:{SHARED}"] == PAID_MINOR
