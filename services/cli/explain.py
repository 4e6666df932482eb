"""`kulanse explain`: what would become of a complaint, and why. Nothing is sent or paid."""

import gc
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer

from services.cli.failures import FAILED, OK, BadInput

Given = Annotated[
    str | None, typer.Argument(metavar="TEXT|FILE|-", help="a text, .json, .jsonl, .eml, or -")
]
Jsonl = Annotated[bool, typer.Option("--jsonl", help="one complaint a line, one answer a line")]
Json = Annotated[bool, typer.Option("--json", help="answers as JSON, one a line")]
At = Annotated[
    str | None, typer.Option("--at", help="when it is now, RFC 3339; for what says no received_at")
]


def explain(
    given: Given = None, *, jsonl: Jsonl = False, as_json: Json = False, at: At = None
) -> int:
    """Tell what would become of a complaint, offline.

    How it is read, what is given, which mails go out. Nothing is sent or paid.
    """
    with _nothing_collected():
        from services.cli.reading import documents
        from services.cli.stages import parts

        now = _instant(at)
        found = documents(given, jsonl=jsonl)
        parts()
    if jsonl or as_json:
        return _print(found, now, lying=_lies_in_a_file(given))
    for raw in found:
        _show(raw, now)
    return OK


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """No look for garbage while rules and lists are made: it was a fifth of the start."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _print(found: Iterable[bytes], now: datetime, *, lying: bool) -> int:
    from services.cli.many import answers
    from services.cli.output import print_json

    failed = False
    for answer, good in answers(found, now, lying=lying):
        failed = failed or not good
        print_json(answer)
    return FAILED if failed else OK


def _lies_in_a_file(given: str | None) -> bool:
    from services.cli.reading import STDIN

    if given is not None and given != STDIN:
        return True
    return sys.stdin is not None and stat.S_ISREG(os.fstat(sys.stdin.fileno()).st_mode)


def _show(raw: bytes, now: datetime) -> None:
    from services.cli.answer import answer_of
    from services.cli.explaining import explained, severity_rules
    from services.cli.lines import line_of
    from services.cli.otherwise import changes
    from services.cli.showing import show, told
    from services.cli.stages import parts

    line = line_of(raw)
    complaint_id, events = explained(line, parts(), now=now)
    answer = answer_of(line.id, complaint_id=complaint_id, events=events)
    show(
        line,
        complaint_id=complaint_id,
        events=events,
        rules=severity_rules(events),
        otherwise=changes(line, parts(), told=told(answer), now=now),
    )


def _instant(at: str | None) -> datetime:
    if at is None:
        return datetime.now(UTC)
    try:
        when = datetime.fromisoformat(at)
    except ValueError:
        raise BadInput("not_a_time", "--at", "RFC 3339, as 2026-11-22T08:00:00Z") from None
    return when if when.tzinfo else when.replace(tzinfo=UTC)
