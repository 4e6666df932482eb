"""Does an answer of `explain` hold what a golden case expects? Findings in words, none if it does.

The rules are those of golden/README.md; only what is expected is compared.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

Answer = Mapping[str, object]
WORDS_OF_A_NOTICE = ("facts", "mentions", "never", "max_words")
FACTS_MIN = 2
SUM_KINDS = ("refund", "price_reduction")
_SPACES = re.compile(r"[\s\u00a0\u2000-\u200a\u202f\u205f\u3000]+")


@dataclass(frozen=True)
class Notice:
    """A notice as it is compared: its fields, and its words in one spacing and case."""

    fields: Answer

    @property
    def name(self) -> str:
        """How a finding calls it."""
        return f"{self.fields['kind']} to {self.fields['audience']}"

    @property
    def words(self) -> str:
        """Subject and body."""
        return plain(f"{self.fields['subject']} {self.fields['body']}")


def findings(expect: Answer, answer: Answer) -> list[str]:
    """What is not as expected, one line each."""
    return [
        *_fields("triage", expected=part(expect, "triage"), found=part(answer, "triage")),
        *_recovery(part(expect, "recovery"), part(answer, "recovery")),
        *_notices(expect, notices_of(answer)),
    ]


def notices_of(answer: Answer) -> list[Notice]:
    """The notices of an answer."""
    return [Notice(each) for each in rows(answer.get("notices"))]


def plain(text: str) -> str:
    """Without regard to case; every kind of space is one plain space."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).casefold()


def _fields(name: str, *, expected: Answer, found: Answer) -> Iterator[str]:
    for field, wanted in expected.items():
        if field != "reasons" and not holds(wanted, found.get(field)):
            yield f"{name}.{field}: {found.get(field)!r}, expected {wanted!r}"


def holds(wanted: object, found: object) -> bool:
    """A value, any of a list, or a number below or above ("<0")."""
    if isinstance(wanted, list) and not isinstance(found, list):
        return found in wanted
    if isinstance(wanted, str) and wanted[:1] in "<>" and isinstance(found, int | float):
        limit = float(wanted[1:])
        return found < limit if wanted[0] == "<" else found > limit
    return bool(wanted == found)


def _recovery(expected: Answer, found: Answer) -> Iterator[str]:
    special = ("gestures", "gestures_never", "money_minor")
    rest = {name: value for name, value in expected.items() if name not in special}
    yield from _fields("recovery", expected=rest, found=found)
    gestures = rows(found.get("gestures"))
    if "gestures" in expected:
        yield from _gestures(rows(expected["gestures"]), gestures)
    for kind in _list(expected.get("gestures_never")):
        if any(gesture.get("kind") == kind for gesture in gestures):
            yield f"recovery.gestures: holds {kind}, which it never may"
    if "money_minor" in expected:
        money_minor = sum(int(str(g["amount_minor"])) for g in gestures if g["kind"] in SUM_KINDS)
        if money_minor != expected["money_minor"]:
            yield f"recovery: {money_minor} minor go back, expected {expected['money_minor']}"


def _gestures(wanted: Sequence[Answer], found: Sequence[Answer]) -> Iterator[str]:
    if not wanted and found:
        yield f"recovery.gestures: {_short(found)}, expected none"
    left = list(found)
    for each in wanted:
        match = next((g for g in left if all(holds(v, g.get(n)) for n, v in each.items())), None)
        if match is None:
            yield f"recovery.gestures: {_short(found)}, expected {dict(each)}"
        else:
            left.remove(match)


def _short(gestures: Sequence[Answer]) -> list[str]:
    parts = ((g["kind"], g["amount_minor"] or "", g["currency"] or "") for g in gestures)
    return [" ".join(str(part) for part in each if part) for each in parts]


def _notices(expect: Answer, found: Sequence[Notice]) -> Iterator[str]:
    wanted = rows(expect.get("notices"))
    if "notices" in expect and not wanted and found:
        yield f"notices: {[n.name for n in found]}, expected none"
    left = list(found)
    for each in wanted:
        fields = {n: v for n, v in each.items() if n not in WORDS_OF_A_NOTICE}
        fitting = [n for n in left if all(holds(v, n.fields.get(f)) for f, v in fields.items())]
        if not fitting:
            there = [f"{n.name} ({n.fields['channel']}, {n.fields['written_form']})" for n in found]
            yield f"notices: {there}, expected {fields}"
            continue
        best = min(fitting, key=lambda notice: len(list(_words(each, notice))))
        left.remove(best)
        yield from _words(each, best)
    yield from _never_sent(expect, found)


def _never_sent(expect: Answer, found: Sequence[Notice]) -> Iterator[str]:
    for each in rows(expect.get("notices_never")):
        if any(all(holds(v, n.fields.get(f)) for f, v in each.items()) for n in found):
            yield f"notices: one is {dict(each)}, which never may be"
    if "complainant_messages" in expect:
        told = [n.name for n in found if n.fields["audience"] == "complainant"]
        if len(told) != expect["complainant_messages"]:
            yield f"notices: {told}, expected {expect['complainant_messages']} to the complainant"


def _words(wanted: Answer, notice: Notice) -> Iterator[str]:
    facts, said = _list(wanted.get("facts")), notice.words
    told = [fact for fact in facts if _stands(fact, said)]
    if len(told) < min(FACTS_MIN, len(facts)):
        yield f"{notice.name}: tells {told} of the facts {facts}: {_cut(notice)}"
    for mention in _list(wanted.get("mentions")):
        if not _stands(mention, said):
            yield f"{notice.name}: does not say {mention!r}: {_cut(notice)}"
    for banned in _list(wanted.get("never")):
        if plain(str(banned)) in said:
            yield f"{notice.name}: says {banned!r}: {_cut(notice)}"
    most = wanted.get("max_words")
    if isinstance(most, int) and len(str(notice.fields["body"]).split()) > most:
        yield f"{notice.name}: longer than {most} words: {_cut(notice)}"


def _stands(said: object, words: str) -> bool:
    if isinstance(said, list):
        return any(_stands(each, words) for each in said)
    return plain(str(said)) in words


def _cut(notice: Notice) -> str:
    return f"“{_SPACES.sub(' ', str(notice.fields['body'])).strip()}”"


def part(whole: Answer, name: str) -> Answer:
    """The object under a name; an empty one when there is none."""
    found = whole.get(name)
    return found if isinstance(found, Mapping) else {}


def rows(value: object) -> list[Answer]:
    """The objects of a list."""
    return [each for each in _list(value) if isinstance(each, Mapping)]


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
