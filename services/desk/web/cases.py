"""The queues and every other list of cases: what to do first stands first.

A list names no complainant and quotes nobody, so that looking at it is no look at personal data.
Every filter lies in the address: a list can be kept, sent and come back to.
"""

from collections.abc import Mapping
from typing import get_args
from urllib.parse import quote

from fastapi import Response

from services.desk import reading
from services.desk.answers import Problem
from services.desk.queues import Place
from services.desk.reading import Wanted
from services.desk.web.console import Visit
from services.desk.web.pages import go
from services.desk.web.paging import address, leaf, place_in
from shared.contracts.caserule import Standing
from shared.contracts.triaged import SEVERITIES

VIEWS = ("mine", "free", "needs", "all")
STATES: tuple[Standing, ...] = get_args(Standing)
FILTERS = ("state", "severity", "category", "owner", "why", "key")
TURNS = ("after", "before")


async def listed(visit: Visit) -> Response:
    """GET /cases?view=&state=&severity=&category=&owner=&why=&after=&before="""
    asked = {name: visit.asked(name) for name in FILTERS}
    turned = {name: place for name in TURNS if (place := place_in(visit.asked(name)))}
    view = visit.asked("view")
    view = view if view in VIEWS else "all"
    limit = visit.console.policy.rules.rows_per_page
    wanted = _wanted(view, asked, turned=turned, limit=limit + 1)
    found = await visit.console.acting.ledger.read(
        lambda c: reading.queue(c, wanted, person=visit.visitor.person)
    )
    here = {"view": view, **asked}
    if turned and not found:
        return go(address("/cases", here))
    rows, pages = leaf("/cases", here, turned=turned, found=found, limit=limit)
    values = {
        "rows": rows,
        "view": view,
        "views": VIEWS,
        "asked": asked,
        "states": STATES,
        "severities": SEVERITIES[::-1],
        "people": sorted(visit.console.acting.policy.people.names),
        "pages": pages,
        "missed": visit.asked("missed"),
    }
    return visit.shown("cases.html", values)


async def find(visit: Visit) -> Response:
    """GET /find?q=: the case of an id or of the reference in our mails."""
    named = visit.asked("q").strip()
    try:
        found = await visit.console.acting.case(named, visit.visitor.person)
    except Problem as problem:
        return go(f"/cases?missed={quote(problem.why or problem.code)}")
    return go(f"/cases/{quote(found.case.case_id, safe='')}")


def _wanted(
    view: str, asked: Mapping[str, str], *, turned: Mapping[str, Place], limit: int
) -> Wanted:
    state = next((each for each in STATES if each == asked["state"]), None)
    return Wanted(
        state=state,
        mine=view == "mine",
        needs_person=True if view == "needs" else None,
        limit=limit,
        after=turned.get("after"),
        before=turned.get("before"),
        closed=view == "all",
        free=view == "free",
        severity=asked["severity"],
        category=asked["category"],
        owner=asked["owner"],
        why=asked["why"],
        key=asked["key"],
    )
