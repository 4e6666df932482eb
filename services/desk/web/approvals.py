"""What lacks a signature, the longest waiting first: sign, refuse with a reason, or decide anew.

There is no signing in bulk: no policy allows it, and a sum that nobody looked at is not signed.
"""

from fastapi import Response

from services.desk import reading
from services.desk.answers import Problem
from services.desk.commands import SaidApproval, SaidRejection
from services.desk.model import WaitingApproval
from services.desk.web.acts import contract
from services.desk.web.console import Visit, hint_of
from services.desk.web.pages import go
from services.desk.web.paging import OFFSET_MAX, neighbours, number

BODIES: dict[str, type[SaidApproval]] = {"approve": SaidApproval, "reject": SaidRejection}


async def listed(visit: Visit) -> Response:
    """GET /approvals"""
    return await _page(visit, problem=None)


async def signed(visit: Visit) -> Response:
    """POST /approvals/{id}/approve or reject"""
    fields = await visit.form()
    verb, recovery_id = visit.path("verb"), visit.path("recovery_id")
    if verb not in BODIES:
        raise Problem(404, "no_such_page", hint="There is no such page.")
    seen = number(fields.get("seen_version", ""), most=OFFSET_MAX)
    try:
        said = contract(BODIES[verb], {"reason": fields.get("reason", ""), "seen_version": seen})
        by = visit.by(fields)
        outcome = await visit.console.acting.sign(
            recovery_id, said, person=visit.visitor.person, by=by
        )
    except Problem as problem:
        return await _page(visit, problem=problem)
    return go(f"/approvals?did={verb if outcome.state == 'done' else 'accepted'}")


async def _page(visit: Visit, *, problem: Problem | None) -> Response:
    limit = visit.console.policy.rules.rows_per_page
    offset = number(visit.asked("offset"), most=OFFSET_MAX)
    rows = await visit.console.acting.ledger.read(
        lambda c: reading.approvals(c, visit.visitor.person, limit=limit + 1, offset=offset)
    )
    pages = neighbours("/approvals", {}, offset=offset, limit=limit)
    values = {
        "rows": [(each, _may_sign(each, visit)) for each in rows[:limit]],
        "pages": pages if len(rows) > limit else {**pages, "next": ""},
        "did": visit.asked("did"),
        "said": hint_of(problem, visit.visitor.words) if problem else "",
    }
    status = problem.status if problem else 200
    return visit.shown("approvals.html", values, status=status)


def _may_sign(each: WaitingApproval, visit: Visit) -> bool:
    """Whether her limit covers it; recovery has the last word."""
    return visit.visitor.person.may_sign(each.total_minor)
