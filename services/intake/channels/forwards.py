"""What somebody passes on: the forwarded words are kept, and whose they are is noted. Pure.

Whoever forwards is the complainant: her address alone can be answered. The first writer stands in
the forward, where anybody may write any name, so that nothing is sent to her and nothing told of
her: she is noted (`on_behalf_of`), and a person decides whose matter it is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.utils import getaddresses
from functools import cache

from services.intake.channels.quotes import quote_begins_at
from services.intake.policy import Forwards, IntakeRules

LINES_JOINED = 2
_QUOTED = re.compile(r"^(?:\s*>)+ ?")
_RULE = re.compile(r"[-_\s]*")


@dataclass(frozen=True, slots=True)
class Around:
    """What of the mail around its words tells a forward from a reply."""

    subject: str
    answers: bool


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The words with what was forwarded below them, and who is said to have written that."""

    words: str
    writer: str | None


def forwarded(text: str, around: Around, *, rules: IntakeRules) -> Forwarded | None:
    """What a mail passes on; None: it passes nothing on, and a quote in it is a thread's."""
    lines, how = text.splitlines(), rules.forwards
    begins = quote_begins_at(lines, rules)
    if begins is None:
        begins = next((i for i, line in enumerate(lines) if _QUOTED.match(line)), None)
    if begins is None or not _passes_on(lines, begins, around=around, how=how):
        return None
    own = "\n".join(lines[:begins]).strip()
    head, words = _parted([_QUOTED.sub("", line) for line in lines[begins:]], how)
    heading = _value(head, how.subject_names)
    if heading and heading.casefold() not in around.subject.casefold():
        words = f"{heading}\n{words}"
    # A head that names nobody stays: a person may read more out of it.
    writer = _value(head, how.from_names)
    whole = words if writer else "\n".join((*head, "", words))
    return Forwarded("\n\n".join(part for part in (own, whole.strip()) if part), writer)


def another(writer: str, sender: tuple[str, str], *, rules: IntakeRules) -> bool:
    """Whether who is named as the first writer is somebody else: neither the sender nor we."""
    ((name, address),) = getaddresses([writer])[:1] or [("", "")]
    own_name, own_address = (each.casefold() for each in sender)
    if "@" in address:
        ours = {each.casefold() for each in rules.doors.mail.recipients}
        local = address.casefold().partition("@")[0]
        known = {own_address, *ours}
        return address.casefold() not in known and local not in rules.robots.no_reply
    words = set((name or writer).casefold().split())
    return bool(words) and not words <= set(own_name.split())


def _passes_on(lines: Sequence[str], begins: int, *, around: Around, how: Forwards) -> bool:
    joined = " ".join(line.strip() for line in lines[begins : begins + LINES_JOINED]).casefold()
    subject = around.subject.casefold()
    if _pattern(how.markers).match(joined) or subject.startswith(how.subjects):
        return True
    if around.answers or subject.startswith(how.replies):
        return False
    own = " ".join(lines[:begins]).casefold()
    return _pattern(how.blocks).match(joined) is not None or any(
        opening in own for opening in how.openings
    )


def _parted(lines: Sequence[str], how: Forwards) -> tuple[list[str], str]:
    """The head of the forwarded mail, and its words."""
    rest = list(lines)
    while rest and (_RULE.fullmatch(rest[0]) or _pattern(how.markers).match(rest[0].casefold())):
        del rest[0]
    if rest and _pattern(how.rules).match(rest[0].strip().casefold()):
        del rest[0]
    names = (*how.from_names, *how.subject_names, *how.other_names)
    head: list[str] = []
    while named := [line for line in rest[:LINES_JOINED] if _named(line, names) is not None]:
        # HTML puts a blank line between two lines of the head.
        if _named(rest[0], names) is None and rest[0].strip():
            break
        head.append(named[0])
        del rest[: rest.index(named[0]) + 1]
    return head, "\n".join(rest).strip()


def _value(head: Sequence[str], names: Sequence[str]) -> str | None:
    found: Iterator[str | None] = (_named(line, names) for line in head)
    return next((value for value in found if value), None)


def _named(line: str, names: Sequence[str]) -> str | None:
    """What stands behind one of these names and its colon; None: the line begins otherwise."""
    name, colon, value = line.replace("*", "").partition(":")
    return value.strip() if colon and name.strip().casefold() in names else None


@cache
def _pattern(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
