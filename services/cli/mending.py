"""Mend a dead letter: change fields of what its sender wrote, and see whether it would be taken."""

from collections.abc import Sequence
from dataclasses import replace

import orjson
from pydantic import JsonValue

from services.cli.backfill_lines import Line, checked
from services.cli.failures import BadInput
from services.intake.proof import PROOF
from shared.contracts.envelope import Outgoing
from shared.contracts.topics import SUBMITTED, topic_named
from shared.errors import Fault, Invalid, Refused

Changed = tuple[str, JsonValue, JsonValue]  # field, before, after


def mended(
    letter: Outgoing, sets: Sequence[str], *, unsets: Sequence[str]
) -> tuple[Outgoing, list[Changed]]:
    """The record with these fields changed ("complainant.email=…"; JSON, else text) or left out.

    Raises `BadInput`, `Refused` for what no sender of others wrote, and `Invalid` with every fault
    while it would still not be taken.
    """
    if topic_named(letter.topic) is not SUBMITTED:
        message = f"{letter.topic} is written by our own services."
        raise Refused("not_a_submission", message, "Mend the service, then `kulanse dlq replay`.")
    whole = _object(letter.value)
    inner = whole.get("data")
    data = inner if isinstance(inner, dict) else whole
    changes = [_set(data, each) for each in sets] + [_unset(data, each) for each in unsets]
    faults = checked(Line(0, orjson.dumps(data)))
    if faults:
        raise Invalid(*faults)
    # Our door's proof is of the words as they came: what a person changed is nobody's word.
    headers = tuple(each for each in letter.headers if each[0] != PROOF)
    return replace(letter, value=orjson.dumps(whole), headers=headers), changes


def _object(value: bytes) -> dict[str, JsonValue]:
    try:
        found = orjson.loads(value)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        hint = "it is no JSON object; write it anew and `kulanse send --kafka` it"
        raise Invalid(Fault("not_an_object", "", hint))
    return found


def _set(data: dict[str, JsonValue], said: str) -> Changed:
    name, equals, words = said.partition("=")
    if not equals or not name.strip():
        raise BadInput("bad_set", "--set", "FIELD=VALUE, as channel=web or complainant.name=Siv")
    inner, last = _place(data, name)
    before = inner.get(last)
    inner[last] = _value(words)
    return name, before, inner[last]


def _unset(data: dict[str, JsonValue], name: str) -> Changed:
    inner, last = _place(data, name)
    return name, inner.pop(last, None), None


def _place(data: dict[str, JsonValue], name: str) -> tuple[dict[str, JsonValue], str]:
    *folders, last = name.strip().split(".")
    inner = data
    for folder in folders:
        found = inner.setdefault(folder, {})
        if not isinstance(found, dict):
            raise BadInput("bad_field", "--set", f"{folder} is no object; set the whole of it")
        inner = found
    return inner, last


def _value(words: str) -> JsonValue:
    """JSON where it is JSON (a number, true, an object, a quoted text); else the text itself."""
    try:
        found: JsonValue = orjson.loads(words)
    except orjson.JSONDecodeError:
        return words
    return found
