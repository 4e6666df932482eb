"""The runner: claim, decode, decide, record, emit, ack, clear. One batch at a time.

At least once in, decided once, the same bytes after any crash. It knows no Kafka and no Faust:
batches come from whoever calls `run`, outputs go to a `Sink`. Whatever it cannot explain it
raises; the shell that called it ends the process, and the next claim tells what happened.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from shared.contracts.envelope import Outgoing, Record
from shared.errors import Invalid, Transient
from shared.stage import books, checkpoint
from shared.stage.batch import Batch, Claim, LogEnds, Plan
from shared.stage.canonical import log_batch
from shared.stage.deadletter import INTERNAL_ERROR
from shared.stage.gaps import Stopped, check_record, position
from shared.stage.outputs import unpack
from shared.stage.patience import PATIENCE_S, retried
from shared.stage.planner import Planner
from shared.stage.stage import Stage

P = TypeVar("P")
# From this attempt on the first batch is done one event at a time: something in it kills us.
CAREFUL_FROM_ATTEMPT = 3
# Never a record's fault, however often it is tried.
WORLD_OR_OWNER = (Stopped, checkpoint.Fenced, Transient, OperationalError, InterfaceError)
# Another worker moved a shared row so often in a row: no longer chance.
DECIDED_AGAIN_MAX = 20


class Sink(Protocol):
    """Where outputs go. `send` returns when every record is delivered, in order per key."""

    async def send(self, outputs: Sequence[Outgoing]) -> None:
        """Deliver, or raise."""


def _no_step(_name: str) -> None:
    return


def _counts_nothing(_plan: Plan) -> None:
    return


class Runner(Generic[P]):
    """One worker of a stage. `on_step` is told the name of each step once it is done."""

    patience_s = PATIENCE_S

    def __init__(
        self,
        stage: Stage[P],
        engine: Engine,
        *,
        sink: Sink,
        partitions: int,
        on_step: Callable[[str], None] = _no_step,
    ) -> None:
        """Take the parts; nothing is read or written yet."""
        self.stage, self.engine, self.sink, self.on_step = stage, engine, sink, on_step
        self.on_batch: Callable[[Plan], None] = _counts_nothing
        self.planner = Planner(stage, engine, partitions)
        self.claims: dict[int, Claim] = {}
        self.generation = -1
        self.stopped: Stopped | None = None
        self._turn = asyncio.Lock()

    async def claim(
        self, logs: Mapping[int, Mapping[str, LogEnds]], generation: int
    ) -> dict[tuple[str, int], int]:
        """Take partitions over; send again what was decided; tell where to read on.

        `logs`: by partition and topic, what the log holds. The position is the last record done,
        not the next: seeing it again proves that the topic is still the same.
        """
        async with self._turn:
            taken = await retried(lambda: checkpoint.claim(self.engine, logs), self.patience_s)
            self.on_step("claimed")
            claims = {partition: claim for partition, (claim, _) in taken.items()}
            # Before anything is released or the dispatcher may look: is the ledger an older copy?
            positions = await self._positions(claims, logs)
            await self._emit_again(taken)
            self.claims, self.generation = claims, generation
            return positions

    async def _emit_again(self, taken: Mapping[int, tuple[Claim, bytes | None]]) -> None:
        outputs = [output for _, blob in taken.values() for output in unpack(blob)]
        await self.sink.send(outputs)
        owners = {partition: claim.owner for partition, (claim, _) in taken.items()}
        await asyncio.to_thread(checkpoint.clear, self.engine, owners)

    async def _positions(
        self, claims: Mapping[int, Claim], logs: Mapping[int, Mapping[str, LogEnds]]
    ) -> dict[tuple[str, int], int]:
        found, behind = {}, []
        for partition, topics in logs.items():
            claim = claims[partition]
            for topic, ends in topics.items():
                try:
                    found[topic, partition] = position(claim, topic, ends=ends)
                except Stopped as stopped:
                    self.stopped = self.stopped or stopped.at(topic, partition)
                    found[topic, partition] = ends.end
                if (ends.committed or 0) > claim.offsets.get(topic, 0):
                    behind.append(f"{topic}-{partition}")
        # A stage without effects has nothing to hold, and nobody would let it go on.
        if behind and self.stage.inbox is not None:
            why = f"the log was done further than the database knows: {', '.join(behind[:5])}"
            await asyncio.to_thread(checkpoint.hold, self.engine, why)
        return found

    async def run(self, batches: Sequence[Batch]) -> None:
        """Do these batches and ack them. Batches of an older claim are dropped, unacked."""
        async with self._turn:
            ours = [batch for batch in batches if self._is_ours(batch)]
            for batch in batches:
                if batch not in ours:
                    batch.forget()
            try:
                records = [record for batch in ours for record in self._new(batch)]
                careful = any(self._careful(batch.partition) for batch in ours)
                for part in [[record] for record in records] if careful else [records]:
                    await self._do(part, careful=careful)
            except Stopped as stopped:
                self.stopped = stopped
                for batch in ours:
                    batch.forget()
                return
            for batch in ours:
                batch.ack()
            self.on_step("acked")

    def _is_ours(self, batch: Batch) -> bool:
        current = batch.generation == self.generation and batch.partition in self.claims
        return current and self.stopped is None

    def _careful(self, partition: int) -> bool:
        return self.claims[partition].attempts >= CAREFUL_FROM_ATTEMPT

    def _new(self, batch: Batch) -> list[Record]:
        """The records not done yet; the last one done, if it comes first, is compared."""
        claim = self.claims[batch.partition]
        for record in batch.records:
            check_record(claim, record)
        return [each for each in batch.records if each.offset >= claim.offsets.get(each.topic, 0)]

    async def _do(self, records: list[Record], *, careful: bool) -> None:
        if not records:
            return
        plan = await self._recorded(records, careful=careful)
        self.on_step("recorded")
        outputs = [output for some in plan.outputs.values() for output in some]
        await self.sink.send(outputs)
        self.on_step("emitted")
        if outputs or plan.effects():
            owners = {r.partition: self.claims[r.partition].owner for r in plan.records}
            await asyncio.to_thread(checkpoint.clear, self.engine, owners)
        self.on_step("cleared")
        log_batch(self.stage.name, plan)
        self.on_batch(plan)

    async def _recorded(self, records: list[Record], *, careful: bool) -> Plan:
        for _ in range(DECIDED_AGAIN_MAX):
            plan = await self._planned(records, careful=careful)
            self.on_step("decided")
            try:
                moved = await asyncio.to_thread(self._record, plan)
            except books.GuardFailed:
                continue
            except WORLD_OR_OWNER:
                raise
            except Exception:
                if not careful:
                    raise
                plan = self.planner.buried(records, Invalid(INTERNAL_ERROR), claims=self.claims)
                moved = await asyncio.to_thread(self._record, plan)
            self.claims.update(moved)
            return plan
        message = "a shared row changed under every one of our decisions"
        raise RuntimeError(message)

    async def _planned(self, records: list[Record], *, careful: bool) -> Plan:
        try:
            plan = self.planner.plan
            return await retried(lambda: plan(records, self.claims), self.patience_s)
        except WORLD_OR_OWNER:
            raise
        except Exception:
            if not careful:
                raise
            return self.planner.buried(records, Invalid(INTERNAL_ERROR), claims=self.claims)

    def _record(self, plan: Plan) -> dict[int, Claim]:
        """One transaction, never retried: on any doubt the process ends and claims again."""
        with self.engine.begin() as connection:
            moved = checkpoint.advance(connection, self.claims, plan=plan)
            books.write(connection, self.engine, plan=plan)
            decided = [(p.event, p.decision, p.emitted) for p in plan.planned]
            self.stage.also_records(connection, decided)
        return moved
