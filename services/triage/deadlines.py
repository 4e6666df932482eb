"""Deadlines in business time: Mon-Fri 08-16 Europe/Oslo, Norwegian public holidays, DST-safe.

Opening hours never span a change of the clocks, so hours within a day are plain hours.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from services.triage.policy import Calendar

SATURDAY = 5


def after_business_hours(start: datetime, hours: float, calendar: Calendar) -> datetime:
    """The instant (UTC) when so many business hours have passed since `start`."""
    zone = ZoneInfo(calendar.zone)
    local = start.astimezone(zone)
    day, left = local.date(), timedelta(hours=hours)
    at = local.replace(tzinfo=None)
    while True:
        opens = datetime.combine(day, datetime.min.time()) + timedelta(hours=calendar.opens_hour)
        closes = opens + timedelta(hours=calendar.closes_hour - calendar.opens_hour)
        begins = max(at, opens)
        if is_business_day(day, calendar.country) and begins < closes:
            if left <= closes - begins:
                return (begins + left).replace(tzinfo=zone).astimezone(UTC)
            left -= closes - begins
        day += timedelta(days=1)


def after_business_days(start: datetime, days: int, calendar: Calendar) -> datetime:
    """The instant (UTC) so many full business days after `start`."""
    return after_business_hours(start, days * (calendar.closes_hour - calendar.opens_hour), calendar)


def is_business_day(day: date, country: str) -> bool:
    """Monday to Friday, and no public holiday."""
    return day.weekday() < SATURDAY and day not in _holidays(country, day.year)


@lru_cache(maxsize=64)
def _holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))
