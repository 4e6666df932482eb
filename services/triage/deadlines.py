"""Deadlines in business time: Mon-Fri 08-16 Europe/Oslo, Norwegian public holidays, DST-safe.

Opening hours never span a change of the clocks, so hours within a day are plain hours.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from services.triage.policy import Calendar

SATURDAY = 5
HOUR_S = 3600
# Longer than the longest deadline (35 business days) with Easter or Christmas in it.
DAYS_AHEAD_MAX = 120


def after_business_hours(start: datetime, hours: float, *, calendar: Calendar) -> datetime:
    """The instant (UTC) when so many business hours have passed since `start`."""
    local = start.astimezone(ZoneInfo(calendar.zone))
    opens, closes = calendar.opens_hour * HOUR_S, calendar.closes_hour * HOUR_S
    at = local.hour * HOUR_S + local.minute * 60 + local.second
    left, day = hours * HOUR_S, local.date()
    if is_business_day(day, calendar.country) and at < closes:
        begins = max(at, opens)
        if left <= closes - begins:
            return _instant(day, begins + left, calendar=calendar)
        left -= closes - begins
    full, rest = divmod(left, closes - opens)
    # Nothing left over: the last of the full days ends at closing time.
    ahead, end = (int(full), opens + rest) if rest else (int(full) - 1, closes)
    return _instant(_business_days_after(day, calendar.country)[ahead], end, calendar=calendar)


def after_business_days(start: datetime, days: int, *, calendar: Calendar) -> datetime:
    """The instant (UTC) so many full business days after `start`."""
    return after_business_hours(
        start, days * (calendar.closes_hour - calendar.opens_hour), calendar=calendar
    )


def _instant(day: date, second: float, *, calendar: Calendar) -> datetime:
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(calendar.zone))
    return (local + timedelta(seconds=second)).astimezone(UTC)


@lru_cache(maxsize=512)
def _business_days_after(day: date, country: str) -> tuple[date, ...]:
    """The next business days, as many as any deadline needs."""
    days = (day + timedelta(days=ahead) for ahead in range(1, DAYS_AHEAD_MAX))
    return tuple(one for one in days if is_business_day(one, country))


def is_business_day(day: date, country: str) -> bool:
    """Monday to Friday, and no public holiday."""
    return day.weekday() < SATURDAY and day not in _holidays(country, day.year)


@lru_cache(maxsize=64)
def _holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))
