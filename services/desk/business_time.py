"""Business time: Monday to Friday, opening hours, no public holidays, safe across summer time."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.desk.policy import BusinessTime, Within


def deadline(start: datetime, within: Within, *, at_work: BusinessTime) -> datetime:
    """When `within` has passed since `start`, in the policy's time zone.

    Days end at closing time; a start outside opening hours counts from the next opening.
    """
    local = start.astimezone(ZoneInfo(at_work.timezone))
    if within.minutes:
        return (start + timedelta(minutes=within.minutes)).astimezone(local.tzinfo)
    moment = _opening(local, at_work)
    if within.business_days:
        moment = _closing(_days_on(moment.date(), within.business_days, at_work=at_work), at_work)
    return _hours_on(moment, within.business_hours, at_work=at_work)


def _hours_on(moment: datetime, hours: int, *, at_work: BusinessTime) -> datetime:
    left = timedelta(hours=hours)
    while left:
        closes = _closing(moment.date(), at_work)
        # One zone on both sides: the difference is by the clock on the wall, as people count.
        today = min(left, closes - moment)
        moment, left = moment + today, left - today
        if left:
            moment = _opening_of(moment.date() + timedelta(days=1), at_work)
    return moment


def _opening(local: datetime, at_work: BusinessTime) -> datetime:
    """The moment itself when people are at work, else when they next are."""
    today = local.date()
    if not _is_open(today, at_work) or local.time() >= at_work.closes:
        return _opening_of(today + timedelta(days=1), at_work)
    return local if local.time() >= at_work.opens else _opening_of(today, at_work)


def _opening_of(day: date, at_work: BusinessTime) -> datetime:
    while not _is_open(day, at_work):
        day += timedelta(days=1)
    return datetime.combine(day, at_work.opens, ZoneInfo(at_work.timezone))


def _closing(day: date, at_work: BusinessTime) -> datetime:
    return datetime.combine(day, at_work.closes, ZoneInfo(at_work.timezone))


def _days_on(day: date, days: int, *, at_work: BusinessTime) -> date:
    while days:
        day += timedelta(days=1)
        days -= _is_open(day, at_work)
    return day


def _is_open(day: date, at_work: BusinessTime) -> bool:
    return day.weekday() in at_work.weekdays and day not in _holidays(at_work.country, day.year)


@lru_cache(maxsize=64)
def _holidays(country: str, year: int) -> frozenset[date]:
    # A quarter of a second to import, and only needed when something is due.
    from holidays import country_holidays  # noqa: PLC0415 -- see the line above

    return frozenset(country_holidays(country, years=[year]))
