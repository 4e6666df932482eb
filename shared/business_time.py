"""Business time: opening hours on working days, no public holidays, safe across summer time.

One file for every service (`deploy/policy/deadlines.yaml`): what triage promises, notify says,
the desk lists and recovery waits for must be the same moment.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from shared.contracts.contract import Segment
from shared.contracts.submitted import OrderKind
from shared.contracts.triaged import ComplaintTriaged, Kind, Severity
from shared.public_holidays import public_holidays

FILE = "deadlines.yaml"
# A few deadlines for each day that complaints come on; bounded, so that memory stays flat.
DAYS_KEPT_MAX = 4_096


class Calendar(BaseModel):
    """When people are at work. `weekdays`: Monday is 0; holidays are those of `country`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zone: str
    country: str
    weekdays: tuple[int, ...]
    opens: time
    closes: time

    @cached_property
    def zone_info(self) -> ZoneInfo:
        """The zone, looked up once."""
        return ZoneInfo(self.zone)

    @cached_property
    def day(self) -> timedelta:
        """How long people are at work in a day."""
        return datetime.combine(date.min, self.closes) - datetime.combine(date.min, self.opens)


class Within(BaseModel):
    """A deadline: minutes on the wall clock, or business hours, or business days."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    minutes: int = 0
    business_hours: float = 0
    business_days: int = 0


class RegimeTimes(BaseModel):
    """What a law allows for the answer to complaints about some kinds of orders.

    `interim`: the last day once a reasoned interim answer was given.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    order_kinds: tuple[OrderKind, ...]
    answer: Within
    interim: Within
    paragraph: str
    source: str
    read: date
    verified: bool


class Deadlines(BaseModel):
    """What is owed when: the first human touch, the answer to a question, the final answer.

    `final_by_segment` and `final_by_severity`: where it is sooner; what comes first counts.
    `hard_stop`: no date that is named to a complainant lies after it, but for a regime's `interim`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    calendar: Calendar
    first_touch: Mapping[Severity, Within]
    urgent: Within
    question: Within
    final_answer: Within
    final_by_segment: Mapping[Segment, Within] = {}
    final_by_severity: Mapping[Severity, Within] = {}
    hard_stop: Within
    regimes: Mapping[str, RegimeTimes] = {}

    def touch_by(
        self, start: datetime, severity: Severity, *, kind: Kind, urgent: bool
    ) -> datetime:
        """When a person must have looked at it: what comes first of all that is owed."""
        within = [self.first_touch[severity]]
        within += [self.urgent] if urgent else []
        within += [self.question] if kind == "question" else []
        return min(deadline(start, each, calendar=self.calendar) for each in within)

    def final_by(self, start: datetime, statement: ComplaintTriaged) -> datetime:
        """When the final answer is due."""
        kind = statement.order.kind if statement.order else None
        segment, severity = statement.segment, statement.severity
        return self.final_of(start, segment=segment, severity=severity, order_kind=kind)

    def final_of(
        self,
        start: datetime,
        *,
        segment: Segment | None,
        severity: Severity | None,
        order_kind: OrderKind | None,
    ) -> datetime:
        """When the final answer is due: what comes first of all that may be asked of us."""
        within = [self.final_answer, self.hard_stop]
        within += [each for name, each in self.final_by_segment.items() if name == segment]
        within += [each for name, each in self.final_by_severity.items() if name == severity]
        within += [regime.answer for regime in self._regimes(order_kind)]
        return min(deadline(start, each, calendar=self.calendar) for each in within)

    def stop_by(self, start: datetime, *, order_kind: OrderKind | None, interim: bool) -> datetime:
        """The last day that may be named: a regime's own, after an interim answer, else ours."""
        within = [regime.interim for regime in self._regimes(order_kind) if interim]
        within = within or [self.hard_stop]
        return min(deadline(start, each, calendar=self.calendar) for each in within)

    def _regimes(self, order_kind: OrderKind | None) -> list[RegimeTimes]:
        return [each for each in self.regimes.values() if order_kind in each.order_kinds]


