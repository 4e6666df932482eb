"""`kulanse explain`: what would become of a complaint, and why. Offline, nothing is sent or paid."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from services.cli.failures import FAILED, OK, bad_input

Given = Annotated[
    str | None, typer.Argument(metavar="TEXT|FILE|-", help="a text, .json, .jsonl, .eml, or -")
]
Jsonl = Annotated[bool, typer.Option("--jsonl", help="one complaint a line in, one answer a line out")]
Json = Annotated[bool, typer.Option("--json", help="answers as JSON, one a line")]
At = Annotated[
    str | None, typer.Option("--at", help="when it is now, RFC 3339; for what says no received_at")
]


def explain(
    given: Given = None, *, jsonl: Jsonl = False, as_json: Json = False, at: At = None
) -> int:
    """Tell what would become of a complaint: how it is read, what is given, which mails go out."""
    from services.cli.explaining import explain_raw
    from services.cli.output import print_json
    from services.cli.reading import documents
    from services.cli.stages import parts

    now, failed = _instant(at), False
    chain = parts()
    for raw in documents(given, jsonl=jsonl):
        if not (jsonl or as_json):
            _show(raw, now)
            continue
        answer, good = explain_raw(raw, chain, now)
        failed = failed or not good
        print_json(answer)
    return FAILED if failed else OK


def _show(raw: bytes, now: datetime) -> None:
    from services.cli.explaining import explained
    from services.cli.lines import line_of
    from services.cli.showing import show
    from services.cli.stages import parts

    line = line_of(raw)
    show(line, *explained(line, parts(), now))


def _instant(at: str | None) -> datetime:
    if at is None:
        return datetime.now(UTC)
    try:
        when = datetime.fromisoformat(at)
    except ValueError:
        raise bad_input("not_a_time", "--at", "RFC 3339, as 2026-11-22T08:00:00Z") from None
    return when if when.tzinfo else when.replace(tzinfo=UTC)
