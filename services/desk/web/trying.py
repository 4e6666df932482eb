"""Try a changed policy on past decisions: what would have been decided otherwise. Nothing is kept.

The text is read and forgotten with the answer; a policy changes by its file, and a review.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from fastapi import Response

from services.desk.answers import Problem
from services.desk.lived import readings
from services.desk.rehearsal import Difference
from services.desk.web import policies, uploads
from services.desk.web.console import Visit, hint_of
from shared.errors import Refused
from shared.policy import policy_dir

# What decides about money; the rest of the policies has no past that can be decided anew here.
FILES = ("recovery.yaml", "people.yaml")
REGIMES = "regimes/"
MOVES_SHOWN_MAX = 50
# Four times the longest of ours: a typed policy, in characters, and a file, in bytes.
TEXT_MAX = 40_000
TOO_LARGE = 413


@dataclass(frozen=True, slots=True)
class Trial:
    """A policy that is tried: its file's name, its text, and what came of it.

    `field`: where the text came from, "text" or "upload".
    """

    file: str
    text: str
    field: str = "text"
    found: Difference | None = None
    refused: Refused | None = None


async def shown(visit: Visit) -> Response:
    """GET /policies/try?file=: the policy in force, to be changed."""
    name = _name(visit, visit.asked("file"))
    return _page(visit, Trial(name, _in_force(name)))


async def tried(visit: Visit) -> Response:
    """POST /policies/try: what would have been decided otherwise; the text is not kept."""
    if uploads.has_file(visit.request):
        return await _uploaded(visit)
    fields = await visit.form()
    name = _name(visit, fields.get("file", ""))
    return await _compared(visit, name, text=fields.get("text", ""), field="text")


async def _uploaded(visit: Visit) -> Response:
    """A file instead of a text; when it is none, what is in force stands there still."""
    name, field = _name(visit, visit.asked("file")), "upload"
    try:
        text = await _text_of_file(visit, where=name, field=field)
    except Refused as refused:
        return _page(visit, Trial(name, _in_force(name), field, refused=refused))
    return await _compared(visit, name, text=text, field=field)


async def _text_of_file(visit: Visit, *, where: str, field: str) -> str:
    """Raises `Refused`, and `Problem` for a form that is not ours."""
    try:
        sent = await uploads.sent_to(visit.request, csrf=visit.visitor.session.csrf)
    except Problem as problem:
        if problem.status != TOO_LARGE:
            raise
        raise _too_large(where) from None
    content = sent.files.get(field, b"")
    if not content:
        raise Refused("policy_not_chosen", f"{where}: no file, or nothing in it.", "Choose one.")
    if len(content) > TEXT_MAX:
        raise _too_large(where)
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        message = f"{where}: byte {error.start + 1} is not UTF-8."
        raise Refused("policy_not_text", message, "Save it as UTF-8.") from None


def _too_large(where: str) -> Refused:
    message = f"{where}: more than {TEXT_MAX} bytes."
    return Refused("policy_too_large", message, "Choose a smaller file.")


async def _compared(visit: Visit, name: str, *, text: str, field: str) -> Response:
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
        return _page(visit, Trial(name, text, field, refused=refused))
    return _page(visit, Trial(name, text, field, found=found))


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


def _in_force(name: str) -> str:
    return policies.files(policy_dir())[name].read_text(encoding="utf-8")


def _page(visit: Visit, trial: Trial) -> Response:
    found, refused = trial.found, trial.refused
    problem = Problem(422, refused.code, hint=refused.hint, field=trial.field) if refused else None
    values = {
        "file": trial.file,
        "text": trial.text,
        "text_max": TEXT_MAX,
        "found": found,
        "moves": found.moves[:MOVES_SHOWN_MAX] if found else (),
        "tables": [*dict.fromkeys(row.table for row in found.rows)] if found else (),
        "problem": problem,
        "what": refused.message if refused else "",
        "said": hint_of(problem, visit.visitor.words) if problem else "",
        "most": visit.console.policy.rules.policy_complaints_max,
    }
    return visit.shown("trying.html", values, status=problem.status if problem else 200)
