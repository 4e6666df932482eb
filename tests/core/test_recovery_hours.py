"""Business time: Norwegian working days, holidays and the two changes of the clock."""

from datetime import datetime

import pytest

from services.recovery.hours import after_business_days, after_business_hours
from tests.core.recovery_world import policy


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-16T09:00:00+01:00", 2, "2026-11-16T11:00:00+01:00"),
        ("2026-11-16T15:00:00+01:00", 2, "2026-11-17T09:00:00+01:00"),
        ("2026-11-20T15:30:00+01:00", 2, "2026-11-23T09:30:00+01:00"),
        ("2026-11-22T12:00:00+01:00", 2, "2026-11-23T10:00:00+01:00"),
        # Maundy Thursday to Easter Monday 2026 are no working days.
        ("2026-04-01T15:00:00+02:00", 2, "2026-04-07T09:00:00+02:00"),
        # Over the last Sunday of October: the wall clock says 09:00 on both sides.
        ("2026-10-23T15:00:00+02:00", 2, "2026-10-26T09:00:00+01:00"),
    ],
)
def test_business_hours(start: str, hours: float, end: str) -> None:
    """Silence would escalate at night, on a holiday, or an hour off after a clock change."""
    business = policy().recovery.business_time
    due_at = after_business_hours(datetime.fromisoformat(start), hours, business=business)
    assert datetime.fromisoformat(end) == due_at


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-16T09:00:00+01:00", 5, "2026-11-23T16:00:00+01:00"),
        ("2026-12-23T09:00:00+01:00", 2, "2026-12-28T16:00:00+01:00"),
    ],
)
def test_business_days(start: str, days: int, end: str) -> None:
    """A payout would be promised for a day on which no bank works."""
    business = policy().recovery.business_time
    due_at = after_business_days(datetime.fromisoformat(start), days, business=business)
    assert datetime.fromisoformat(end) == due_at
