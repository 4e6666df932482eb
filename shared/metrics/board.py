"""The numbers of one process, and how Prometheus reads them.

A batch is counted in one go, under one lock: plain dictionaries, no look-up per event. Whatever is
asked only when somebody looks (lag, readiness) is a function.
"""

import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from shared.metrics.catalogue import BY_NAME, CATALOGUE

Labels = tuple[str, ...]
Rows = Mapping[Labels, float]
Ask = Callable[[], Rows]
# Far above what the labels can take; a bug must not fill somebody's Prometheus.
ROWS_MAX = 500
OTHER = "other"


class _Spread:
    """One histogram row: counts by bucket, and the sum."""

    __slots__ = ("counts", "total")

    def __init__(self, buckets: int) -> None:
        self.counts, self.total = [0] * (buckets + 1), 0.0


class Board(Collector):
    """Counts, gauges and histograms of the catalogue; raises `KeyError` for any other name."""

    def __init__(self) -> None:
        """Nothing counted yet."""
        self._lock = threading.Lock()
        self._rows: dict[str, dict[Labels, float]] = {metric.name: {} for metric in CATALOGUE}
        self._spreads: dict[str, dict[Labels, _Spread]] = {metric.name: {} for metric in CATALOGUE}
        self._asked: dict[str, list[Ask]] = defaultdict(list)

    def add(self, name: str, counts: Rows) -> None:
        """Count: so much more for each of these labels."""
        with self._lock:
            rows = self._rows[name]
            for labels, count in counts.items():
                known = labels if labels in rows else self._room(rows, labels)
                rows[known] = rows.get(known, 0.0) + count

    def put(self, name: str, rows: Rows) -> None:
        """Say how it is now; labels that are left out are gone."""
        with self._lock:
            self._rows[name] = dict(rows)

    def observe(self, name: str, labels: Labels, *, values: Iterable[float]) -> None:
        """Spread these values over a histogram's buckets."""
        buckets = BY_NAME[name].buckets
        with self._lock:
            spreads = self._spreads[name]
            known = labels if labels in spreads else self._room(spreads, labels)
            spread = spreads.setdefault(known, _Spread(len(buckets)))
            for value in values:
                spread.counts[bisect_left(buckets, value)] += 1
                spread.total += value

    def ask(self, name: str, answer: Ask) -> None:
        """Ask for a gauge whenever somebody looks."""
        self._asked[BY_NAME[name].name].append(answer)

    def rows(self, name: str) -> dict[Labels, float]:
        """A counter's or gauge's numbers by labels."""
        with self._lock:
            found = dict(self._rows[name])
        for answer in self._asked[name]:
            found |= answer()
        return found

    def count_of(self, name: str, labels: Labels) -> int:
        """How many values a histogram has seen."""
        with self._lock:
            spread = self._spreads[name].get(labels)
            return sum(spread.counts) if spread else 0

    def collect(self) -> Iterator[Metric]:
        """What /metrics shows: every metric that has a number."""
        for metric in CATALOGUE:
            if metric.kind == "histogram":
                yield self._histogram(metric.name)
                continue
            kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
            family = kind(metric.name, metric.help, labels=metric.labels)
            for labels, value in sorted(self.rows(metric.name).items()):
                family.add_metric(labels, value)
            yield family

    def _histogram(self, name: str) -> Metric:
        metric = BY_NAME[name]
        family = HistogramMetricFamily(name, metric.help, labels=metric.labels)
        with self._lock:
            found = {labels: (list(s.counts), s.total) for labels, s in self._spreads[name].items()}
        for labels, (counts, total) in sorted(found.items()):
            family.add_metric(labels, _cumulated(metric.buckets, counts), total)
        return family

    def _room(self, rows: Mapping[Labels, object], labels: Labels) -> Labels:
        """These labels; when there are too many already, all but the first become `other`."""
        if len(rows) < ROWS_MAX:
            return labels
        return (labels[0], *(OTHER for _ in labels[1:]))


def _cumulated(buckets: Sequence[float], counts: Sequence[int]) -> list[tuple[str, float]]:
    """Prometheus wants each bucket to hold the smaller ones too."""
    found, so_far = [], 0
    for bound, count in zip([*map(str, buckets), "+Inf"], counts, strict=True):
        so_far += count
        found.append((bound, float(so_far)))
    return found
