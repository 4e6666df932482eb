"""A line of `explain --jsonl`: a submitted complaint, with an id to echo and a history."""

from datetime import datetime
from typing import Annotated

import orjson
from pydantic import Field, JsonValue

from shared.contracts.codec import read
from shared.contracts.contract import Contract, Instant
from shared.contracts.money import Currency, Minor
from shared.contracts.recoveries import Basis, GestureKind
from shared.contracts.strict_json import check
from shared.contracts.submitted import ComplaintSubmitted

HISTORY_MAX = 1000
BOM = b"\xef\xbb\xbf"


class GestureGiven(Contract):
    """A remedy that an earlier complaint was given; with no basis said it was goodwill."""

    kind: GestureKind
    basis: Basis = "ex_gratia"
    amount_minor: Minor | None = None
    currency: Currency | None = None
    at: Instant | None = None


class Earlier(ComplaintSubmitted):
    """An earlier complaint of the same complainant."""

    gestures: tuple[GestureGiven, ...] = ()


class Line(ComplaintSubmitted):
    """What `explain` reads: everything a channel may submit, and what came before."""

    id: JsonValue = None
    history: Annotated[tuple[Earlier, ...], Field(max_length=HISTORY_MAX)] = ()


def line_of(raw: bytes) -> Line:
    """Read one line; raises `Invalid` with every fault."""
    plain = raw.removeprefix(BOM)
    check(plain)
    return read(Line, plain, unknown="forbid")


def id_of(raw: bytes) -> JsonValue:
    """The id of a line that may be wrong in other ways; None when there is none to see."""
    try:
        found = orjson.loads(raw.removeprefix(BOM))
    except orjson.JSONDecodeError:
        return None
    return found.get("id") if isinstance(found, dict) else None


def submitted_of(line: ComplaintSubmitted) -> ComplaintSubmitted:
    """The submitted complaint alone, as it came."""
    return ComplaintSubmitted.model_construct(
        **{name: getattr(line, name) for name in ComplaintSubmitted.model_fields}
    )


def when(line: ComplaintSubmitted, now: datetime) -> datetime:
    """When the complaint came; `now` where it does not say."""
    return line.received_at or now
