"""What a case of the audit is: a fault by its number, what it did, and what must be seen of it.

A fault says what it did; when it returns, all is healed, but for a provider or relay that ails: it
goes on so with whoever is new to it. One that could not strike raises `Harmless`.
"""

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shared.contracts.inbox import EffectOutcome, TimerDue
from tests.audit.rig import Rig
from tests.audit.traffic import Traffic

STRUCK_S = 60.0
# What came of an effect, whoever finds it untold tells (`Dispatcher`): the same bytes, the same id.
BY_ANYBODY = (EffectOutcome, TimerDue)
LOOK_S = 0.1


class Harmless(Exception):
    """The fault did not happen: what held afterwards proves nothing."""


def _nothing_else() -> Iterable[str]:
    return ()


@dataclass(frozen=True)
class Injected:
    """What a fault did, what did not hold meanwhile, and what is asked once all is quiet."""

    words: str
    wrong: Sequence[str] = ()
    after: Callable[[], Iterable[str]] = _nothing_else


@dataclass(frozen=True)
class Scene:
    """Where a fault strikes: the installation, what is sent to it and read of it, and chance."""

    rig: Rig
    load: Traffic
    dice: random.Random

    def copies(self, besides: tuple[type, ...] = ()) -> int:
        """How many records lie on the topics a second time; `besides`: of these it may be."""
        events = [each for each in self.load.feed.events if not isinstance(each.data, besides)]
        return len(events) - len({event.id for event in events})


Strike = Callable[[Scene], Coroutine[object, None, Injected]]


@dataclass(frozen=True)
class Case:
    """A fault by AUDIT.md's number. `environment` is what its services are told beside.

    `mutant`: something is wrong with the services, and the audit must notice. `quiet_s_max`: how
    long all is waited for.
    """

    name: str
    strike: Strike
    environment: tuple[tuple[str, str], ...] = ()
    broker_late_s: float = 0
    # What one part alone is told, and what lies on a small disk of its own (`Wanted`).
    own: tuple[tuple[str, str, str], ...] = ()
    small: str = ""
    # So many times as many complaints as in the other cases.
    times: int = 1
    quiet_s_max: float = 120.0
    mutant: bool = False
    # Eight senders, each with a pause: some twenty complaints a second, while the fault lasts.
    pause_s: float = 0.4
    # Whether how memory and files grow must be seen of most processes.
    soaks: bool = False
    codes: frozenset[int] = field(default=frozenset({0, 70, 71, 137}))


async def obeyed(paths: Sequence[Path]) -> int:
    """Wait until the orders were obeyed: how many were."""
    for _ in range(int(STRUCK_S / LOOK_S)):
        if all(path.exists() for path in paths):
            break
        await asyncio.sleep(LOOK_S)
    return sum(path.exists() for path in paths)


def happened(times: int, words: str, *, least: int = 1) -> str:
    """The words, when it happened so often; raises `Harmless` when not."""
    if times < least:
        raise Harmless(words)
    return words


def by_the_clock(scene: Scene, told: set[str]) -> set[str]:
    """Timers that were due meanwhile, and all that they brought about.

    When one is due the clock says, not the log; one that had been due before must bring nothing.
    """
    fresh = [event for event in scene.load.feed.events if event.id not in told]
    found = {event.id for event in fresh if isinstance(event.data, TimerDue)}
    while more := {e.id for e in fresh if e.causation_id in found} - found:
        found |= more
    return found
