"""What every rival does with a record: decode, decide, remember in memory, encode."""

from typing import Generic, TypeVar

from shared.contracts.codec import encode
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event, Outgoing, Record
from shared.stage.decision import Decision
from shared.stage.fold import Fold
from shared.stage.stage import Stage

P = TypeVar("P")


class Answering(Generic[P]):
    """The pure part, with a history that grows in memory."""

    def __init__(self, stage: Stage[P]) -> None:
        """Nothing is known yet."""
        self.fold = Fold(stage)

    def outputs(self, record: Record) -> list[Outgoing]:
        """What one record brings about, encoded."""
        return [encode(each) for each in self.answered(self.fold.stage.decode(record))[1]]

    def answered(
        self, event: Event[Contract]
    ) -> tuple[Decision | None, tuple[Event[Contract], ...]]:
        """The decision (None: not taken) and what leaves."""
        answer, emitted = self.fold.decide(event)
        decided = answer if isinstance(answer, Decision) else None
        if decided is not None:
            self.fold.remember(event, decided)
        return decided, tuple(emitted)
