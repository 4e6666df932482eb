"""What is promised with a reading: the first human touch, and the final answer."""

from datetime import UTC, datetime
from typing import Literal

from services.triage.policy import TriagePolicy
from shared.business_time import is_urgent
from shared.contracts.identity import derived
from shared.contracts.promises import PromiseMade
from shared.contracts.triaged import ComplaintTriaged


def promises_of(
    statement: ComplaintTriaged, *, at: datetime, policy: TriagePolicy
) -> tuple[PromiseMade, ...]:
    """A touch where a person is needed, an answer to all but praise and robots."""
    if statement.automatic or statement.kind == "praise":
        return ()
    owed = policy.deadlines
    final = _promise(statement, "final_answer", due_at=owed.final_by(at), policy=policy)
    if not statement.needs_person:
        return (final,)
    urgent = is_urgent(statement)
    due_at = owed.touch_by(at, statement.severity, kind=statement.kind, urgent=urgent)
    return (_promise(statement, "first_touch", due_at=due_at, policy=policy), final)


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
