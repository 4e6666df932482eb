"""The case page: what was said, why it was read so, what was done, and the place to work."""

from collections.abc import Iterable, Mapping
from typing import get_args

from fastapi import Response
from starlette.responses import JSONResponse

from services.desk import reading
from services.desk.answers import Problem
from services.desk.joining import parts
from services.desk.model import CaseView, ComplaintView, MessageView, TimelineLine
from services.desk.queues import why_not
from services.desk.reading import Found, Wanted
from services.desk.web import letters
from services.desk.web.acts import GESTURES_MAX, possible, said
from services.desk.web.console import Visit, hint_of
from services.desk.web.letters import Preview
from services.desk.web.marked import evidence_of, runs
from services.desk.web.otherwise import in_words, told
from services.desk.web.pages import HEADERS, go
from shared.contracts.contract import Role
from shared.contracts.recoveries import Basis, GestureKind, Result
from shared.contracts.triaged import SEVERITIES, Kind, Remedy

OTHERS_MAX = 20
# What a handler may correct here, and to what; `about` is a colleague, added to these.
CORRECTIONS: Mapping[str, tuple[str, ...]] = {
    "severity": SEVERITIES[::-1],
    "kind": get_args(Kind),
    "role": get_args(Role),
    "remedy_sought": get_args(Remedy),
}


async def shown(visit: Visit) -> Response:
    """GET /cases/{id}: a look at personal data, noted before it is answered."""
    found = await visit.console.acting.case(visit.path("case_id"), visit.visitor.person)
    if visit.path("case_id") != found.case.case_id:
        return go(f"/cases/{found.case.case_id}")
    return await _page(visit, found=found)


async def acted(visit: Visit) -> Response:
    """POST /cases/{id}/VERB: done, or the page again with her words in it, and why not."""
    fields = await visit.form()
    verb = visit.path("verb")
    found = await visit.console.acting.case(visit.path("case_id"), visit.visitor.person)
    try:
        if visit.console.policy.rules.letter.gap in fields.get("text", ""):
            raise Problem(422, "gap_left", hint="Something is still to be filled in.", field="text")
        spoken = said(verb, fields)
        by = visit.by(fields)
        outcome = await visit.console.acting.act(found, verb, said=spoken, by=by)
    except Problem as problem:
        found = await visit.console.acting.case(found.case.case_id, visit.visitor.person)
        typed = {**fields, "verb": verb}
        return await _page(visit, found=found, typed=typed, problem=problem)
    did = verb if outcome.state == "done" else "accepted"
    return go(f"/cases/{found.case.case_id}?did={did}")


async def previewed(visit: Visit) -> Response:
    """POST /cases/{id}/VERB/preview: the page with what she wrote, and the letter it would be."""
    fields, verb = await visit.form(), visit.path("verb")
    if verb not in letters.TEMPLATES:
        raise Problem(404, "no_such_page", hint="There is no such page.")
    found = await visit.console.acting.case(visit.path("case_id"), visit.visitor.person)
    start = letters.starts(found.case, visit.console.policy).get(fields.get("start", ""))
    parts = (fields.get("text", ""), start.text if start and start.verb == verb else "")
    text = "\n\n".join(part for part in parts if part.strip())
    typed = {**fields, "verb": verb, "preview": "yes", "text": text}
    return await _page(visit, found=found, typed=typed)


async def sounded(visit: Visit) -> Response:
    """POST /cases/{id}/tone: how it sounds, while she writes. Nothing of it is kept."""
    fields = await visit.form()
    found = await visit.console.acting.case(visit.path("case_id"), visit.visitor.person)
    return JSONResponse({"remarks": _sounds(visit, found, typed=fields)}, headers=HEADERS)


def _sounds(visit: Visit, found: Found, *, typed: Mapping[str, str]) -> tuple[str, ...]:
    policy, words = visit.console.policy, visit.visitor.words
    return letters.sounds(found.case, typed.get("text", ""), policy=policy, words=words)


def _letter(visit: Visit, found: Found, *, typed: Mapping[str, str]) -> Preview | None:
    """What she asked to see; None: she did not, or wrote nothing."""
    text = typed.get("text", "").strip()
    if not (typed.get("preview") and text):
        return None
    people = visit.console.acting.policy.people.names
    policy = visit.console.policy
    return letters.preview(found.case, typed["verb"], text=text, policy=policy, people=people)


