"""Two workers at work while something happens to them again and again; then the count.

Nothing depends on how long anything takes: a strike comes when events were produced, and the
storm is over when the ledger has done what the log holds.
"""

import asyncio
import random
import time
from collections import Counter
from dataclasses import replace
from functools import partial

from shared.contracts.identity import derived
from shared.stage import effect_rows
from tests.stage.rig import (
    Said,
    check_answers,
    decided_ids,
    effect_states,
    header,
    held,
    offsets_done,
    replies,
    reply,
    unsent,
)
from tests.stage.rig_kafka import KafkaRig
from tests.stage.workers import LOOK_S, Worker, came, up

WORKERS = 2
# A member frozen while it joins is waited for by the coordinator (rebalance timeout, 60 s), and a
# stalled successor by its watchdog (60 s): then, and a start, and a session, and it never comes.
CALM_S = 240.0
# Small rounds, so that a strike always finds some done, one in hand and some to come.
RECORDS_MAX = 25
PEOPLE = 97
EFFECT_EVERY = 40


class Storm:
    """A rig, two workers that are started again whenever they end, and what was sent."""

    def __init__(self, rig: KafkaRig, seed: int, *, chance: float = 0.0, static: bool) -> None:
        """`static`: a worker's successor takes its place at once, else after the session."""
        self.rig, self.dice, self.static = rig, random.Random(seed), static
        self.chance = chance
        self.codes: list[int] = []
        self.said: list[Said] = []
        self.pays: list[Said] = []
        self._starts = 0
        self.slots = [self.start(slot) for slot in range(WORKERS)]

    def start(self, slot: int) -> Worker:
        """A worker in this place."""
        self._starts += 1
        orders = replace(
            self.rig.orders,
            instance=f"place-{slot}" if self.static else "",
            records_max=RECORDS_MAX,
            chance=self.chance,
            seed=self._starts,
        )
        return self.rig.start(orders)

    def revive(self) -> None:
        """What an operator's supervisor does."""
        for slot, worker in enumerate(self.slots):
            if worker.code is not None:
                self.codes.append(worker.code)
                self.slots[slot] = self.start(slot)

    async def say(self, count: int) -> None:
        """So many more events, some of which ask for an effect."""
        so_far = len(self.said) + len(self.pays)
        now = replies(count, people=PEOPLE, first=so_far)
        pays = [
            reply(f"payee{so_far + n}", so_far + n, text="effect")
            for n in range(0, count, EFFECT_EVERY)
        ]
        self.said += now
        self.pays += pays
        mixed = [*now]
        for each in pays:
            mixed.insert(self.dice.randrange(len(mixed)), each)
        await self.rig.produce(s.record for s in mixed)

    async def over(self) -> None:
        """Until all is done; whoever ends is started again."""
        until = time.monotonic() + CALM_S
        while not await self._over():
            assert time.monotonic() < until, f"never came: the end of the storm; {self._state()}"
            self.revive()
            await asyncio.sleep(LOOK_S)

    def _state(self) -> str:
        """What the workers say and where the work stands, for whoever reads a failure."""
        says = [(worker.code, worker.code is None and worker.ready()) for worker in self.slots]
        states = Counter(effect_states(self.rig.engine).values())
        done = len(decided_ids(self.rig.engine))
        return f"workers {says}, ended before {self.codes}, decided {done}, effects {states}"

    async def _over(self) -> bool:
        engine = self.rig.engine
        if effect_rows.unannounced(engine) or unsent(engine):
            return False
        states = Counter(effect_states(engine).values())
        if states != Counter({"posted": len(self.pays)}):
            return False
        return await self.rig.ends() == offsets_done(engine)

    async def calm(self) -> None:
        """No more trouble: what runs may end."""
        for worker in self.slots:
            # A process that is still starting dies of SIGTERM by itself: nothing of ours runs yet.
            await came("a worker at work", partial(_ended_or_up, worker))
            assert await self.rig.ended(worker) == 0

    async def check(self) -> None:
        """Nothing lost, nothing decided twice, every copy alike, each effect once."""
        rig = self.rig
        decided = Counter(decided_ids(rig.engine))
        assert {s.event.id for s in (*self.said, *self.pays)} <= set(decided)
        assert set(decided.values()) == {1}
        mine = {s.answer_id for s in self.said}
        answers = await rig.answers()
        check_answers([r for r in answers if header(r, "ce_id") in mine], self.said)
        assert len(mine) + 2 * len(self.pays) == len({header(r, "ce_id") for r in answers})
        paid = sorted(rig.journal.read_text().split())
        assert sorted(derived("probe", s.event.id) for s in self.pays) == paid
        assert await rig.dead() == []
        assert held(rig.engine) == []


def _ended_or_up(worker: Worker) -> bool:
    return worker.code is not None or up(worker)
