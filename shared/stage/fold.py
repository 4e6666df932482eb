"""The pure middle of a batch: events in order, history folded as it grows, decisions out.

The runner and `kulanse explain` share it: what a machine decides does not depend on who asks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from shared.contracts.contract import Contract
from shared.contracts.envelope import Event, caused
from shared.stage.decision import Decision, History, Memory, Rejected
from shared.stage.stage import Stage

P = TypeVar("P")
Emitted = tuple[Event[Contract], ...]


@dataclass(slots=True)
class Fold(Generic[P]):
    """What is remembered while a batch is decided; `decide` adds to it."""

    stage: Stage[P]
    memories: dict[str, list[Memory]] = field(default_factory=dict)
    reserved: dict[str, int] = field(default_factory=dict)

    def decide(self, event: Event[Contract]) -> tuple[Decision | Rejected, Emitted]:
        """The core's answer to one event, and the events it brings about."""
        # Asked once: a switch may be set while we decide.
        policy, digest = self.stage.in_force()
        history = History(tuple(self.memories.get(event.key, ())), self._seen(event))
        answer = self.stage.decide(event, history, policy)
        return answer, self._emitted(event, answer.emits, policy_digest=digest)

    def remember(self, event: Event[Contract], decision: Decision) -> None:
        """Fold a decision into what the next event of the batch will see."""
        if decision.remembers is not None:
            memory = Memory(event.id, event.type, event.time, decision.remembers)
            self.memories.setdefault(event.key, []).append(memory)
        for reserve in decision.reserves:
            self.reserved[reserve.name] = self.reserved.get(reserve.name, 0) + reserve.add_minor

    def _seen(self, event: Event[Contract]) -> Mapping[str, int]:
        return {name: self.reserved.get(name, 0) for name in self.stage.touches(event)}

    def _emitted(
        self, cause: Event[Contract], emits: Iterable[Contract], *, policy_digest: str
    ) -> Emitted:
        source = self.stage.source
        return tuple(
            caused(cause, data, ordinal=i, source=source, policy_digest=policy_digest)
            for i, data in enumerate(emits)
        )
