"""Business time: working days, holidays and the two changes of the clock."""

from datetime import datetime

import pytest
from pydantic import BaseModel

from shared.business_time import FILE, Deadlines, Within, closing, deadline
from shared.contracts.triaged import Kind, Severity
from shared.policy import load_policy


class _Policy(BaseModel):
    deadlines: Deadlines


OWED = load_policy(_Policy, deadlines=FILE)[0].deadlines
CALENDAR = OWED.calendar


@pytest.mark.parametrize(
    ("start", "within", "end"),
    [
        ("2026-11-16T09:00:00+01:00", {"business_hours": 2}, "2026-11-16T11:00:00+01:00"),
        ("2026-11-16T15:00:00+01:00", {"business_hours": 2}, "2026-11-17T09:00:00+01:00"),
        ("2026-11-20T15:30:00+01:00", {"business_hours": 2}, "2026-11-23T09:30:00+01:00"),
        ("2026-11-22T12:00:00+01:00", {"business_hours": 2}, "2026-11-23T10:00:00+01:00"),
        ("2026-11-16T06:00:00+01:00", {"business_hours": 10}, "2026-11-17T10:00:00+01:00"),
        ("2026-11-16T09:00:00+01:00", {"business_days": 1}, "2026-11-17T09:00:00+01:00"),
        ("2026-11-16T20:00:00+01:00", {"business_hours": 4}, "2026-11-17T12:00:00+01:00"),
        ("2026-11-16T05:00:00+01:00", {"business_hours": 8}, "2026-11-16T16:00:00+01:00"),
        ("2026-11-21T12:00:00+01:00", {"business_hours": 8}, "2026-11-23T16:00:00+01:00"),
        # The 1st of May is a Friday, the 17th a Sunday.
        ("2026-04-30T12:00:00+02:00", {"business_hours": 8}, "2026-05-04T12:00:00+02:00"),
        ("2026-03-27T15:00:00+01:00", {"business_hours": 2}, "2026-03-30T09:00:00+02:00"),
        ("2026-11-16T12:00:00+01:00", {"business_days": 10}, "2026-11-30T12:00:00+01:00"),
        ("2026-12-18T12:00:00+01:00", {"business_days": 10}, "2027-01-05T12:00:00+01:00"),
        # Maundy Thursday to Easter Monday 2026 are no working days.
        ("2026-04-01T15:00:00+02:00", {"business_hours": 2}, "2026-04-07T09:00:00+02:00"),
        # Over the last Sunday of October: the wall clock says 09:00 on both sides.
        ("2026-10-23T15:00:00+02:00", {"business_hours": 2}, "2026-10-26T09:00:00+01:00"),
        # Minutes are on the wall clock, at night too.
        ("2026-11-22T03:00:00+01:00", {"minutes": 5}, "2026-11-22T03:05:00+01:00"),
    ],
)
def test_deadline(start: str, within: dict[str, int], end: str) -> None:
    """A deadline would fall at night, on a holiday, or an hour off after a clock change."""
    due_at = deadline(datetime.fromisoformat(start), Within(**within), calendar=CALENDAR)
    assert datetime.fromisoformat(end) == due_at


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-16T09:00:00+01:00", 5, "2026-11-23T16:00:00+01:00"),
        ("2026-12-23T09:00:00+01:00", 2, "2026-12-28T16:00:00+01:00"),
    ],
)
def test_closing(start: str, days: int, end: str) -> None:
    """A payout would be promised for a day on which no bank works."""
    due_at = closing(datetime.fromisoformat(start), days, calendar=CALENDAR)
    assert datetime.fromisoformat(end) == due_at


@pytest.mark.parametrize(
    ("severity", "kind", "urgent", "end"),
    [
        ("low", "complaint", True, "2026-11-22T03:15:00+01:00"),
        ("critical", "question", True, "2026-11-22T03:15:00+01:00"),
        ("critical", "complaint", False, "2026-11-22T03:15:00+01:00"),
        ("low", "question", False, "2026-11-23T16:00:00+01:00"),
    ],
)
def test_what_is_urgent_comes_first(
    severity: Severity,
    kind: Kind,
    urgent: bool,  # noqa: FBT001 -- a parameter of the test
    end: str,
) -> None:
    """A threat in calm words would wait for three business days, and a fire until Monday."""
    start = datetime.fromisoformat("2026-11-22T03:00:00+01:00")
    assert datetime.fromisoformat(end) == OWED.touch_by(start, severity, kind=kind, urgent=urgent)
