"""Where a figure and its interval lie on an axis, in SVG units; whoever draws it adds colour."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.scorecard.measures import Measure

WIDTH, MARGIN = 260, 6  # of a plot, in SVG units


@dataclass(frozen=True, slots=True)
class Plot:
    """A value and its interval on an axis from 0 to `end`, which is in the measure's unit."""

    low: float
    value: float
    high: float
    end: float


def plot(measure: Measure, among: Sequence[Measure]) -> Plot | None:
    """On the axis that all of its name share: a share's ends at 100 %. None: too few to draw."""
    low, value, high = measure.low, measure.value, measure.high
    if low is None or value is None or high is None:
        return None
    same = (each.high for each in among if each.name == measure.name)
    end = 1.0 if measure.unit == "share" else max([each for each in same if each], default=1.0)

    def place(each: float) -> float:
        inside = min(max(each / end, 0.0), 1.0) if end > 0 else 0.0
        return round(MARGIN + inside * (WIDTH - 2 * MARGIN), 1)

    return Plot(place(low), place(value), place(high), end)


def bar(count: int, most: int) -> float:
    """How long a bar is, of the longest."""
    return round(WIDTH * count / most, 1) if most > 0 else 0.0
