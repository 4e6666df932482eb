"""Logistic regression over sparse rows, in plain Python: small enough to read, and repeatable."""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.quality.sets import SEED

RATE = 0.3
EPOCHS = 8


class Example(NamedTuple):
    """What is there and how many times; the class by number, and how much the row counts."""

    parts: Sequence[tuple[str, float]]
    label: int
    share: float = 1.0


class Fitted(NamedTuple):
    """Points by class: of nothing at all, and of each part."""

    start: tuple[float, ...]
    points: dict[str, tuple[float, ...]]

    def told(self, parts: Sequence[tuple[str, float]]) -> list[float]:
        """The points of a row."""
        sums = list(self.start)
        for part, times in parts:
            for at, one in enumerate(self.points.get(part, ())):
                sums[at] += times * one
        return sums


def fitted(examples: Sequence[Example], classes: int, *, penalty: float) -> Fitted:
    """Multinomial, by AdaGrad; `penalty` draws weights to nought, each equally strongly however
    seldom its part is seen. The same bytes each run.
    """
    seen = Counter(part for row in examples for part, _ in row.parts)
    start = [0.0] * classes
    weights: dict[str, list[float]] = defaultdict(lambda: [0.0] * classes)
    steps: dict[str, list[float]] = defaultdict(lambda: [1e-6] * classes)
    chance = random.Random(SEED)
    order = list(examples)
    for _ in range(EPOCHS):
        chance.shuffle(order)
        for row in order:
            errors = _errors(row, start, weights=weights)
            for at, error in enumerate(errors):
                start[at] -= 0.01 * error
            for part, times in row.parts:
                own, sizes = weights[part], steps[part]
                for at, error in enumerate(errors):
                    slope = error * times + penalty / seen[part] * own[at]
                    sizes[at] += slope * slope
                    own[at] -= RATE * slope / math.sqrt(sizes[at])
    return Fitted(tuple(start), {part: tuple(own) for part, own in weights.items()})


def _errors(
    row: Example, start: Sequence[float], *, weights: dict[str, list[float]]
) -> list[float]:
    sums = list(start)
    for part, times in row.parts:
        for at, one in enumerate(weights[part]):
            sums[at] += times * one
    top = max(sums)
    raised = [math.exp(one - top) for one in sums]
    total = sum(raised)
    return [row.share * (one / total - (at == row.label)) for at, one in enumerate(raised)]
