"""The pages of a long list, by their addresses.

A list of cases goes on behind the last row that was shown, wherever that case stands by now: what
is closed meanwhile moves nothing up, and no row is passed over. The other lists count rows.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

from services.desk.model import QueueRow
from services.desk.queues import Place, place
from services.desk.stored import sortable

OFFSET_MAX = 10_000_000
_APART = "~"
# A rank, a time with its zone, and the id of a case.
_PLACE = re.compile(r"([0-9]{1,2})~([0-9T:.-]+\+00:00)~([ -\x7e]+)")


def number(words: str, *, most: int) -> int:
    """A count in an address; 0 for what is none."""
    plain = words.isascii() and words.isdigit() and len(words) <= len(str(most))
    return min(int(words), most) if plain else 0


def neighbours(path: str, asked: Mapping[str, str], *, offset: int, limit: int) -> dict[str, str]:
    """The addresses of the page before and the page after; empty: there is none before."""
    before = address(path, asked, offset=str(max(0, offset - limit))) if offset else ""
    return {"before": before, "next": address(path, asked, offset=str(offset + limit))}


def place_in(words: str) -> Place | None:
    """Where in a queue an address points to; None for what is no place."""
    found = _PLACE.fullmatch(words)
    if found is None:
        return None
    rank, due_at, case_id = found.groups()
    try:
        return int(rank), datetime.fromisoformat(due_at), case_id
    except ValueError:
        return None


def leaf(
    path: str,
    asked: Mapping[str, str],
    *,
    turned: Collection[str],
    found: Sequence[QueueRow],
    limit: int,
) -> tuple[Sequence[QueueRow], dict[str, str]]:
    """The rows of a page, of one row more than it holds, and the addresses beside it.

    `turned`: whether it is the one "after" a place or "before" one. What was asked for backwards
    has its spare row in front.
    """
    backwards, more = "before" in turned, len(found) > limit
    rows = found[-limit:] if backwards else found[:limit]
    pages = {"before": "", "next": ""}
    if rows and (more if backwards else "after" in turned):
        pages["before"] = address(path, asked, before=written(place(rows[0])))
    if rows and (backwards or more):
        pages["next"] = address(path, asked, after=written(place(rows[-1])))
    return rows, pages


def written(found: Place) -> str:
    """A place in a queue, for an address; see `place_in`."""
    rank, due_at, case_id = found
    return _APART.join((str(rank), sortable(due_at), case_id))


def address(path: str, asked: Mapping[str, str], **more: str) -> str:
    """A page, with what was asked for; what is empty is left out."""
    kept = {name: value for name, value in asked.items() if value}
    return f"{path}?{urlencode({**kept, **more})}"
