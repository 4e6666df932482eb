"""Numbers that say how sure they are: shares, middles and means, each with n and an interval.

Below `FEW` there is no value at all: with so few, an interval tells of the few and not of us.
"""

from collections.abc import Sequence
from math import ceil, floor, sqrt
from statistics import fmean, median, stdev

from pydantic import BaseModel, ConfigDict

FEW = 20  # DOMAIN.md 2, Measurement
_Z = 1.96  # 95 %


class Measure(BaseModel):
    """A figure of the scorecard; `value` and the interval are None where n is too small."""

    model_config = ConfigDict(frozen=True)

    criterion: str
    name: str
    unit: str
    events: str
    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    group: str = ""

    @property
    def is_sure(self) -> bool:
        """Whether there is a value to show."""
        return self.value is not None


class Named(BaseModel):
    """What a measure is: its criterion, its name, and the events it is counted from."""

    model_config = ConfigDict(frozen=True)

    criterion: str
    name: str
    events: str
    group: str = ""


def share(named: Named, hits: Sequence[bool]) -> Measure:
    """How many of all, with Wilson's interval (1927): sound near 0 and 1, and for small n."""
    n = len(hits)
    if n < FEW:
        return _unsure(named, "share", n=n)
    p = sum(hits) / n
    middle = (p + _Z * _Z / (2 * n)) / (1 + _Z * _Z / n)
    half = _Z * sqrt(p * (1 - p) / n + _Z * _Z / (4 * n * n)) / (1 + _Z * _Z / n)
    interval = max(0.0, middle - half), min(1.0, middle + half)
    return _sure(named, "share", n=n, value=p, interval=interval)


def middle_s(named: Named, seconds: Sequence[float]) -> Measure:
    """The median in seconds; its interval are order statistics, whatever the shape."""
    n, ordered = len(seconds), sorted(seconds)
    if n < FEW:
        return _unsure(named, "s", n=n)
    half = _Z * sqrt(n) / 2
    low, high = max(0, floor(n / 2 - half)), min(n - 1, ceil(n / 2 + half))
    return _sure(named, "s", n=n, value=median(ordered), interval=(ordered[low], ordered[high]))


def mean(named: Named, values: Sequence[float], *, unit: str = "points") -> Measure:
    """The mean, with a normal interval."""
    n = len(values)
    if n < FEW:
        return _unsure(named, unit, n=n)
    half = _Z * stdev(values) / sqrt(n)
    middle = fmean(values)
    return _sure(named, unit, n=n, value=middle, interval=(middle - half, middle + half))


def _unsure(named: Named, unit: str, *, n: int) -> Measure:
    return Measure(**named.model_dump(), unit=unit, n=n)


def _sure(
    named: Named, unit: str, *, n: int, value: float, interval: tuple[float, float]
) -> Measure:
    low, high = interval
    return Measure(**named.model_dump(), unit=unit, n=n, value=value, low=low, high=high)
