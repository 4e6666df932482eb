"""Try a changed policy on past decisions: what would have been decided otherwise. Nothing is kept.

The text is read and forgotten with the answer; a policy changes by its file, and a review.
"""

import asyncio
from collections.abc import Iterable
from functools import partial

from fastapi import Response

from services.desk.answers import Problem
from services.desk.lived import readings
from services.desk.rehearsal import Difference
from services.desk.web import policies
from services.desk.web.console import Visit, hint_of
from shared.errors import Refused
from shared.policy import policy_dir

# What decides about money; the rest of the policies has no past that can be decided anew here.
FILES = ("recovery.yaml", "people.yaml")
REGIMES = "regimes/"
MOVES_SHOWN_MAX = 50


async def shown(visit: Visit) -> Response:
    """GET /policies/try?file=: the policy in force, to be changed."""
    name = _name(visit, visit.asked("file"))
    text = policies.files(policy_dir())[name].read_text(encoding="utf-8")
    return _page(visit, name, text=text)


async def tried(visit: Visit) -> Response:
    """POST /policies/try: what would have been decided otherwise; the text is not kept."""
    fields = await visit.form()
    name, text = _name(visit, fields.get("file", "")), fields.get("text", "")
    rehearsal = visit.console.rehearsal
    if rehearsal is None:
        raise Problem(404, "no_such_page", hint="There is no such page.")
    most = visit.console.policy.rules.policy_complaints_max
    past = await visit.console.acting.ledger.read(lambda c: readings(c, most))
    compare = partial(rehearsal.compared, past, file=name, text=text)
    try:
        async with visit.console.board.counting:  # one at a time: it costs seconds of a core
            found = await asyncio.to_thread(compare)
    except Refused as refused:
        return _page(visit, name, text=text, refused=refused)
    return _page(visit, name, text=text, found=found)


def may_try(visit: Visit) -> bool:
    """Whether there is anything to try it on, and she is one who may."""
    may = visit.visitor.person.role in visit.console.policy.rules.tries_policies
    return may and visit.console.rehearsal is not None


def files_to_try(names: Iterable[str]) -> tuple[str, ...]:
    """Those that decide what is given."""
    return tuple(each for each in names if each in FILES or each.startswith(REGIMES))


def _name(visit: Visit, asked: str) -> str:
    if not may_try(visit):
        raise Problem(403, "not_your_policies", hint="This is not for you to try.")
    if asked not in files_to_try(policies.files(policy_dir())):
        raise Problem(404, "no_such_page", hint="There is no such policy.", field="file")
    return asked


def _page(
    visit: Visit,
    name: str,
    *,
    text: str,
    found: Difference | None = None,
    refused: Refused | None = None,
) -> Response:
    problem = Problem(422, refused.code, hint=refused.hint, field="text") if refused else None
    values = {
        "file": name,
        "text": text,
        "found": found,
        "moves": found.moves[:MOVES_SHOWN_MAX] if found else (),
        "tables": [*dict.fromkeys(row.table for row in found.rows)] if found else (),
        "what": refused.message if refused else "",
        "said": hint_of(problem, visit.visitor.words) if problem else "",
        "most": visit.console.policy.rules.policy_complaints_max,
    }
    return visit.shown("trying.html", values, status=problem.status if problem else 200)
