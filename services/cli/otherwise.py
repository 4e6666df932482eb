"""What would have changed an explained complaint: it is read again without what told.

No guess: the same cores and the same policy, the complaint without those words wherever they
stand, without its order, or without what it declares. What changes nothing is not told.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from pydantic import JsonValue

from services.cli.answer import answer_of
from services.cli.explaining import explained
from services.cli.lines import Line
from services.cli.stages import Part

READ = (
    "kind",
    "severity",
    "category",
    "role",
    "remedy_sought",
    "written_form",
    "arousal",
    "abuse",
    "vulnerable",
    "safety",
    "legal",
    "privacy",
    "press",
    "needs_person",
)
DONE = ("outcome", "basis", "gestures", "approval")
Answer = Mapping[str, JsonValue]
# The words that told, by reason, in the order of the rules.
Told = Sequence[tuple[str, tuple[str, ...]]]
# A part of the result, before and after.
Moves = tuple[tuple[str, str, str], ...]


class Change(NamedTuple):
    """What was left out, in words, and each part of the result that changed by it.

    `words`: those of the complaint; else `part`, what was given beside them.
    """

    without: str
    changed: tuple[str, ...]
    moves: tuple[tuple[str, str, str], ...] = ()
    words: tuple[str, ...] = ()
    part: str = ""


def changes(line: Line, parts: Sequence[Part], *, told: Told, now: datetime) -> Iterator[Change]:
    """Each word that by itself changes the result; where none does, the words of a reason together.

    `told`: what fired, as the explanation has it.
    """
    before = _result(line, parts, now=now)
    alone: dict[str, Moves] = {}
    for _, words in told:
        for word in words:
            if word not in alone:
                alone[word] = _changed(before, without(line, (word,)), parts=parts, now=now)
                yield from _change(f"“{word}”", alone[word], words=(word,))
    tried: set[frozenset[str]] = set()
    for code, words in told:
        new = frozenset(words) not in tried
        tried.add(frozenset(words))
        if new and len(words) > 1 and not any(alone[word] for word in words):
            said = ", ".join(f"“{word}”" for word in words)
            changed = _changed(before, without(line, words), parts=parts, now=now)
            yield from _change(f"{said} ({code})", changed, words=words)
    for said, bare in _bare(line):
        yield from _change(said, _changed(before, bare, parts=parts, now=now))


def _bare(line: Line) -> Iterator[tuple[str, Line]]:
    """The complaint without each thing that was given beside its text."""
    who = line.complainant
    if line.order:
        yield "its order", line.model_copy(update={"order": None})
    if line.history:
        yield "its history", line.model_copy(update={"history": ()})
    for said, name in (("the declared role", "declared_role"), ("the language", "language")):
        if getattr(who, name):
            undeclared = who.model_copy(update={name: None})
            yield said, line.model_copy(update={"complainant": undeclared})


def without(line: Line, words: Sequence[str]) -> Line:
    """The complaint without these words, in subject and text, however they are spaced."""
    pattern = re.compile("|".join(whole(word) for word in words), re.IGNORECASE)
    subject = pattern.sub("", line.subject).strip() if line.subject else None
    return line.model_copy(
        update={"subject": subject or None, "text": pattern.sub("", line.text).strip()}
    )


def whole(words: str) -> str:
    """A pattern for words that stand by themselves, on one line or more."""
    return r"(?<!\w)" + r"\s+".join(map(re.escape, words.split())) + r"(?!\w)"


def _change(said: str, moves: Moves, *, words: tuple[str, ...] = ()) -> Iterator[Change]:
    if moves:
        changed = tuple(f"{name} {before} → {after}" for name, before, after in moves)
        yield Change(said, changed, moves, words, "" if words else said)


def _changed(
    before: Mapping[str, str], line: Line, *, parts: Sequence[Part], now: datetime
) -> Moves:
    if not line.text:  # the word was all there was
        return ()
    after = _result(line, parts, now=now)
    return tuple(
        (each, before[each], after[each]) for each in before if before[each] != after[each]
    )


def _result(line: Line, parts: Sequence[Part], *, now: datetime) -> dict[str, str]:
    complaint_id, events = explained(line, parts, now=now)
    answer = answer_of(line.id, complaint_id=complaint_id, events=events)
    return {**_of(answer["triage"], READ), **_of(answer["recovery"], DONE)}


def _of(part: JsonValue, names: Sequence[str]) -> dict[str, str]:
    said = part if isinstance(part, dict) else {}
    return {name: _said(said.get(name)) for name in names}


def _said(value: JsonValue) -> str:
    if isinstance(value, list):
        return ", ".join(_gesture(each) for each in value if isinstance(each, dict)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


def _gesture(gesture: Answer) -> str:
    minor, currency = gesture.get("amount_minor"), gesture.get("currency")
    worth = f" {minor / 100:.2f} {currency}" if isinstance(minor, int) and minor else ""
    return f"{gesture['kind']}{worth}"
