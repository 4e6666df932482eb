"""Business time: weekends, Norwegian holidays, Easter, and the change of the clocks."""

from datetime import datetime

import pytest

from services.triage.deadlines import after_business_days, after_business_hours
from tests.core.triage_examples import POLICY

CALENDAR = POLICY.rules.calendar
HOURS = [
    ("2026-11-16T09:00:00+01:00", 4, "2026-11-16T13:00:00+01:00"),
    ("2026-11-16T14:00:00+01:00", 4, "2026-11-17T10:00:00+01:00"),
    ("2026-11-16T20:00:00+01:00", 4, "2026-11-17T12:00:00+01:00"),
    ("2026-11-16T05:00:00+01:00", 8, "2026-11-16T16:00:00+01:00"),
    ("2026-11-20T15:00:00+01:00", 2, "2026-11-23T09:00:00+01:00"),
    ("2026-11-21T12:00:00+01:00", 8, "2026-11-23T16:00:00+01:00"),
    # Maundy Thursday, Good Friday and Easter Monday.
    ("2026-04-01T15:00:00+02:00", 2, "2026-04-07T09:00:00+02:00"),
    # The 1st of May is a Friday, the 17th a Sunday.
    ("2026-04-30T12:00:00+02:00", 8, "2026-05-04T12:00:00+02:00"),
    # The clocks go forward on Sunday 29 March and back on Sunday 25 October.
    ("2026-03-27T15:00:00+01:00", 2, "2026-03-30T09:00:00+02:00"),
    ("2026-10-23T15:00:00+02:00", 2, "2026-10-26T09:00:00+01:00"),
]
DAYS = [
    ("2026-11-16T12:00:00+01:00", 10, "2026-11-30T12:00:00+01:00"),
    ("2026-12-18T12:00:00+01:00", 10, "2027-01-05T12:00:00+01:00"),
]


@pytest.mark.parametrize(("start", "hours", "due"), HOURS)
def test_business_hours(start: str, hours: int, due: str) -> None:
    """A promise would fall on a night, a Sunday or Good Friday, or an hour off in March."""
    got = after_business_hours(datetime.fromisoformat(start), hours, calendar=CALENDAR)
    assert datetime.fromisoformat(due) == got


@pytest.mark.parametrize(("start", "days", "due"), DAYS)
def test_business_days(start: str, days: int, due: str) -> None:
    """The final answer would be promised for a day when nobody is at work."""
    assert datetime.fromisoformat(due) == after_business_days(
        datetime.fromisoformat(start), days, calendar=CALENDAR
    )
