"""The page's part on growth: what a complaint costs later, and on more workers and partitions."""

from collections.abc import Iterator

from benchmarks.figures import Growth, Paces, measured_on, median, spread

# Dearer by so much than with the shortest history: not flat.
FLAT = 1.15
GROWTH = """\
A ledger with so many cases before is made of a short one, its rows again under other ids. Ratios
are CPU an event over that with the fewest cases, run by run. Workers and partitions are those of
triage, each worker on a core of its own (the broker beside them); the backlog is the whole
installation's.
"""


def grown(growth: Growth | None) -> Iterator[str]:
    """The section."""
    if growth is None:
        return
    yield f"## How cost grows\n\n{GROWTH}"
    yield "| | | CPU us an event | events/s | over the first |"
    yield "|---|---|---|---|---|"
    for service, by_cases in growth.history.items():
        yield from _rows(f"{service}, cases before", by_cases)
    yield from _rows("triage, workers", growth.workers)
    yield from _rows("triage, partitions", growth.partitions)
    one = growth.backlog
    if one is not None:
        told = f"{one.done_per_s:.0f} complaints/s, {one.done} all said"
        yield f"\nA backlog of {one.complaints} complaints, end to end: {told}."
    yield measured_on("growth", growth.of)


def _rows(name: str, found: dict[str, Paces]) -> Iterator[str]:
    first = next(iter(found.values()), Paces())
    for many, paces in found.items():
        cells = f"{median(paces.cpu_us):.0f} | {median(paces.per_s):.0f}"
        yield f"| {name} | {int(many):,} | {cells} | {spread(_over(paces, first))} |"


def _over(paces: Paces, first: Paces) -> list[float]:
    return [a / b for a, b in zip(paces.cpu_us, first.cpu_us, strict=False) if b]


def not_flat(growth: Growth | None) -> Iterator[str]:
    """Where a long history costs more than a short one."""
    for service, by_cases in growth.history.items() if growth else ():
        first = next(iter(by_cases.values()), Paces())
        for many, paces in by_cases.items():
            ratio = median(_over(paces, first))
            if ratio > FLAT:
                yield f"{service} with {int(many):,} cases before: {ratio:.2f} of the CPU."
    if (
        growth
        and max((int(n) for by in growth.history.values() for n in by), default=0) < 1_000_000
    ):
        yield "1,000,000 cases of history were not measured (`growth --cases 10000 1000000`)."
