"""The thing a complaint is about, as the writer named it: "kaffitraktaren", "the kettle"."""

from services.triage.model import Reading
from services.triage.policy import TriagePolicy
from services.triage.things import Things
from services.triage.tokens import END

# Words that may stand before a noun and belong to its name: "desk chair".
MODIFIERS_MAX = 2
# Words between "I bought" and the thing: "a pair of new".
AFTER_BOUGHT_MAX = 5
THE = "the "


def thing_in(reading: Reading, policy: TriagePolicy) -> str | None:
    """The thing's name, usable in a sentence; None when no word tells."""
    things = policy.things.get(reading.form.written) or policy.things["en"]
    if reading.form.written == "en" or "en" not in policy.things:
        index = _bought(reading, things) or _known(reading, things, 0)
        return None if index is None else _english(reading, index, things)
    index = _bought(reading, things)
    if index is None:
        index = _known(reading, things, 0)
    return None if index is None else _norwegian(reading, index, things)


def _bought(reading: Reading, things: Things) -> int | None:
    """The word before "I bought", or the first thing after it."""
    words = reading.tokens.words
    for hit in reading.found("bought"):
        before = hit.first - 1
        if before >= 0 and things.may_be(words[before]) and not words[before].isdigit():
            return before
        first_noun = None
        for index in range(hit.past, min(hit.past + AFTER_BOUGHT_MAX, len(words))):
            if words[index] == END:
                break
            if things.is_thing(words[index]):
                return index
            if first_noun is None and things.may_be(words[index]):
                first_noun = index
        if first_noun is not None:
            return first_noun
    return None


def _known(reading: Reading, things: Things, start: int) -> int | None:
    words = reading.tokens.words
    return next((i for i in range(start, len(words)) if words[i] and things.is_thing(words[i])), None)


def _norwegian(reading: Reading, index: int, things: Things) -> str:
    """The definite form where the writer used it somewhere; it fits a sentence best."""
    tokens, word = reading.tokens, reading.tokens.words[index]
    stem = word[: max(len(word) - 2, 3)]
    for other, written in enumerate(tokens.words):
        if written.startswith(stem) and things.is_definite(written) and things.is_thing(written):
            return _lowered(tokens.said(other, other + 1))
    return _lowered(tokens.said(index, index + 1))


def _english(reading: Reading, index: int, things: Things) -> str:
    tokens, first = reading.tokens, index
    while first > 0 and index - first < MODIFIERS_MAX and things.may_be(tokens.words[first - 1]):
        first -= 1
    return THE + _lowered(tokens.said(first, index + 1))


def _lowered(said: str) -> str:
    """A shouted or sentence-opening name in small letters; "PC" and "CV" stay."""
    shouted = said.isupper() and len(said) > 3  # noqa: PLR2004 -- longer than an acronym
    return said.lower() if shouted or said[1:].islower() else said
