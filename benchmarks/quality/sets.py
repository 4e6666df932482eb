"""The labelled sets: where they lie, and reading them. A line is `{id, text, lang, label, …}`.

`KULANSE_TRIAGE_DATA` names the folder; without it, `shared/data/triage-dev` beside or above this
project. Sets of `evaluation-only/` are for measuring: nothing is fitted on them.
"""

import gzip
import os
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import orjson

ROOT = Path(__file__).resolve().parent.parent.parent
# The same few rows each time: a figure that moves has moved because of the code.
SEED = 5


class Row(NamedTuple):
    """One labelled text; `more` are the set's further fields."""

    id: str
    text: str
    lang: str
    label: str
    more: Mapping[str, object]


def folder() -> Path | None:
    """Where the whole sets lie; None when they are not on this machine."""
    named = os.environ.get("KULANSE_TRIAGE_DATA")
    if named:
        return Path(named)
    places = [above / "shared" / "data" / "triage-dev" for above in ROOT.parents]
    return next((place for place in places if place.is_dir()), None)


def rows_of(name: str, where: Path, *, most: int | None = None) -> list[Row] | None:
    """The rows of a set, at most so many, drawn the same each time; None when it is not there."""
    found = [p for p in where.rglob(f"{name}.jsonl.gz") if p.is_file()]
    if not found:
        return None
    rows = list(_read(found[0]))
    if most is None or len(rows) <= most:
        return rows
    return random.Random(SEED).sample(rows, most)


def _read(path: Path) -> Iterator[Row]:
    with gzip.open(path) as lines:
        for line in lines:
            data = orjson.loads(line)
            row_id, text, lang, label = (str(data.pop(name)) for name in Row._fields[:4])
            yield Row(row_id, text, lang, label, data)
