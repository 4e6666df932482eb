"""The log of looks at personal data: for auditors, and whoever else the policy names."""

from fastapi import Response

from services.desk.answers import Problem
from services.desk.web import looks
from services.desk.web.console import Visit
from services.desk.web.paging import OFFSET_MAX, neighbours, number

NAME_CHARS_MAX = 200


async def listed(visit: Visit) -> Response:
    """GET /log?person=&case_id="""
    if visit.visitor.person.role not in visit.console.policy.rules.reads_the_log:
        raise Problem(403, "not_your_log", hint="This is for auditors.")
    asked = {name: visit.asked(name).strip()[:NAME_CHARS_MAX] for name in ("person", "case_id")}
    limit = visit.console.policy.rules.rows_per_page
    offset = number(visit.asked("offset"), most=OFFSET_MAX)
    rows = await visit.console.keeping.read(
        lambda c: looks.lines(c, limit=limit + 1, offset=offset, **asked)
    )
    pages = neighbours("/log", asked, offset=offset, limit=limit)
    values = {
        "rows": rows[:limit],
        "asked": asked,
        "people": sorted(visit.console.acting.policy.people.names),
        "pages": pages if len(rows) > limit else {**pages, "next": ""},
    }
    return visit.shown("log.html", values)
