"""Dead letters: what no stage could take, why, and the way to send it again.

The list names nobody and quotes nobody. What somebody wrote is covered until it is asked for, which
is a noted look. Sent again is the same message: whoever had it before skips it. A letter that was
sent from here is not sent from here once more; if it dies again, it lies here anew.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import Response

from services.desk.answers import Problem, invalid, unavailable
from services.desk.web.console import Fallen, Visit, hint_of
from services.desk.web.letters_sent import SENT, sent
from services.desk.web.pages import go
from services.desk.web.paging import OFFSET_MAX, number
from shared.contracts.envelope import Outgoing
from shared.errors import Fault, Invalid, Refused, Transient
from shared.mending import is_submission, mended
from shared.stage.letter import DeadLetter

ROWS = 3  # fields to change at a time
OURS = "internal_error"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why letters fell, where from, and how many of those shown."""

    code: str
    topic: str
    stage: str
    count: int


async def listed(visit: Visit) -> Response:
    """GET /dead-letters?code="""
    most = visit.console.policy.rules.letters_shown_max
    fallen = _fallen(visit)
    try:
        newest = await fallen.newest(most)
    except (Transient, Refused) as error:
        raise _problem(error) from None
    code = visit.asked("code")
    letters = [each for each in newest.letters if not code or each.said("code") == code]
    done = await visit.console.keeping.read(lambda c: sent(c, letters))
    values = {
        "letters": letters,
        "done": done,
        "causes": _causes(newest.letters),
        "asked": code,
        "lying": newest.lying,
        "shown": len(newest.letters),
    }
    return visit.shown("dead_letters.html", values)


async def shown(visit: Visit) -> Response:
    """GET /dead-letters/{partition}/{offset}?open="""
    return await _page(visit, await _letter(visit))


async def acted(visit: Visit) -> Response:
    """POST /dead-letters/{partition}/{offset}/send or mend"""
    fields = await visit.form()
    verb = visit.path("verb")
    if verb not in ("send", "mend"):
        raise Problem(404, "no_such_page", hint="There is no such page.")
    letter = await _letter(visit)
    try:
        await _send(visit, letter, fields=fields if verb == "mend" else None)
    except Problem as problem:
        return await _page(visit, letter, problem=problem, typed=fields)
    return go(f"/{letter.id}?did=letter")


async def _send(visit: Visit, letter: DeadLetter, *, fields: Mapping[str, str] | None) -> None:
    """As it is, or with these fields changed; raises `Problem`, and then nothing was sent."""
    if not may_mend(visit):
        raise Problem(403, "not_your_letters", hint="This is not for you to send.")
    if letter.forgotten:
        raise Problem(410, "letter_forgotten", hint="Who wrote it was forgotten.")
    if await visit.console.keeping.read(lambda c: sent(c, [letter])):
        raise Problem(409, "letter_sent_before", hint="It was sent again already.")
    output, null = letter.original(), letter.was_null
    if fields is not None:
        output, null = _mended(output, fields), False
    await visit.looked("letter_sends" if fields is None else "letter_mends", case_id=letter.id)
    try:
        await _fallen(visit).send(output, null=null)
    except (Transient, Refused) as error:
        raise _problem(error) from None
    await visit.looked(SENT, case_id=letter.id)


def _mended(original: Outgoing, fields: Mapping[str, str]) -> Outgoing:
    sets, unsets = [], []
    for row in range(1, ROWS + 1):
        name = fields.get(f"field{row}", "").strip()
        if name and fields.get(f"out{row}"):
            unsets.append(name)
        elif name:
            sets.append((name, fields.get(f"value{row}", "")))
    if not sets and not unsets:
        raise invalid([Fault("nothing_changed", "field1", "Name a field to change.")])
    try:
        return mended(original, sets, unsets=unsets)[0]
    except Invalid as left:
        raise invalid(left.faults) from None
    except Refused as refused:
        raise Problem(409, refused.code, hint=refused.hint) from None


async def _letter(visit: Visit) -> DeadLetter:
    partition, offset = (number(visit.path(n), most=OFFSET_MAX) for n in ("partition", "offset"))
    try:
        found = await _fallen(visit).one(partition, offset)
    except (Transient, Refused) as error:
        raise _problem(error) from None
    if found is None:
        raise Problem(404, "no_such_letter", hint="No letter lies there any more.")
    return found


async def _page(
    visit: Visit,
    letter: DeadLetter,
    *,
    problem: Problem | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    is_open = bool(visit.asked("open")) and not letter.forgotten
    if is_open:
        await visit.looked("letter", case_id=letter.id)
    done = await visit.console.keeping.read(lambda c: sent(c, [letter]))
    raw = letter.record.value or b""
    values = {
        "letter": letter,
        "faults": letter.faults,
        "open": is_open,
        "words": raw.decode("utf-8", "backslashreplace") if is_open else "",
        "size_bytes": len(raw),
        "sent": done.get(letter.id),
        "may": may_mend(visit) and not letter.forgotten and letter.id not in done,
        "mendable": is_submission(letter.said("topic")),
        "ours": letter.said("code") == OURS,
        "rows": _rows(letter, typed),
        "did": visit.asked("did"),
        "said": hint_of(problem, visit.visitor.words) if problem else "",
        "left": problem.faults if problem else (),
    }
    return visit.shown("dead_letter.html", values, status=problem.status if problem else 200)


def _rows(letter: DeadLetter, typed: Mapping[str, str] | None) -> Sequence[Mapping[str, object]]:
    """What the form begins with: the fields that were wrong, or what she typed."""
    wrong = [*dict.fromkeys(field for _, field in letter.faults if field)]
    rows = []
    for row in range(1, ROWS + 1):
        field = wrong[row - 1] if row <= len(wrong) else ""
        said = typed or {}
        rows.append(
            {
                "number": row,
                "field": said.get(f"field{row}", field if typed is None else ""),
                "value": said.get(f"value{row}", ""),
                "out": bool(said.get(f"out{row}")),
            }
        )
    return rows


def _causes(letters: Sequence[DeadLetter]) -> list[Cause]:
    """The most frequent first."""
    found = Counter((e.said("code"), e.said("topic"), e.said("stage")) for e in letters)
    return [Cause(*key, count) for key, count in sorted(found.items(), key=lambda p: (-p[1], p[0]))]


def may_look(visit: Visit) -> bool:
    """Whether she may see the room at all."""
    rules = visit.console.policy.rules
    return visit.visitor.person.role in (*rules.mends_letters, *rules.reads_the_log)


def may_mend(visit: Visit) -> bool:
    """Whether she may send a letter again."""
    return visit.visitor.person.role in visit.console.policy.rules.mends_letters


def _fallen(visit: Visit) -> Fallen:
    if not may_look(visit):
        raise Problem(403, "not_your_letters", hint="This is not for you to see.")
    if visit.console.fallen is None:
        raise Problem(404, "no_such_page", hint="There is no such page.")
    return visit.console.fallen


def _problem(error: Transient | Refused) -> Problem:
    if isinstance(error, Refused):
        return Problem(403, error.code, hint=error.hint)
    return unavailable()
