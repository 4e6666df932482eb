"""The rig without a broker: a log in memory, workers as objects; kill -9 is an exception that
nothing catches, after which the worker is dropped where it stood.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from sqlalchemy import Engine

from shared.contracts.envelope import Outgoing, Record
from shared.stage.dispatcher import Dispatcher
from shared.stage.memory import MemoryLog, MemoryWorker
from shared.stage.runner import Sink
from shared.stage.stage import Stage
from tests.stage.mutants import RUNNERS, DoesNotWait, sink_of
from tests.stage.probe import probe
from tests.stage.rig import CRASHED, KILLED, NO_TROUBLE, PARTITIONS, Place, Rig, Trouble

ROUND_RECORDS = 5  # few, so that a test has several rounds
PATIENCE_S = 0.5  # nobody here comes back after longer
Step = Callable[[str], None]


class Killed(BaseException):
    """kill -9: no handler may catch it."""


class Befalls:
    """An `on_step` that brings trouble at a step, the nth time."""

    def __init__(self, trouble: Trouble) -> None:
        """Nothing has happened yet."""
        self.trouble = trouble
        self._seen: Counter[str] = Counter()

    def __call__(self, name: str) -> None:
        """Count, and strike when it is time."""
        self._seen[name] += 1
        if name == self.trouble.step and self._seen[name] == self.trouble.nth:
            if self.trouble.how == "raise":
                raise RuntimeError("between the steps")
            raise Killed


def _goes_on(_name: str) -> None:
    return


class MemoryRig(Rig):
    """A log in memory, and a ledger."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        """`engine`: a migrated ledger."""
        self.engine, self.journal = engine, folder / "journal"
        self.log = MemoryLog(PARTITIONS)
        self.stage: Stage[None] = probe(self.journal)
        self._generation = 0

    async def produce(self, records: Iterable[Outgoing]) -> None:
        """Append."""
        await self.log.send(list(records))

    async def lay_null(self, record: Outgoing) -> None:
        """Append with no value."""
        self.log.append(record, null=True)

    async def work(self, trouble: Trouble = NO_TROUBLE, *, mutant: str = "") -> int:
        """Claim all partitions and do what lies there."""
        worker = self.worker(mutant=mutant, on_step=Befalls(trouble))
        sink = worker.runner.sink
        try:
            await self.join(worker)
            await self._done(worker)
        except Killed:
            if isinstance(sink, DoesNotWait):
                sink.die()
            return KILLED
        except Exception:  # noqa: BLE001 -- the shell ends the process on whatever it is
            return CRASHED
        self.why_stopped = str(worker.runner.stopped or "")
        return 0

    async def _done(self, worker: MemoryWorker) -> None:
        """Until nothing lies there and no effect is due."""
        runner = worker.runner
        dispatcher = Dispatcher(self.stage, self.engine, runner.sink, lambda: runner.claims)
        await worker.drain(ROUND_RECORDS)
        while self.dispatching and await dispatcher.round():
            await worker.drain(ROUND_RECORDS)

    def worker(
        self,
        partitions: Sequence[int] = range(PARTITIONS),
        *,
        mutant: str = "",
        on_step: Step = _goes_on,
    ) -> MemoryWorker:
        """A worker that has not claimed yet."""
        sink: Sink = sink_of(mutant, self.log)
        runner = RUNNERS[mutant](
            self.stage, self.engine, sink=sink, partitions=PARTITIONS, on_step=on_step
        )
        runner.patience_s = PATIENCE_S
        return MemoryWorker(self.log, runner, partitions)

    async def join(self, worker: MemoryWorker) -> None:
        """A new generation of the group."""
        self._generation += 1
        await worker.join(self._generation)

    async def read(self, topic: str) -> list[Record]:
        """Everything that lies there."""
        return self.log.all(topic)

    async def ends(self) -> dict[Place, int]:
        """Where the input places end."""
        inputs = {topic.name for topic in self.stage.inputs}
        return {place: end for place, end in self.log.next.items() if end and place[0] in inputs}

    async def make_anew(self, topic: str) -> None:
        """Empty; what the group committed there is forgotten too, as Kafka does."""
        for place in [place for place in self.log.records if place[0] == topic]:
            del self.log.records[place], self.log.next[place]
            self.log.committed.pop(place, None)

    async def let_go(self, place: Place, before: int) -> None:
        """The oldest records go."""
        lying = self.log.records[place]
        self.log.records[place] = [record for record in lying if record.offset >= before]
