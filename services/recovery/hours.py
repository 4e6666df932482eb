"""Business time: when a number of business hours or days from now is over."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from holidays import HolidayBase, country_holidays

from services.recovery.policy import BusinessTime


@lru_cache(maxsize=8)
def _holidays(country: str) -> HolidayBase:
    return country_holidays(country)


def is_business_day(day: date, business: BusinessTime) -> bool:
    """Whether we are at work on this day."""
    return day.weekday() in business.weekdays and day not in _holidays(business.country)


def after_business_hours(start: datetime, hours: float, *, business: BusinessTime) -> datetime:
    """The moment when so many business hours have passed since `start`, in its time zone."""
    zone = ZoneInfo(business.zone)
    left = timedelta(hours=hours)
    day = start.astimezone(zone).date()
    while True:
        opens, closes = _day(day, business, zone=zone)
        begins = max(opens, start)
        if is_business_day(day, business) and begins < closes:
            # The difference of two moments, not of two wall clocks: a DST change is counted.
            span = closes.astimezone(ZoneInfo("UTC")) - begins.astimezone(ZoneInfo("UTC"))
            if left <= span:
                return (begins.astimezone(ZoneInfo("UTC")) + left).astimezone(start.tzinfo)
            left -= span
        day += timedelta(days=1)


def after_business_days(start: datetime, days: int, *, business: BusinessTime) -> datetime:
    """Closing time of the so-many-th business day after `start`'s day."""
    zone = ZoneInfo(business.zone)
    day = start.astimezone(zone).date()
    while days > 0:
        day += timedelta(days=1)
        days -= is_business_day(day, business)
    return _day(day, business, zone=zone)[1].astimezone(start.tzinfo)


def _day(day: date, business: BusinessTime, *, zone: ZoneInfo) -> tuple[datetime, datetime]:
    midnight = datetime.combine(day, time(), zone)
    closes = midnight + timedelta(hours=business.to_hour)
    return midnight + timedelta(hours=business.from_hour), closes
