"""How far behind the log a worker's reading is: a consumer that silently reads no more looks idle.

Told to the watchdog, which ends the process when nothing moves. Measured from where the consumer
stands, not from the last record done: behind that there may be markers of transactions only.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from shared.stage.watchdog import Progress

EVERY_S = 10.0
ANSWER_S = 20.0  # a consumer that does not answer for so long is as good as behind


class Reading(Protocol):
    """What we ask of a consumer."""

    def assignment(self) -> Iterable[Any]:
        """Its partitions."""

    async def position(self, tp: Any) -> int | None:
        """The next offset that it will fetch."""

    async def highwaters(self, *partitions: Any) -> Mapping[Any, int]:
        """Where the partitions end, for a reader of committed records."""


async def watch_lag(consumer: Reading, progress: Progress, *, every_s: float = EVERY_S) -> None:
    """For ever: measure, tell, wait."""
    while True:
        progress.behind(await measured(consumer))
        await asyncio.sleep(every_s)


async def measured(consumer: Reading) -> int:
    """How many offsets lie before the consumer; 1 when it cannot tell, which is bad enough."""
    try:
        async with asyncio.timeout(ANSWER_S):
            return await _lag(consumer)
    except Exception:  # noqa: BLE001 -- broker away, thread gone: whatever it is, nothing is read
        return 1


async def _lag(consumer: Reading) -> int:
    partitions = tuple(consumer.assignment())
    if not partitions:
        return 0
    ends = await consumer.highwaters(*partitions)
    positions = [(tp, await consumer.position(tp)) for tp in partitions]
    return sum(max(0, ends[tp] - (at or 0)) for tp, at in positions if tp in ends)
