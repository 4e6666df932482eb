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
        due_at = times.touch_by(
            at, statement.severity, kind=statement.kind, urgent=is_urgent(statement)
        )
        answers.insert(0, _promise(statement, "first_touch", due_at=due_at, policy=policy))
    return (*answers, *(_report(statement, each) for each in owed))


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


def _report(statement: ComplaintTriaged, owed: Owed) -> PromiseMade:
    """To ourselves, in the name of a colleague who decides whether there is something to tell."""
    return PromiseMade(
        promise_id=report_id(statement.complaint_id, owed.code),
        complaint_id=statement.complaint_id,
        case_id=statement.case_id,
        kind="report",
        due_at=owed.due_at,
        owner=owed.owner,
    )
