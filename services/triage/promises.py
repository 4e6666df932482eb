"""What is promised with a reading: the first human touch, and the final answer."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from services.triage.deadlines import after_business_days, after_business_hours
from services.triage.policy import TriagePolicy
from shared.contracts.identity import derived
from shared.contracts.promises import PromiseMade
from shared.contracts.triaged import ComplaintTriaged


def promises_of(
    statement: ComplaintTriaged, *, at: datetime, policy: TriagePolicy
) -> tuple[PromiseMade, ...]:
    """A touch where a person is needed, an answer to all but praise and robots."""
    if statement.automatic or statement.kind == "praise":
        return ()
    promises = []
    if statement.needs_person:
        due_at = _first_touch(statement, at, policy=policy)
        promises.append(_promise(statement, "first_touch", due_at=due_at, policy=policy))
    calendar, days = policy.rules.calendar, policy.rules.deadlines.final_answer_business_days
    final = after_business_days(at, days, calendar=calendar)
    promises.append(_promise(statement, "final_answer", due_at=final, policy=policy))
    return tuple(promises)


def _first_touch(statement: ComplaintTriaged, at: datetime, *, policy: TriagePolicy) -> datetime:
    """Critical runs on the wall clock, day and night; the rest in business time."""
    rules, calendar = policy.rules.deadlines, policy.rules.calendar
    if statement.severity in rules.first_touch_wall_minutes:
        minutes = rules.first_touch_wall_minutes[statement.severity]
        return at.astimezone(UTC) + timedelta(minutes=minutes)
    hours = rules.first_touch_business_hours[statement.severity]
    if statement.kind == "question":
        hours = min(hours, rules.question_business_hours)
    return after_business_hours(at, hours, calendar=calendar)


def _promise(
    statement: ComplaintTriaged,
    kind: Literal["first_touch", "final_answer"],
    *,
    due_at: datetime,
    policy: TriagePolicy,
) -> PromiseMade:
    return PromiseMade(
        promise_id=derived("promise", statement.complaint_id, kind),
        complaint_id=statement.complaint_id,
        case_id=statement.case_id,
        kind=kind,
        due_at=due_at,
        owner=policy.rules.deadlines.owner[kind],
    )
