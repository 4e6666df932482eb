"""Business time: working days, holidays and the two changes of the clock."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from shared.business_time import (
    FILE,
    Deadlines,
    Within,
    between,
    closing,
    deadline,
    is_business_day,
)
from shared.contracts.contract import Segment
from shared.contracts.submitted import OrderKind
from shared.contracts.triaged import SEVERITIES, Kind, Severity
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


# Two years, with every holiday and four changes of the clock.
FIRST, MINUTES = datetime(2026, 1, 1, tzinfo=UTC), 2 * 365 * 24 * 60
MOMENTS = st.integers(0, MINUTES).map(lambda minutes: FIRST + timedelta(minutes=minutes))


@given(MOMENTS, st.integers(min_value=1, max_value=120))
@settings(max_examples=200, deadline=None)
def test_a_deadline_is_as_far_off_as_it_says_and_falls_in_opening_hours(
    start: datetime, hours: int
) -> None:
    """Somebody would be owed an answer at night, or have less time than was promised."""
    due_at = deadline(start, Within(business_hours=hours), calendar=CALENDAR)
    assert between(start, due_at, calendar=CALENDAR) == timedelta(hours=hours)
    assert is_business_day(due_at.date(), CALENDAR)
    assert CALENDAR.opens < due_at.timetz().replace(tzinfo=None) <= CALENDAR.closes


@given(MOMENTS, MOMENTS, st.integers(min_value=1, max_value=15))
@settings(max_examples=100, deadline=None)
def test_who_comes_first_is_due_first(one: datetime, other: datetime, days: int) -> None:
    """A later complaint would be due before an earlier one of the same severity."""
    within = Within(business_days=days)
    first, second = (deadline(start, within, calendar=CALENDAR) for start in sorted((one, other)))
    assert first <= second


@given(MOMENTS)
@settings(max_examples=100, deadline=None)
def test_what_is_graver_is_never_due_later(start: datetime) -> None:
    """A critical case would wait longer than a high one, over a weekend or a holiday."""
    due = [
        OWED.touch_by(start, severity, kind="complaint", urgent=False)
        for severity in reversed(SEVERITIES)
    ]
    assert due == sorted(due)


def test_the_final_answer_is_owed_by_the_first_of_all_that_asks_for_it() -> None:
    """A business would wait as long as the slowest rule allows, whatever was promised to it."""
    sooner = OWED.model_copy(
        update={
            "final_by_segment": {"business": Within(business_days=5)},
            "final_by_severity": {"critical": Within(business_days=2)},
        }
    )
    start = datetime.fromisoformat("2026-11-16T12:00:00+01:00")

    def days(owed: Deadlines, *, segment: Segment, severity: Severity, kind: OrderKind) -> int:
        due = owed.final_of(start, segment=segment, severity=severity, order_kind=kind)
        return int(between(start, due, calendar=CALENDAR) / timedelta(hours=8))

    assert days(OWED, segment="consumer", severity="low", kind="goods") == 10
    assert days(OWED, segment="consumer", severity="low", kind="finance") == 10
    assert days(sooner, segment="business", severity="low", kind="goods") == 5
    assert days(sooner, segment="business", severity="critical", kind="goods") == 2


@pytest.mark.parametrize(
    ("kind", "interim", "days"),
    [("goods", False, 15), ("goods", True, 15), ("finance", False, 15), ("finance", True, 35)],
)
def test_the_hard_stop_is_later_only_where_the_law_knows_it(
    kind: OrderKind, days: int, *, interim: bool
) -> None:
    """A date after the hard stop would be named to somebody who has waited long enough."""
    start = datetime.fromisoformat("2026-08-17T08:00:00+02:00")
    stop = OWED.stop_by(start, order_kind=kind, interim=interim)
    assert between(start, stop, calendar=CALENDAR) == days * timedelta(hours=8)
