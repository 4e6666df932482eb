"""Services with one promise broken each: an audit that lets one of them pass proves nothing.

What a runner or a sink may do wrong stands in `tests/stage/mutants.py`; here are a shell and a
performer beside them.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import uuid4

from shared.settings import Settings
from shared.stage.batch import Batch
from shared.stage.effects import Claimed, Outcome, Performer
from shared.stage.main import Made
from shared.stage.producer import KafkaSink
from shared.stage.runner import Runner
from shared.stage.shell import Shell
from tests.stage.mutants import AcksFirst, DoesNotWait, ForgetsOutputs, IgnoresOwner

# Long enough for Kafka to hear of an early ack, and to hold what nobody waited for.
MUTANT_S = 2.5
ANOTHER_KEY = "another_key"


@dataclass(frozen=True)
class AnotherKey:
    """A performer that calls under a key of its own each time."""

    inner: Performer

    async def perform(self, effect: Claimed) -> Outcome:
        """As if the effect were another one."""
        return await self.inner.perform(replace(effect, key=uuid4().hex))

    async def ask(self, effect: Claimed) -> Outcome:
        """As the real one."""
        return await self.inner.ask(effect)


class Stream(Protocol):
    """Of a stream of Faust's, what the mutant uses."""

    def events(self) -> AsyncIterator[object]:
        """Each is acked when the next one is asked for."""


class Busy(Runner[None]):
    """Always has a batch in hand, as under load."""

    async def run(self, batches: Sequence[Batch]) -> None:
        """Take a second more."""
        await asyncio.sleep(1)
        await super().run(batches)


class AcksAlong(Shell):
    """Lets each batch be acked because the next one comes, and at the end waits for none."""

    def __init__(self, runner: Runner[None], settings: Settings, *, group: str) -> None:
        """As the real one, in a hurry."""
        super().__init__(runner, settings, group=group)
        self.app.conf.stream_wait_empty = False

    def _events(self, stream: Stream) -> AsyncIterator[object]:
        return stream.events()


def _hasty(settings: Settings) -> DoesNotWait:
    DoesNotWait.linger_s = MUTANT_S
    return DoesNotWait(KafkaSink(settings))


class AcksEarly(AcksFirst):
    """Acks before the work, early enough for Kafka to hear of it."""

    heard_after_s = MUTANT_S


MADE = {
    "acks_first": Made(runner=AcksEarly),
    "forgets_outputs": Made(runner=ForgetsOutputs),
    "ignores_owner": Made(runner=IgnoresOwner),
    "does_not_wait": Made(sink=_hasty),
    "acks_along": Made(runner=Busy, shell=AcksAlong),
}
