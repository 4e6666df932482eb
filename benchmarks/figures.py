"""What a run found, as JSON: one shape a section. A section knows what it was measured on."""

import statistics
from collections.abc import Sequence

from pydantic import BaseModel


class Of(BaseModel):
    """What a section was measured on; no name of the machine. `load_before`: others' work."""

    commit: str
    cores: int
    load_before: float
    minutes: float
    python: str


class Paces(BaseModel):
    """A rival's runs in order: events a second by the clock, and CPU of its process an event."""

    per_s: list[float] = []
    cpu_us: list[float] = []


class Beside(BaseModel):
    """A stage beside its rivals; who did not run is in `failed`, with why.

    `core_us`: CPU an event of decoding, deciding and encoding alone, which all of them do.
    """

    events: int
    core_us: float = 0
    paces: dict[str, Paces]
    failed: dict[str, str]


class Stages(BaseModel):
    """By service."""

    of: Of
    found: dict[str, Beside]


class Whole(BaseModel):
    """A load on a whole installation. `done`: complaints all of whose messages have left at once.

    `looked`: those of them whose order nobody knows; it is looked for some seconds, on purpose, and
    the latencies are of the others.
    `offered_per_s` None: all at once. `cpu_us`: of each process, by complaint sent; `rss_mb`: what
    each had in memory at most.
    """

    offered_per_s: float | None
    sent_per_s: float
    complaints: int
    done: int
    looked: int | None = None  # not told by older figures
    done_per_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    cpu_us: dict[str, float]
    rss_mb: dict[str, float]


class Wholes(BaseModel):
    """Loads on installations, by name: "without the desk", or the rate that was offered."""

    of: Of
    found: dict[str, Whole]


class Growth(BaseModel):
    """Of our stages: by cases of history before, by workers, by partitions; and a backlog."""

    of: Of
    history: dict[str, dict[str, Paces]] = {}
    workers: dict[str, Paces] = {}
    partitions: dict[str, Paces] = {}
    backlog: Whole | None = None


class Figures(BaseModel):
    """All sections that were ever measured."""

    stages: Stages | None = None
    end_to_end: Wholes | None = None
    latency: Wholes | None = None
    growth: Growth | None = None


def spread(values: Sequence[float]) -> str:
    """Told as 0.84 (0.79 to 0.91); a dash for nothing."""
    if not values:
        return "–"
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def median(values: Sequence[float]) -> float:
    """0 for nothing."""
    return statistics.median(values) if values else 0.0


def measured_on(name: str, of: Of) -> str:
    """On what a section was measured."""
    return (
        f"\n`python -m benchmarks {name}` on commit {of.commit}: {of.cores} cores, Python "
        f"{of.python}, {of.minutes:g} minutes, load average before it {of.load_before:g}.\n"
    )
