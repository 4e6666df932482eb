"""The lines of a partner's file: NDJSON as channels send it, or CSV whose columns are its fields.

A column is a field by its dotted name (`complainant.email`, `order.id`, `order.amount_minor`); an
empty cell is no field. Numbers of a CSV are read as numbers where the contract wants one.
"""

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson
from pydantic import JsonValue

from services.cli.failures import BadInput
from services.cli.lines import BOM
from services.cli.policies import intake_policy
from services.intake.checks import check as check_message
from shared.contracts.codec import read
from shared.contracts.strict_json import check
from shared.contracts.submitted import ComplaintSubmitted
from shared.errors import Fault, Invalid

# A cell longer than any field of ours is a broken quote.
CELL_CHARS_MAX = 1 << 20
NUMBERS = ("amount_minor", "paid_minor", "refunded_minor", "employees")


@dataclass(frozen=True, slots=True)
class Line:
    """One complaint of the file, as JSON bytes; `wrong` where it could not even be read so far."""

    number: int
    raw: bytes
    wrong: Fault | None = None

    @property
    def whose(self) -> str:
        """What names its writer; only to count people."""
        who = orjson.loads(self.raw).get("complainant") or {}
        return str(who.get("id") or who.get("email") or who.get("phone") or self.number)

    def said(self, *, past: bool) -> bytes:
        """What is sent: whatever the file says of itself, `past` is ours to say."""
        return orjson.dumps({**orjson.loads(self.raw), "past": past})


def lines_of(file: Path) -> Iterator[Line]:
    """Every line that is not empty; raises `BadInput` for a file that cannot be read."""
    if file.suffix not in (".csv", ".ndjson", ".jsonl"):
        raise BadInput("file_kind", "FILE", "give a .csv, or .ndjson with one complaint a line")
    try:
        yield from _csv(file) if file.suffix == ".csv" else _ndjson(file)
    except OSError as error:
        why = (error.strerror or "no reason given").lower()
        raise BadInput("file_unreadable", "FILE", f"{file} cannot be read: {why}") from None


def checked(line: Line) -> tuple[Fault, ...]:
    """Why the door would not take it; empty: it would."""
    if line.wrong is not None:
        return (line.wrong,)
    try:
        check(line.raw)
        message = read(ComplaintSubmitted, line.raw, unknown="forbid")
        check_message(message, at=datetime.now(UTC), rules=intake_policy()[0].intake)
    except Invalid as invalid:
        return invalid.faults
    return ()


def _ndjson(file: Path) -> Iterator[Line]:
    with file.open("rb") as raw:
        for number, line in enumerate(raw, start=1):
            words = line.removeprefix(BOM).strip() if number == 1 else line.strip()
            if words:
                yield Line(number, words)


def _csv(file: Path) -> Iterator[Line]:
    csv.field_size_limit(min(CELL_CHARS_MAX, sys.maxsize))
    # utf-8-sig: spreadsheets write a byte order mark. Odd bytes become a fault of that line.
    with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        first = text.readline()
        text.seek(0)
        delimiter = ";" if first.count(";") > first.count(",") else ","
        rows = csv.DictReader(text, delimiter=delimiter, restkey="", strict=True)
        try:
            for row in rows:
                yield _of_row(rows.line_num, row)
        except csv.Error as error:
            fault = Fault("csv_broken", "", f"{error}: mend the file from here on")
            yield Line(rows.line_num, b"{}", fault)


def _of_row(number: int, row: dict[str, str | list[str]]) -> Line:
    if "" in row:
        return Line(
            number, b"{}", Fault("too_many_cells", "", "more cells than columns: quote them")
        )
    found: dict[str, JsonValue] = {}
    for name, cell in row.items():
        if isinstance(cell, str) and cell.strip():
            _put(found, name.strip(), cell=cell)
    try:
        return Line(number, orjson.dumps(found))
    except orjson.JSONEncodeError:
        return Line(number, b"{}", Fault("not_utf8", "", "save the file as UTF-8"))


def _put(found: dict[str, JsonValue], name: str, *, cell: str) -> None:
    first, _, rest = name.partition(".")
    if rest:
        inner = found.setdefault(first, {})
        if isinstance(inner, dict):
            _put(inner, rest, cell=cell)
        return
    digits = cell.strip()
    found[name] = int(digits) if name in NUMBERS and digits.isdecimal() else cell
