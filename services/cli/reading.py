"""What a person hands to a verb: a file, standard input or the text itself, as JSON documents."""

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import orjson

from services.cli.failures import BadInput
from services.cli.lines import BOM

STDIN = "-"
SUFFIXES = (".json", ".jsonl", ".eml", ".txt")
ANONYMOUS = "cli"  # the complainant of a text that does not say whose it is
# One document of a person: a mail with its attachments, at most (the mail door takes 10 MB).
BYTES_MAX = 10 << 20


def documents(given: str | None, *, jsonl: bool, sender: str = "") -> Iterator[bytes]:
    """Submitted complaints as JSON bytes, one by one. Raises `Invalid` for what cannot be read.

    `sender`: the address of whoever wrote a plain text; empty: nobody in particular.
    """
    if given is None and (sys.stdin is None or sys.stdin.isatty()):
        raise BadInput("nothing_given", "TEXT", "give a text, a file, or - for standard input")
    if given is None or given == STDIN:
        yield from _lines_of(sys.stdin.buffer) if jsonl else _sniffed(_stdin(), sender)
        return
    path = Path(given)
    if _is_there(path):
        if jsonl or path.suffix == ".jsonl":
            with _opened(path) as file:
                yield from _lines_of(file)
        else:
            yield from _of_file(path, sender)
    elif _means_a_file(given):
        raise BadInput("file_missing", "FILE", f"{_wrong(path)}; give a file, a text or -")
    else:
        raw = given.encode("utf-8", "surrogateescape")
        yield from [raw] if jsonl else _sniffed(raw, sender)


def _is_there(path: Path) -> bool:
    try:
        return path.exists() and not path.is_dir()
    except OSError:  # a long text is no file name
        return False


def _wrong(path: Path) -> str:
    try:
        return f"{path} is a folder" if path.is_dir() else f"{path} is not there"
    except OSError:
        return f"{path} is no name of a file"


def _means_a_file(given: str) -> bool:
    one_word = not any(c.isspace() for c in given)
    return one_word and (given.endswith(SUFFIXES) or os.sep in given)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        hint = f"{path} cannot be read: {(error.strerror or 'no reason given').lower()}"
        raise BadInput("file_unreadable", "FILE", hint) from None


def _of_file(path: Path, sender: str) -> Iterator[bytes]:
    with _opened(path) as file:
        raw = _all(file)
    if path.suffix == ".eml":
        yield mail(raw)
    elif path.suffix == ".json":
        yield raw
    else:
        yield from _sniffed(raw, sender)


def _stdin() -> bytes:
    return _all(sys.stdin.buffer)


def _all(file: BinaryIO) -> bytes:
    raw = file.read(BYTES_MAX + 1)
    if len(raw) > BYTES_MAX:
        raise BadInput("too_large", "FILE", f"{BYTES_MAX} bytes is the most; else give JSONL")
    return raw


def _lines_of(file: Iterable[bytes]) -> Iterator[bytes]:
    for line in file:
        if line.strip():
            yield line


def _sniffed(raw: bytes, sender: str) -> Iterator[bytes]:
    """JSON, JSONL or plain text: what begins with a brace or a bracket is meant as JSON."""
    begins = raw.removeprefix(BOM).lstrip()[:1]
    if begins not in (b"{", b"["):
        yield plain(raw, sender)
        return
    try:
        found = orjson.loads(raw.removeprefix(BOM))
    except orjson.JSONDecodeError:
        yield from _lines_of(raw.splitlines()) if begins == b"{" else [raw]
        return
    if isinstance(found, list):
        yield from (orjson.dumps(each) for each in found)
    else:
        yield raw


def plain(raw: bytes, sender: str) -> bytes:
    """A text as a complaint; the same text of the same sender is the same complaint."""
    try:
        text = raw.removeprefix(BOM).decode()
    except UnicodeDecodeError:
        hint = "this is no text in UTF-8; give JSON, .eml or plain text"
        raise BadInput("not_utf8", "text", hint) from None
    if not text:
        hint = "there is nothing in it; write what is wrong"
        raise BadInput("string_too_short", "text", hint)
    complaint = {
        "channel": "web",
        "channel_message_id": f"cli-{hashlib.sha256(sender.encode() + raw).hexdigest()[:16]}",
        "complainant": {"email": sender} if sender else {"id": ANONYMOUS},
        "text": text,
    }
    return orjson.dumps(complaint)


def mail(raw: bytes) -> bytes:
    """A mail as intake's mail door reads it."""
    from services.intake.channels.email import submitted_from_mail

    return submitted_from_mail(raw).model_dump_json(exclude_none=True).encode()


def whole_mail(given: str | None) -> bytes | None:
    """The mail as it is, with its files, where one is meant; None: something else is."""
    path = Path(given or "")
    if path.suffix != ".eml" or not _is_there(path):
        return None
    with _opened(path) as file:
        return _all(file)


def text_of(given: str) -> str:
    """The whole of a file, or of standard input (-), as text; raises `Invalid`."""
    if given == STDIN:
        raw = _stdin()
    elif _is_there(Path(given)):
        with _opened(Path(given)) as file:
            raw = _all(file)
    else:
        raise BadInput("file_missing", "FILE", f"{_wrong(Path(given))}; give a file or -")
    try:
        return raw.removeprefix(BOM).decode()
    except UnicodeDecodeError:
        raise BadInput("not_utf8", "FILE", "send UTF-8") from None
