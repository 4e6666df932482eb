"""Which batches make a round: what lies there, and rounds do not follow each other at once."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from shared.stage.batch import Batch

BATCHES_MAX = 16  # batches wait in Kafka, not here: whoever takes over finds them there
RECORDS_MAX = 2_000
BYTES_MAX = 4 << 20
# What a round costs, four commits and a dozen hops between threads, is the same for one record as
# for a hundred. Whoever comes alone finds the last round long over, and waits for nothing.
APART_S = 0.05


class Rounds:
    """The batches that wait for the runner, in the order they came."""

    def __init__(
        self,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Nothing waits yet."""
        self._waiting: asyncio.Queue[Batch] = asyncio.Queue(BATCHES_MAX)
        self._held: Batch | None = None
        self._now, self._sleep = now, sleep

    async def add(self, batch: Batch) -> None:
        """One more; waits while enough are there."""
        await self._waiting.put(batch)

    async def each(self) -> AsyncIterator[list[Batch]]:
        """For ever: one batch at least, and what has come beside it, up to the limits."""
        begun_s = -APART_S
        while True:
            first = self._held or await self._waiting.get()
            self._held = None
            if (early_s := begun_s + APART_S - self._now()) > 0:
                await self._sleep(early_s)
            begun_s = self._now()
            yield self._with_others(first)

    def _with_others(self, first: Batch) -> list[Batch]:
        batches, count, size_bytes = [first], len(first.records), first.size_bytes
        while not self._waiting.empty():
            following = self._waiting.get_nowait()
            count += len(following.records)
            size_bytes += following.size_bytes
            if count > RECORDS_MAX or size_bytes > BYTES_MAX:
                self._held = following
                break
            batches.append(following)
        return batches
