"""A rig whose effects are performed by a provider that a test holds in its hands."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import Engine, update

from shared.contracts.codec import decode
from shared.contracts.envelope import Outgoing, Record
from shared.contracts.identity import derived
from shared.contracts.inbox import EffectOutcome, TimerDue
from shared.contracts.topics import RECOVERY_INBOX
from shared.ledger.tables import effects
from shared.stage.dispatcher import Dispatcher
from shared.stage.effects import Claimed, Outcome
from shared.stage.runner import Sink
from tests.stage.rig import PARTITIONS, effect_states, reply, somebody_in
from tests.stage.rig_memory import Killed, MemoryRig

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


@dataclass
class HangingProvider(Provider):
    """One that does not answer for the effect `hangs` until it `goes_on`."""

    hangs: str = ""
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def perform(self, effect: Claimed) -> Outcome:
        """Do it, sooner or later."""
        if effect.key == self.hangs:
            self.begun.set()
            await self.goes_on.wait()
        return await super().perform(effect)


class EffectRig(MemoryRig):
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
        await self.produce(reply(WHO, n, text=text).record for n, text in enumerate(texts))
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


class DeadSink:
    """A sink in which the process dies, before or after the records are out."""

    def __init__(self, log: Sink, *, delivers: bool) -> None:
        """`delivers`: whether they are out."""
        self.log, self.delivers = log, delivers

    async def send(self, outputs: Sequence[Outgoing]) -> None:
        """Die."""
        if self.delivers:
            await self.log.send(outputs)
        raise Killed
