"""The committed floors: what a figure was when last looked at. A drop of more than a point fails.

`floors.json` holds two tables: `whole` for the sets as they are, and `sample` for the few rows
that `make test` reads. `python -m benchmarks.quality --set-floors` writes the table anew.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import orjson

from benchmarks.quality.judging import Answer

FILE = Path(__file__).resolve().parent / "floors.json"
POINT = 0.01
# Rows a set in the quick run.
SAMPLE_ROWS = 150


def table_of(most: int | None) -> str | None:
    """Which table a run is held against; None when it read another number of rows."""
    return {None: "whole", SAMPLE_ROWS: "sample"}.get(most)


def kept() -> Mapping[str, Mapping[str, float]]:
    """The tables."""
    tables: dict[str, dict[str, float]] = orjson.loads(FILE.read_bytes())
    return tables


def dropped(found: Iterable[Answer], floors: Mapping[str, float]) -> list[str]:
    """The figures that are worse than their floor by more than a point, in words."""
    return [
        f"{answer.name}: {answer.figure:.3f}, {_limit(answer)} {floors[answer.name]:.3f}"
        for answer in found
        if answer.name in floors and _worse(answer, floors[answer.name])
    ]


def _worse(answer: Answer, floor: float) -> bool:
    drop = floor - answer.figure
    return (drop if _limit(answer) == "floor" else -drop) > POINT


def _limit(answer: Answer) -> str:
    """What the kept figure is to this one: a share of false alarms has a ceiling, no floor."""
    return "ceiling" if answer.question.measure == "share_below" else "floor"


def write(found: Iterable[Answer], table: str) -> None:
    """Make these figures the floors."""
    tables = dict(kept())
    tables[table] = {answer.name: round(answer.figure, 3) for answer in found}
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    FILE.write_bytes(orjson.dumps(tables, option=options))
