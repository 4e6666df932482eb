"""Workers with one promise broken each; the suite must catch every one of them.

They are what the runner would be after a plausible mistake, so they override as little as that.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from uuid import uuid4

from sqlalchemy import select

from shared.contracts.envelope import Outgoing
from shared.ledger.tables import checkpoints
from shared.stage.batch import Batch, Claim, Plan
from shared.stage.runner import Runner, Sink


class AcksFirst(Runner[None]):
    """Acks before the work."""

    # Kafka hears of acks once a second; memory at once.
    heard_after_s = 0.0

    async def run(self, batches: Sequence[Batch]) -> None:
        """Ack, then do."""
        for batch in batches:
            batch.ack()
        await asyncio.sleep(self.heard_after_s)
        await super().run([replace(batch, ack=_already) for batch in batches])


def _already() -> None:
    return


class ForgetsOutputs(Runner[None]):
    """Claims without emitting the stored outputs."""

    async def _emit_again(self, taken: Mapping[int, tuple[Claim, bytes | None]]) -> None:
        await super()._emit_again({partition: (own, None) for partition, (own, _) in taken.items()})


class IgnoresOwner(Runner[None]):
    """Records without comparing the owner."""

    def _record(self, plan: Plan) -> dict[int, Claim]:
        with self.engine.connect() as connection:
            rows = connection.execute(select(checkpoints)).all()
        for row in rows:
            if row.partition in self.claims:
                claim = self.claims[row.partition]
                claim.owner, claim.stored_offsets = row.owner, row.offsets
        return super()._record(plan)


class DoesNotWait:
    """A sink that hands its outputs on without waiting for the deliveries."""

    # Longer than a transaction; what a process had not sent yet dies with it.
    linger_s = 0.2

    def __init__(self, inner: Sink) -> None:
        """`inner` delivers, later."""
        self.inner = inner
        self._sending: list[asyncio.Task[None]] = []

    async def send(self, outputs: Sequence[Outgoing]) -> None:
        """Return at once."""
        if outputs:
            self._sending.append(asyncio.create_task(self._later(outputs)))

    async def _later(self, outputs: Sequence[Outgoing]) -> None:
        await asyncio.sleep(self.linger_s)
        await self.inner.send(outputs)

    def die(self) -> None:
        """The process is gone, and with it what it held."""
        for task in self._sending:
            task.cancel()


class Draws:
    """A sink that marks each output with what it draws as it sends it."""

    def __init__(self, inner: Sink) -> None:
        """`inner` delivers."""
        self.inner = inner

    async def send(self, outputs: Sequence[Outgoing]) -> None:
        """Mark, and deliver."""
        mark = uuid4().bytes
        marked = [replace(o, headers=(*o.headers, ("drawn", mark))) for o in outputs]
        await self.inner.send(marked)


RUNNERS: dict[str, type[Runner[None]]] = {
    "": Runner,
    "acks_first": AcksFirst,
    "forgets_outputs": ForgetsOutputs,
    "ignores_owner": IgnoresOwner,
    "does_not_wait": Runner,
    "draws": Runner,
}
SINKS: dict[str, Callable[[Sink], Sink]] = {"does_not_wait": DoesNotWait, "draws": Draws}


def sink_of(mutant: str, inner: Sink) -> Sink:
    """The sink of a mutant; `inner` itself for most."""
    return SINKS[mutant](inner) if mutant in SINKS else inner
