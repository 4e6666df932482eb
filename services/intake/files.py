"""Which files of a message are kept: by what their bytes are, their size and their number. Pure.

A file that is not kept is named with the reason, and never holds its message up.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.intake.policy import FileKind, KeptFiles
from shared.contracts.submitted import ATTACHMENTS_MAX, Attachment, Refusal

LOOKED_AT_BYTES = 65_536
_NOT_TEXT = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b")


@dataclass(frozen=True, slots=True)
class File:
    """A file as it came: what its sender calls it, and its bytes. None: they cannot be read."""

    name: str
    media_type: str
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A file, and what is said of it; `kept`: the bytes to keep, None where it is refused."""

    attachment: Attachment
    kept: bytes | None = None


def judged(found: Sequence[File], rules: KeptFiles) -> tuple[Judged, ...]:
    """Each file with whether it is kept; what is past the contract's number is left out."""
    return tuple(_judged(found[:ATTACHMENTS_MAX], rules))


def _judged(found: Sequence[File], rules: KeptFiles) -> Iterator[Judged]:
    kept = 0
    for file in found:
        kind = None if file.content is None else kind_of(file.content, rules)
        refused = _refusal(file, kind, rules=rules) or (
            "too_many" if kept >= rules.number_max else None
        )
        said = Attachment(
            name=file.name,
            media_type=file.media_type if refused else kind,
            size_bytes=None if file.content is None else len(file.content),
            refused=refused,
        )
        kept += not refused
        yield Judged(said, None if refused else file.content)


def kind_of(content: bytes, rules: KeptFiles) -> str | None:
    """What the bytes are, of the kinds that are kept; None: something else, or nothing."""
    known = (name for name, kind in rules.kinds.items() if _fits(content, kind))
    return next(known, None) if content else None


def _fits(content: bytes, kind: FileKind) -> bool:
    if kind.text:
        return _NOT_TEXT.isdisjoint(content[:LOOKED_AT_BYTES])
    return any(content.startswith(bytes.fromhex(each), kind.at) for each in kind.begins)


def _refusal(file: File, kind: str | None, *, rules: KeptFiles) -> Refusal | None:
    if file.content is None:
        return "unreadable"
    if len(file.content) > rules.bytes_max:
        return "too_large"
    by_name = _kinds_named(file.name, rules)
    if kind is None or by_name == ():
        return "kind_not_allowed"
    # A photo that is called .jpg and is a PNG is a photo; a picture that is text is no picture.
    family = {name.partition("/")[0] for name in by_name or (kind,)}
    return None if kind.partition("/")[0] in family else "kind_mismatch"


def _kinds_named(name: str, rules: KeptFiles) -> tuple[str, ...] | None:
    """The kinds that a file's name speaks of; none: of something else. None: it has no ending."""
    _, dot, ending = name.lower().rpartition(".")
    if not dot:
        return None
    return tuple(each for each, kind in rules.kinds.items() if f".{ending}" in kind.endings)


def visible(name: str) -> str:
    """A file's name without what turns or hides letters: `exe.gpj` must not read as `jpg.exe`."""
    return "".join(each for each in name if unicodedata.category(each) not in {"Cf", "Cc"})
