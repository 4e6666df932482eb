"""What is promised with a reading: the first human touch, the final answer, and reports."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from services.triage.duties import Owed, report_id
from services.triage.policy import TriagePolicy
from shared.business_time import is_urgent
from shared.contracts.identity import derived
from shared.contracts.promises import PromiseMade
from shared.contracts.triaged import ComplaintTriaged


def promises_of(
    statement: ComplaintTriaged, *, owed: Sequence[Owed], at: datetime, policy: TriagePolicy
) -> tuple[PromiseMade, ...]:
    """A touch where a person is needed, an answer to all but praise and robots, what law asks."""
    if statement.automatic or statement.kind == "praise":
        return ()
    times = policy.deadlines
    final_by = times.final_by(at, statement)
    answers = [_promise(statement, "final_answer", due_at=final_by, policy=policy)]
    if statement.needs_person:
        answers.insert(0, _touch(statement, at=at, policy=policy))
    case_id = statement.case_id
    reports = reports_promised(statement.complaint_id, case_id=case_id, owed=owed)
    return (*answers, *reports)


def touch_again(
    statement: ComplaintTriaged, *, told_by: str, at: datetime, policy: TriagePolicy
) -> PromiseMade:
    """A touch that is owed anew, since a reply (`told_by`, its event) raised something."""
    touch = _touch(statement, at=at, policy=policy)
    again = derived("promise", statement.complaint_id, "first_touch", told_by)
    return touch.model_copy(update={"promise_id": again})


def reports_promised(
    complaint_id: str, *, case_id: str, owed: Sequence[Owed]
) -> tuple[PromiseMade, ...]:
    """To ourselves, in the name of a colleague who decides whether there is something to tell."""
    return tuple(
        PromiseMade(
            promise_id=report_id(complaint_id, each.code),
            complaint_id=complaint_id,
            case_id=case_id,
            kind="report",
            due_at=each.due_at,
            owner=each.owner,
        )
        for each in owed
    )


def _touch(statement: ComplaintTriaged, *, at: datetime, policy: TriagePolicy) -> PromiseMade:
    urgent = is_urgent(statement)
    due_at = policy.deadlines.touch_by(at, statement.severity, kind=statement.kind, urgent=urgent)
    return _promise(statement, "first_touch", due_at=due_at, policy=policy)


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
        due_at=due_at.astimezone(UTC),
        owner=policy.rules.promise_owner[kind],
    )
