"""What a form on the case page says, as the command it becomes; and what she may do just now.

The rule is asked, never written again: a form is shown where the one rule lets a command of its
kind through, and its refusal tells why where it does not.
"""

from collections.abc import Iterator, Mapping
from typing import TypeVar

import orjson
from pydantic import JsonValue

from services.desk import commands
from services.desk.acting import READERS
from services.desk.answers import Problem, invalid
from services.desk.commands import (
    Said,
    SaidCorrection,
    SaidDecision,
    SaidOther,
    SaidOwner,
    SaidText,
    Speaker,
)
from services.desk.reading import Found
from services.desk.web.texts import minor
from shared.contracts.caserule import refusal_of
from shared.contracts.codec import read
from shared.contracts.contract import Contract
from shared.contracts.recoveries import Result
from shared.errors import Fault, Invalid
from shared.people import People

GESTURES_MAX = 3
VERSION_CHARS_MAX = 9
C = TypeVar("C", bound=Contract)


def contract(body: type[C], said: Mapping[str, JsonValue]) -> C:
    """What was said, as the door's own contract; raises `Problem` naming each field."""
    try:
        return read(body, orjson.dumps(said), unknown="forbid")
    except Invalid as found:
        raise invalid(found.faults) from None


def said(verb: str, fields: Mapping[str, str]) -> Said:
    """The form of a verb of `commands.VERBS`; raises `Problem`."""
    if verb not in commands.VERBS:
        raise Problem(404, "no_such_page", hint="There is no such page.")
    body = commands.VERBS[verb][0]
    told: dict[str, JsonValue] = {"reason": fields.get("reason", "")}
    seen = fields.get("seen_version", "")
    if seen.isascii() and seen.isdigit() and len(seen) <= VERSION_CHARS_MAX:
        told["seen_version"] = int(seen)
    if fields.get("complaint_id"):
        told["complaint_id"] = fields["complaint_id"]
    if body is SaidCorrection:
        told["field"], _, told["value"] = fields.get("correction", "").partition(":")
    for name in ("text", "owner", "other"):
        if name in body.model_fields:
            told[name] = fields.get(name, "").strip() if name == "other" else fields.get(name, "")
    if body is SaidDecision:
        told |= _decision(fields)
    return contract(body, told)


def _decision(fields: Mapping[str, str]) -> dict[str, JsonValue]:
    return {
        "result": {name: fields.get(name, "") for name in ("category", "relief")},
        "basis": fields.get("basis") or None,
        "gestures": [*_gestures(fields)],
    }


def _gestures(fields: Mapping[str, str]) -> Iterator[JsonValue]:
    for number in range(1, GESTURES_MAX + 1):
        kind = fields.get(f"gesture{number}", "")
        if not kind:
            continue
        wanted: dict[str, JsonValue] = {"kind": kind}
        words, currency = fields.get(f"amount{number}", "").strip(), fields.get("currency", "")
        if words:
            amount = minor(words, currency)
            if not amount:
                hint = "A sum, as 249 or 249.50."
                raise invalid([Fault("bad_amount", f"amount{number}", hint)])
            wanted |= {"amount_minor": amount, "currency": currency}
        if payment := fields.get(f"payment{number}", "").strip():
            wanted["payment_reference"] = payment
        yield wanted


def possible(found: Found, speaker: Speaker, *, people: People) -> dict[str, str]:
    """Each verb, and why it would be refused just now ("": it would not)."""
    if speaker.role in READERS:
        return dict.fromkeys(commands.VERBS, "reads_only")
    answers = {}
    for verb, probe in _probes(speaker.person).items():
        command = commands.case_command(verb, probe, case=found.case, by=speaker)
        refusal = refusal_of(found.state, command, known=people.names)
        answers[verb] = refusal.why if refusal else ""
    return answers


def _probes(person: str) -> dict[str, Said]:
    """The least that each verb needs to be said at all."""
    upheld = Result(category="upheld", relief="explanation")
    return {
        "take": Said(),
        "hand-over": SaidOwner(owner=person),
        "ask": SaidText(text="?"),
        "reply": SaidText(text="?"),
        "decide": SaidDecision(text="?", result=upheld),
        "close": Said(),
        "reopen": Said(),
        "withdraw": Said(),
        "override": SaidCorrection(field="severity", value="low"),
        "link": SaidOther(other="?"),
        "unlink": SaidOther(other="?"),
    }
