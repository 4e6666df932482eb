"""The queues and every other list of cases: what to do first stands first.

A list names no complainant and quotes nobody, so that looking at it is no look at personal data.
Every filter lies in the address: a list can be kept, sent and come back to.
"""

from collections.abc import Mapping
from typing import get_args
from urllib.parse import quote, urlencode

from fastapi import Response

from services.desk import reading
from services.desk.answers import Problem
from services.desk.reading import Wanted
from services.desk.web.console import Visit
from services.desk.web.pages import go
from shared.contracts.caserule import Standing
from shared.contracts.triaged import SEVERITIES

VIEWS = ("mine", "free", "needs", "all")
STATES: tuple[Standing, ...] = get_args(Standing)
FILTERS = ("state", "severity", "category", "owner", "why", "key")
OFFSET_MAX = 10_000_000


async def listed(visit: Visit) -> Response:
    """GET /cases?view=&state=&severity=&category=&owner=&why=&offset="""
    asked = {name: visit.asked(name) for name in FILTERS}
    view = visit.asked("view")
    view = view if view in VIEWS else "all"
    offset = number(visit.asked("offset"), most=OFFSET_MAX)
    limit = visit.console.policy.rules.rows_per_page
    wanted = _wanted(view, asked, limit=limit + 1, offset=offset)
    rows = await visit.console.acting.ledger.read(
        lambda c: reading.queue(c, wanted, person=visit.visitor.person)
    )
    pages = neighbours("/cases", {"view": view, **asked}, offset=offset, limit=limit)
    values = {
        "rows": rows[:limit],
        "view": view,
        "views": VIEWS,
        "asked": asked,
        "states": STATES,
        "severities": SEVERITIES[::-1],
        "people": sorted(visit.console.acting.policy.people.names),
        "pages": pages if len(rows) > limit else {**pages, "next": ""},
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


def _wanted(view: str, asked: Mapping[str, str], *, limit: int, offset: int) -> Wanted:
    state = next((each for each in STATES if each == asked["state"]), None)
    return Wanted(
        state=state,
        mine=view == "mine",
        needs_person=True if view == "needs" else None,
        limit=limit,
        offset=offset,
        closed=view == "all",
        free=view == "free",
        severity=asked["severity"],
        category=asked["category"],
        owner=asked["owner"],
        why=asked["why"],
        key=asked["key"],
    )


def number(words: str, *, most: int) -> int:
    """A count in an address; 0 for what is none."""
    plain = words.isascii() and words.isdigit() and len(words) <= len(str(most))
    return min(int(words), most) if plain else 0


def neighbours(path: str, asked: Mapping[str, str], *, offset: int, limit: int) -> dict[str, str]:
    """The addresses of the page before and the page after; empty: there is none before."""
    kept = {name: value for name, value in asked.items() if value}
    before = f"{path}?{urlencode({**kept, 'offset': max(0, offset - limit)})}" if offset else ""
    return {"before": before, "next": f"{path}?{urlencode({**kept, 'offset': offset + limit})}"}