async def _page(
    visit: Visit,
    *,
    found: Found,
    typed: Mapping[str, str] | None = None,
    problem: Problem | None = None,
) -> Response:
    case = found.case
    await visit.looked("case", case_id=case.case_id)
    wanted = Wanted(key=case.key, limit=OTHERS_MAX)
    others = await visit.console.acting.ledger.read(
        lambda c: reading.queue(c, wanted, person=visit.visitor.person)
    )
    typed = typed or {}
    otherwise = await told(visit, case)
    values = {
        "case": case,
        "complaints": [_complaint(each) for each in case.complaints],
        "otherwise": otherwise,
        "in_words": lambda name, value: in_words(visit.visitor.words, name, value=value),
        "rehearses": visit.console.rehearsal is not None,
        "story": _story(case),
        "others": [each for each in others if each.case_id != case.case_id],
        "may": _may(visit, found),
        "parts_of_it": parts(case),
        "takers": _takers(visit, case),
        "typed": typed,
        "again": typed.get("verb", ""),
        "letter": _letter(visit, found, typed=typed),
        "remarks": _sounds(visit, found, typed=typed),
        "starts": letters.starts(case, visit.console.policy),
        "did": visit.asked("did"),
        "said": hint_of(problem, visit.visitor.words) if problem else "",
        "stale": problem is not None and problem.code == "stale_version",
        "since": _since(case, typed) if problem and problem.code == "stale_version" else (),
        **_choices(case),
    }
    status = problem.status if problem else 200
    return visit.shown("case.html", values, status=status)


def _may(visit: Visit, found: Found) -> dict[str, str]:
    """Each verb, and why not."""
    speaker = visit.console.acting.speaker(visit.visitor.person, simulated=False)
    may = possible(found, speaker, people=visit.console.acting.policy.people)
    if never := why_not(found.case, visit.visitor.person):
        may["take"] = may["take"] or never
    return may


def _takers(visit: Visit, case: CaseView) -> tuple[str, ...]:
    """To whom it may be handed over: not to whom it is about, nor to whom it never lands with."""
    people = visit.console.acting.policy.people.people
    fit = (each for each in people if each.role != "auditor" and why_not(case, each) is None)
    return tuple(each.person for each in fit if each.person != case.owner)


def _choices(case: CaseView) -> dict[str, object]:
    result = Result.model_fields
    payments = {
        gesture.payment_reference
        for recovery in case.recoveries
        for gesture in recovery.now.gestures
        if gesture.payment_reference
    }
    claimed = [c.triaged.amount_claimed for c in case.complaints if c.triaged]
    currencies = [money.currency for money in claimed if money]
    currencies += [currency for r in case.recoveries for currency in r.now.total_minor]
    return {
        "categories": [c for c in get_args(result["category"].annotation) if c != "undecided"],
        "reliefs": [r for r in get_args(result["relief"].annotation) if r != "none"],
        "bases": get_args(Basis),
        "kinds": get_args(GestureKind),
        "currency": (currencies or ["NOK"])[0],
        "payments": sorted(payments),
        "numbers": range(1, GESTURES_MAX + 1),
        "corrections": CORRECTIONS,
    }


def _complaint(complaint: ComplaintView) -> dict[str, object]:
    personal, evidence = complaint.personal, evidence_of(complaint)
    read = complaint.triaged
    return {
        "complaint": complaint,
        "personal": personal,
        "read": read,
        "runs": runs(personal.text, evidence) if personal else (),
        "evidence": evidence,
        "covered": read is not None and read.abuse != "none",
    }


def _story(case: CaseView) -> tuple[tuple[TimelineLine, MessageView | None], ...]:
    """Every event in order, and beside it the words that it carried."""
    words = {message.event_id: message for message in case.messages}
    return tuple((line, words.get(line.event_id)) for line in case.timeline)


def _since(case: CaseView, typed: Mapping[str, str]) -> Iterable[TimelineLine]:
    """What colleagues did that she had not seen: the last effective commands, as many as missed."""
    seen = typed.get("seen_version", "")
    missed = case.version - int(seen) if seen.isdigit() else 0
    done = [
        line
        for line in case.timeline
        if line.effect
        and line.type.startswith(("kulanse.case.", "kulanse.task."))
        and not line.type.startswith(("kulanse.case.opened", "kulanse.case.refused"))
        and not line.type.startswith("kulanse.task.created")
    ]
    return done[-missed:] if missed > 0 else ()
