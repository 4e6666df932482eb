"""How far behind the log a worker's reading is: a consumer that silently reads no more looks idle.

Told to the watchdog, which ends the process when nothing moves. Measured from where the consumer
stands, not from the last record done: behind that there may be markers of transactions only.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from shared.stage.watchdog import Progress

EVERY_S = 10.0
ANSWER_S = 20.0  # a consumer that does not answer for so long is as good as behind


class Reading(Protocol):
    """What we ask of a consumer."""

    def assignment(self) -> Iterable[Any]:
        """Its partitions."""

    def is_in_its_group(self) -> bool:
        """Whether what keeps it in its group still runs."""

    def reads_for_a_claim(self) -> bool:
        """Whether what it fetches counts."""

    async def position(self, tp: Any) -> int | None:
        """The next offset that it will fetch."""

    async def highwaters(self, *partitions: Any) -> Mapping[Any, int]:
        """Where the partitions end, for a reader of committed records."""


class Lag:
    """Behind by how many records, and for how long some partition has stood still before them.

    The whole lag can shrink while one partition is never fetched; hence partition by partition.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock`: seconds, of any beginning."""
        self._clock = clock
        # Where a partition with records before it stands, and since when.
        self._stands: dict[Any, tuple[int, float]] = {}

    async def measured(self, consumer: Reading) -> tuple[int, float]:
        """How many offsets lie before the consumer, and for how many seconds it has stood there.

        1 when it cannot tell, when nothing that it fetches counts, or when nobody keeps it in its
        group, so that it is given no partitions: bad enough.
        """
        try:
            async with asyncio.timeout(ANSWER_S):
                behind = await _behind(consumer)
            if behind is None:
                return 1, self._stood_s()
        except Exception:  # noqa: BLE001 -- whatever it is, nothing is read
            return 1, self._stood_s()
        now_s = self._clock()
        stood = {tp: self._stands.get(tp, (at, now_s)) for tp, (at, _) in behind.items()}
        moved = {tp: (at, now_s) for tp, (at, _) in behind.items() if stood[tp][0] != at}
        self._stands = stood | moved
        return sum(lag for _, lag in behind.values()), self._stood_s()

    def _stood_s(self) -> float:
        now_s = self._clock()
        return max((now_s - since for _, since in self._stands.values()), default=0.0)


async def watch_lag(consumer: Reading, progress: Progress, *, every_s: float = EVERY_S) -> None:
    """For ever: measure, tell, wait."""
    lag = Lag()
    while True:
        progress.behind(*await lag.measured(consumer))
        await asyncio.sleep(every_s)


async def _behind(consumer: Reading) -> dict[Any, tuple[int, int]] | None:
    """Position and lag of every partition that has records before it; None: nothing counts."""
    if not consumer.is_in_its_group():
        return None
    partitions = tuple(consumer.assignment())
    if not partitions:
        return {}
    if not consumer.reads_for_a_claim():
        return None
    ends = await consumer.highwaters(*partitions)
    places = [(tp, await consumer.position(tp) or 0) for tp in partitions if tp in ends]
    return {tp: (at, ends[tp] - at) for tp, at in places if ends[tp] > at}
