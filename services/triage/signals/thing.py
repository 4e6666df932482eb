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
        if (before := _before(reading, hit.first, things)) is not None:
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


def _before(reading: Reading, first: int, things: Things) -> int | None:
    """The thing right before "I bought" or "that I bought", with nothing but a space between."""
    tokens, before = reading.tokens, first - 1
    if before >= 1 and tokens.words[before] in things.relatives:
        first, before = before, before - 1
    if before < 0 or not tokens.words[before].isalpha():
        return None
    close = tokens.raw[tokens.ends[before] : tokens.starts[first]].isspace()
    word = tokens.words[before]
    told = things.is_thing(word) or things.is_definite(word) or _has_article(tokens, before)
    return before if close and told else None


def _has_article(tokens: Tokens, index: int) -> bool:
    """In English a thing has its article: "the watering can I bought"."""
    return any(word in ARTICLES for word in tokens.words[max(index - 3, 0) : index])


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
