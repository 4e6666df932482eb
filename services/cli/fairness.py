"""Whether like cases got like value: past decisions, compared within cells of the same matter.

A cell is what may matter for value: category, severity, remedy sought, what was paid. Within it
each case's value is set against the mean of the cell; the share of a group (a written form, a tone,
a role) is the mean of that over its cases.

Names are not compared here. No event carries one in the open; a hash of a name groups nobody; and
to guess an origin from a name would be to keep what nobody gave us. That a name changes nothing is
shown where names can be varied and all else kept: tests/policy/test_recovery_fairness.py.
"""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import mean

from services.cli import bus
from services.cli.running import need
from services.cli.surroundings import settings
from shared.contracts.codec import decode
from shared.contracts.contract import Contract
from shared.contracts.recoveries import RecoveryEvent
from shared.contracts.submitted import SYNTHETIC_SOURCE
from shared.contracts.topics import RECOVERIES, TRIAGED
from shared.contracts.triaged import ComplaintTriaged
from shared.errors import Invalid

CASES_MIN = 20  # fewer say nothing: DOMAIN, Measurement
DIFFERENCE_MAX = 0.05
Cell = tuple[str, str, str, int]


@dataclass(frozen=True, slots=True)
class Group:
    """One group: how many like cases it has, and its value against theirs (1: the same)."""

    by: str
    label: str
    cases: int
    share: float

    @property
    def verdict(self) -> str:
        """Fair, unfair, or too few to tell."""
        if self.cases < CASES_MIN:
            return "too few"
        return "differs" if abs(self.share - 1) > DIFFERENCE_MAX else "alike"


@dataclass(frozen=True, slots=True)
class _Case:
    cell: Cell
    labels: dict[str, str]
    value_minor: int


def past() -> tuple[Group, ...]:
    """Every group of what lies in the log; raises `Unreachable`."""
    return groups(asyncio.run(_past()))


def groups(events: Iterable[Contract]) -> tuple[Group, ...]:
    """The same, of these triaged complaints and recoveries."""
    cases = list(_cases(events))
    names = sorted({name for case in cases for name in case.labels})
    return tuple(group for name in names for group in _by(name, cases))


def _cases(events: Iterable[Contract]) -> Iterator[_Case]:
    triaged: dict[str, ComplaintTriaged] = {}
    decided: dict[str, RecoveryEvent] = {}
    for data in events:
        if isinstance(data, ComplaintTriaged) and data.source != SYNTHETIC_SOURCE:
            triaged[data.complaint_id] = data
        elif isinstance(data, RecoveryEvent):
            last = decided.get(data.complaint_id)
            if last is None or data.version > last.version:
                decided[data.complaint_id] = data
    for complaint_id, said in triaged.items():
        event = decided.get(complaint_id)
        if event is not None:
            paid = sum(each.amount_minor for each in said.order.paid()) if said.order else 0
            yield _Case(
                (said.category, said.severity, said.remedy_sought, paid),
                {"written form": said.written_form, "tone": said.arousal, "role": said.role},
                sum(event.total_minor.values()),
            )


def _by(name: str, cases: list[_Case]) -> Iterator[Group]:
    cells: dict[Cell, list[_Case]] = {}
    for case in cases:
        cells.setdefault(case.cell, []).append(case)
    shares: dict[str, list[float]] = {}
    for cell in cells.values():
        worth = mean(case.value_minor for case in cell)
        # A cell with one group, or with nothing in it, compares nobody with anybody.
        if worth and len({case.labels[name] for case in cell}) > 1:
            for case in cell:
                shares.setdefault(case.labels[name], []).append(case.value_minor / worth)
    for label, found in sorted(shares.items()):
        yield Group(name, label, len(found), mean(found))


async def _past() -> list[Contract]:
    bootstrap = need(settings()).bootstrap
    found = []
    async with bus.reader(bootstrap) as consumer:
        places = await bus.there(bootstrap, [TRIAGED.name, RECOVERIES.name])
        async for record in bus.lying(consumer, places):
            try:
                found.append(decode(record).data)
            except Invalid:
                continue
    return found
