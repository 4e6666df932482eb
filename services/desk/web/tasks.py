"""What was promised and must be done in the world: the earliest due first."""

from fastapi import Response

from services.desk import reading
from services.desk.commands import Said
from services.desk.web.console import Visit
from services.desk.web.pages import go
from services.desk.web.paging import OFFSET_MAX, neighbours, number


async def listed(visit: Visit) -> Response:
    """GET /tasks"""
    limit = visit.console.policy.rules.rows_per_page
    offset = number(visit.asked("offset"), most=OFFSET_MAX)
    rows = await visit.console.acting.ledger.read(
        lambda c: tuple(reading.tasks(c, visit.visitor.person, limit=limit + 1, offset=offset))
    )
    pages = neighbours("/tasks", {}, offset=offset, limit=limit)
    values = {
        "rows": rows[:limit],
        "pages": pages if len(rows) > limit else {**pages, "next": ""},
        "did": visit.asked("did"),
    }
    return visit.shown("tasks.html", values)


async def done(visit: Visit) -> Response:
    """POST /tasks/{id}/done"""
    fields = await visit.form()
    outcome = await visit.console.acting.task_done(
        visit.path("task_id"),
        Said(),
        person=visit.visitor.person,
        by=visit.by(fields),
    )
    did = "task" if outcome.state == "done" else "accepted"
    back = fields.get("back", "")
    if back == "case":
        return go(f"/cases/{outcome.case.case_id}?did={did}")
    return go(f"/tasks?did={did}")
