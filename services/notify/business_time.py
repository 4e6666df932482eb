"""Business time: Monday to Friday, opening hours, no public holidays, safe across summer time."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.notify.policy import BusinessTime, Within


def deadline(start: datetime, within: Within, *, at_work: BusinessTime) -> datetime:
    """When `within` has passed since `start`, in the policy's time zone.

    A business day is as many business hours as one is open; a start outside opening hours counts
    from the next opening. Triage sets its timers the same way, so that words and timers agree.
    """
    local = start.astimezone(ZoneInfo(at_work.timezone))
    if within.minutes:
        return (start + timedelta(minutes=within.minutes)).astimezone(local.tzinfo)
    a_day = datetime.combine(local, at_work.closes) - datetime.combine(local, at_work.opens)
    left = within.business_days * a_day + timedelta(hours=within.business_hours)
    return _on(_opening(local, at_work), left, at_work=at_work)


def _on(moment: datetime, left: timedelta, *, at_work: BusinessTime) -> datetime:
    while left:
        closes = _closing(moment.date(), at_work)
        # One zone on both sides: the difference is by the clock on the wall, as people count.
        today = min(left, closes - moment)
        moment, left = moment + today, left - today
        if left:
            moment = _opening(moment + timedelta(days=1), at_work, from_start=True)
    return moment


def _opening(local: datetime, at_work: BusinessTime, *, from_start: bool = False) -> datetime:
    """The moment itself when people are at work, else when they next are."""
    day = local.date()
    if not from_start and _open(day, at_work):
        if local.time() < at_work.opens:
            return datetime.combine(day, at_work.opens, local.tzinfo)
        if local.time() < at_work.closes:
            return local
    if not from_start:
        day += timedelta(days=1)
    while not _open(day, at_work):
        day += timedelta(days=1)
    return datetime.combine(day, at_work.opens, local.tzinfo)


def _closing(day: date, at_work: BusinessTime) -> datetime:
    return datetime.combine(day, at_work.closes, ZoneInfo(at_work.timezone))


def _open(day: date, at_work: BusinessTime) -> bool:
    return day.weekday() in at_work.weekdays and day not in _holidays(at_work.country, day.year)


@lru_cache(maxsize=64)
def _holidays(country: str, year: int) -> frozenset[date]:
    # A quarter of a second to import, and only needed when something is promised.
    from holidays import country_holidays  # noqa: PLC0415 -- see the line above

    return frozenset(country_holidays(country, years=[year]))
