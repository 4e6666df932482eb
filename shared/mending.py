"""Mend a dead letter: change fields of what its sender wrote, and see whether it would be taken.

Pure, for the command line and the console alike. Only what others sent is mended: an event of our
own says what a service decided, and nobody writes that anew.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import orjson
from pydantic import JsonValue

from shared.contracts.codec import read
from shared.contracts.envelope import Outgoing
from shared.contracts.strict_json import check
from shared.contracts.submitted import DOOR_PROOF, ComplaintSubmitted
from shared.contracts.topics import BY_NAME, SUBMITTED, topic_named
from shared.errors import Fault, Invalid, Refused

Changed = tuple[str, JsonValue, JsonValue]  # field, before, after
# Why a message of these bytes would not be taken; nothing: it would.
Check = Callable[[bytes], Sequence[Fault]]


def by_contract(raw: bytes) -> tuple[Fault, ...]:
    """What the contract has against a message; what intake's own rules say, intake says."""
    try:
        check(raw)
        read(ComplaintSubmitted, raw, unknown="forbid")
    except Invalid as invalid:
        return invalid.faults
    return ()


def is_submission(topic: str) -> bool:
    """Whether others write there: only their words are mended."""
    known = topic in BY_NAME or topic.startswith(SUBMITTED.name + ".")
    return known and topic_named(topic) is SUBMITTED


def mended(
    letter: Outgoing,
    sets: Iterable[tuple[str, str]],
    *,
    unsets: Iterable[str],
    check: Check = by_contract,
) -> tuple[Outgoing, list[Changed]]:
    """The record with these fields changed ("complainant.email", "…"; JSON, else text) or left out.

    Raises `Refused` for what no sender of others wrote, and `Invalid` with every fault while it
    would still not be taken.
    """
    if not is_submission(letter.topic):
        message = f"{letter.topic} is written by our own services."
        raise Refused("not_a_submission", message, "Mend the service, then `kulanse dlq replay`.")
    whole = _object(letter.value)
    inner = whole.get("data")
    data = inner if isinstance(inner, dict) else whole
    changes = [_set(data, name, words=words) for name, words in sets]
    changes += [_unset(data, each) for each in unsets]
    faults = check(orjson.dumps(data))
    if faults:
        raise Invalid(*faults)
    # Our door's proof is of the words as they came: what a person changed is nobody's word.
    headers = tuple(each for each in letter.headers if each[0] != DOOR_PROOF)
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


def _set(data: dict[str, JsonValue], name: str, *, words: str) -> Changed:
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
            raise Invalid(Fault("bad_field", name, f"{folder} is no object; set the whole of it"))
        inner = found
    return inner, last


def _value(words: str) -> JsonValue:
    """JSON where it is JSON (a number, true, an object, a quoted text); else the text itself."""
    try:
        found: JsonValue = orjson.loads(words)
    except orjson.JSONDecodeError:
        return words
    return found
