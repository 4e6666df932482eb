"""Which batches make a round, and how far rounds are apart."""

from collections.abc import AsyncIterator

from shared.contracts.envelope import Record
from shared.stage.batch import Batch
from shared.stage.rounds import APART_S, BYTES_MAX, RECORDS_MAX, Rounds


class Clock:
    """A clock that moves when somebody sleeps; it remembers how long they did."""

    def __init__(self) -> None:
        """Some time of day."""
        self.at_s, self.slept = 1000.0, list[float]()

    def now(self) -> float:
        """What it says."""
        return self.at_s

    async def sleep(self, seconds: float) -> None:
        """Time passes."""
        self.slept.append(round(seconds, 6))
        self.at_s += seconds


def _batch(count: int = 1, size_bytes: int = 1) -> Batch:
    record = Record("probe", 0, 0, 0, b"", b"x" * size_bytes, ())
    return Batch(0, [record] * count, 1, lambda: None, lambda: None)


async def _next(rounds: AsyncIterator[list[Batch]]) -> list[int]:
    return [len(batch.records) for batch in await anext(rounds)]


async def test_who_comes_alone_waits_for_nothing() -> None:
    """Every complaint of a quiet night would wait at each of its stages."""
    clock = Clock()
    waiting = Rounds(now=clock.now, sleep=clock.sleep)
    rounds = waiting.each()
    for _ in range(3):
        await waiting.add(_batch())
        assert await _next(rounds) == [1]
        clock.at_s += APART_S
    assert clock.slept == []


async def test_a_round_that_follows_at_once_waits_and_takes_what_came_meanwhile() -> None:
    """Under load each record would have a round of its own, and rounds cost more than records."""
    clock = Clock()

    async def sleep(seconds: float) -> None:
        await clock.sleep(seconds)
        await waiting.add(_batch(3))

    waiting = Rounds(now=clock.now, sleep=sleep)
    rounds = waiting.each()
    await waiting.add(_batch())
    assert await _next(rounds) == [1]
    clock.at_s += APART_S / 5
    await waiting.add(_batch(2))
    assert await _next(rounds) == [2, 3]
    assert clock.slept == [round(APART_S * 4 / 5, 6)]


async def test_a_round_has_limits_and_loses_nothing_at_them() -> None:
    """A backlog would be one transaction as large as memory; or its first batch would be lost."""
    clock = Clock()
    waiting = Rounds(now=clock.now, sleep=clock.sleep)
    rounds = waiting.each()
    for batch in (_batch(RECORDS_MAX), _batch(7), _batch(8), _batch(1, BYTES_MAX), _batch(9)):
        await waiting.add(batch)
    assert [await _next(rounds) for _ in range(4)] == [[RECORDS_MAX], [7, 8], [1], [9]]