def is_urgent(statement: ComplaintTriaged) -> bool:
    """Whether somebody may be hurt: a person within minutes, however small the matter is."""
    return statement.safety or statement.abuse == "threat"


def deadline(start: datetime, within: Within, *, calendar: Calendar) -> datetime:
    """When `within` has passed since `start`, in the calendar's zone.

    A business day is as many hours as one is open: what comes at ten is due at ten.
    """
    if within.minutes:
        return (start + timedelta(minutes=within.minutes)).astimezone(calendar.zone_info)
    left = within.business_days * calendar.day + timedelta(hours=within.business_hours)
    return _after(start.astimezone(calendar.zone_info), left, calendar=calendar)


def closing(start: datetime, days: int, *, calendar: Calendar) -> datetime:
    """Closing time of the so-many-th business day after `start`'s day: a bank's day is whole."""
    day = start.astimezone(calendar.zone_info).date()
    while days > 0:
        day += timedelta(days=1)
        days -= is_business_day(day, calendar)
    return _at(day, calendar.closes, calendar=calendar)


def between(start: datetime, end: datetime, *, calendar: Calendar) -> timedelta:
    """How much business time lies from `start` to `end`; nothing when `end` comes first."""
    zone = calendar.zone_info
    first, last = _open_from(start.astimezone(zone), calendar), end.astimezone(zone)
    if last <= first:
        return timedelta()
    # Every day up to the last one whole, but for what was over of the first.
    whole = _business_days(
        first.date(), last.date(), weekdays=calendar.weekdays, country=calendar.country
    )
    return whole * calendar.day - _open_until(first, calendar) + _open_until(last, calendar)


def is_business_day(day: date, calendar: Calendar) -> bool:
    """Whether people are at work on that day."""
    return _works(day, calendar.weekdays, country=calendar.country)


def _after(local: datetime, left: timedelta, *, calendar: Calendar) -> datetime:
    moment = _open_from(local, calendar)
    # One zone on both sides: the difference is by the clock on the wall, as people count.
    until_closing = _at(moment.date(), calendar.closes, calendar=calendar) - moment
    if left <= until_closing:
        return moment + left
    left -= until_closing
    hours = calendar.day
    # Whole days before the one on which it is due; what fills a day is due at its closing.
    whole = -(-left // hours) - 1
    day = _business_day_after(
        moment.date(), whole + 1, weekdays=calendar.weekdays, country=calendar.country
    )
    return _at(day, calendar.opens, calendar=calendar) + left - whole * hours


@lru_cache(maxsize=DAYS_KEPT_MAX)
def _business_day_after(day: date, count: int, *, weekdays: tuple[int, ...], country: str) -> date:
    """The so-many-th business day after a day; what comes on one day asks for the same few."""
    while count > 0:
        day += timedelta(days=1)
        count -= _works(day, weekdays, country=country)
    return day


@lru_cache(maxsize=DAYS_KEPT_MAX)
def _business_days(first: date, end: date, *, weekdays: tuple[int, ...], country: str) -> int:
    """How many there are from one day to before another."""
    days = (first + timedelta(days=number) for number in range((end - first).days))
    return sum(_works(day, weekdays, country=country) for day in days)


def _works(day: date, weekdays: tuple[int, ...], *, country: str) -> bool:
    return day.weekday() in weekdays and day not in public_holidays(country, day.year)


def _open_until(local: datetime, calendar: Calendar) -> timedelta:
    """How long people were at work on that day until then."""
    if not is_business_day(local.date(), calendar):
        return timedelta()
    run = local - _at(local.date(), calendar.opens, calendar=calendar)
    return min(max(run, timedelta()), calendar.day)


def _open_from(local: datetime, calendar: Calendar) -> datetime:
    """The moment itself when people are at work, else when they next are."""
    day = local.date()
    if local.time() >= calendar.closes:
        day += timedelta(days=1)
    while not is_business_day(day, calendar):
        day += timedelta(days=1)
    return max(local, _at(day, calendar.opens, calendar=calendar))


def _at(day: date, clock: time, *, calendar: Calendar) -> datetime:
    return datetime.combine(day, clock, calendar.zone_info)
