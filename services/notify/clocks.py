"""How far the clock of a promise has run: business time, stopped while we wait for them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from services.notify.model import Matter, Seen
from services.notify.policy import NotifyPolicy
from shared.business_time import Calendar, Within, between, deadline

_ROUNDING = timedelta(seconds=1)
CLOCKS_CACHED_MAX = 4096


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise's clock. `waits`: from when to when it stood still."""

    made: datetime
    due: datetime
    waits: tuple[tuple[datetime, datetime], ...]
    calendar: Calendar
    wall_below: timedelta
    # The law's clock runs on the wall.
    on_wall: bool = False

    def at(self, percent: int) -> datetime:
        """When so much of the time is gone; at 100 it is due."""
        return _at(self, percent)

    def has_run(self, percent: int, now: datetime) -> bool:
        """Whether so much of it is gone."""
        stood = (self.span(start, min(end, now)) for start, end in self.waits if start < now)
        run = self.span(self.made, now) - sum(stood, timedelta())
        return run + _ROUNDING >= self.span(self.made, self.due) * percent / 100

    @property
    def is_short(self) -> bool:
        """Minutes are counted on the wall, day and night; so is what no business time lies in."""
        if self.on_wall or self.due - self.made < self.wall_below:
            return True
        return not between(self.made, self.due, calendar=self.calendar)

    def span(self, start: datetime, end: datetime) -> timedelta:
        """How far it runs from one moment to another, if it runs."""
        if self.is_short:
            return max(end - start, timedelta())
        return between(start, end, calendar=self.calendar)


# Every event of a complaint asks for the same steps again.
@lru_cache(maxsize=CLOCKS_CACHED_MAX)
def _at(clock: Clock, percent: int) -> datetime:
    stood = sum((clock.span(*wait) for wait in clock.waits), timedelta())
    run = clock.span(clock.made, clock.due) * percent / 100 + stood
    if clock.is_short:
        return clock.made + run
    hours = Within(business_hours=run.total_seconds() / 3600)
    return deadline(clock.made, hours, calendar=clock.calendar)


def clock_of(matter: Matter, promise: Seen, *, policy: NotifyPolicy) -> Clock:
    """The clock of a promise, with what its complainant kept us waiting."""
    made = datetime.fromisoformat(str(promise["at"]))
    due = datetime.fromisoformat(str(promise["due_at"]))
    calendar, rules = policy.deadlines.calendar, policy.rules.promises
    on_wall = promise["kind"] in rules.wall_kinds
    waits = []
    for start, end in () if on_wall else _apart(matter.waits):
        latest = deadline(start, Within(business_days=rules.wait_days_max), calendar=calendar)
        waits.append((max(start, made), min(end or latest, latest)))
    stood = tuple(wait for wait in waits if wait[0] < wait[1])
    return Clock(made, due, stood, calendar, timedelta(seconds=rules.wall_below_s), on_wall)


def _apart(
    waits: Iterable[tuple[datetime, datetime | None]],
) -> list[tuple[datetime, datetime | None]]:
    """In order of time; a clock does not stop twice at once."""
    found: list[tuple[datetime, datetime | None]] = []
    for start, end in sorted(waits, key=lambda wait: wait[0]):
        before = found[-1][1] if found else None
        if found and (before is None or start < before):
            continue
        found.append((start, end))
    return found
