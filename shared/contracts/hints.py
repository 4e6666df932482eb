"""What to do about a fault, in words for the one who sent it; pydantic's own where they do."""

from typing import get_args

from pydantic import StringConstraints
from pydantic_core import ErrorDetails

from shared.contracts.contract import FilledLine, FilledText, Line, Text
from shared.contracts.money import Currency
from shared.contracts.submitted import Address, Phone

BY_CODE = {
    "missing": "this field is required",
    "extra_forbidden": "there is no such field: see the schema of this event type",
    "int_type": "a whole number; money in its smallest unit (129000 for 1290 kr)",
    "timezone_aware": "a time needs its zone, as 2026-11-18T08:00:00+01:00",
    "datetime_parsing": "a time in RFC 3339, as 2026-11-18T08:00:00+01:00",
    "model_type": "a JSON object",
}
_FILLED = "needs at least one visible character, and no NUL"
_PLAIN = "leave out the NUL character"
_HINTS: tuple[tuple[object, str], ...] = (
    (Line, _PLAIN),
    (Text, _PLAIN),
    (FilledLine, _FILLED),
    (FilledText, _FILLED),
    (Currency, "three capital letters (ISO 4217), as NOK"),
    (Address, "one e-mail address and nothing else, as ingrid@example.com"),
    (Phone, "digits with spaces, and + before a country, as +47 40 00 00 01"),
)


def hint_of(error: ErrorDetails) -> str:
    """The hint of one of pydantic's findings, without the value that it found."""
    pattern = error.get("ctx", {}).get("pattern")
    if pattern in BY_PATTERN:
        return BY_PATTERN[pattern]
    return BY_CODE.get(error["type"], error["msg"].removeprefix("Value error, "))


def _pattern(kind: object) -> str:
    (constraints,) = (c for c in get_args(kind) if isinstance(c, StringConstraints))
    return str(constraints.pattern)


BY_PATTERN = {_pattern(kind): hint for kind, hint in _HINTS}
