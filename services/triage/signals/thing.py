"""The thing a complaint is about, as the writer named it: "kaffitraktaren", "the kettle"."""

from services.triage.model import Reading
from services.triage.policy import TriagePolicy
from services.triage.things import Things
from services.triage.tokens import END, Tokens

# Words that may stand before a noun and belong to its name: "desk chair".
MODIFIERS_MAX = 2
# Words between "I bought" and the thing: "a pair of new".
AFTER_BOUGHT_MAX = 5
ARTICLE_WORDS_MAX = 3
ACRONYM_LETTERS_MAX = 3
THE = "the "


def thing_in(reading: Reading, policy: TriagePolicy) -> str | None:
    """The thing's name, usable in a sentence; None when no word tells."""
    in_english = reading.form.written not in {"nb", "nn"}
    things = policy.things["en" if in_english else reading.form.written]
    index = _bought(reading, things, policy=policy)
    if index is None:
        words = enumerate(reading.tokens.words)
        index = next((at for at, word in words if word and things.is_thing(word)), None)
    if index is None:
        return None
    return (_english if in_english else _norwegian)(reading.tokens, index, things=things)


def _bought(reading: Reading, things: Things, *, policy: TriagePolicy) -> int | None:
    """The word before "I bought", or the first thing after it."""
    words = reading.tokens.words
    for first, past in reading.found("bought"):
        if (before := _before(reading.tokens, first, things=things)) is not None:
            return before
        first_noun = None
        for index in range(past, min(past + AFTER_BOUGHT_MAX, len(words))):
            if words[index] == END:
                break
            if things.is_thing(words[index]):
                return index
            small = words[index] in policy.small_words
            if first_noun is None and not small and things.may_be(words[index]):
                first_noun = index
        if first_noun is not None:
            return _last_of_run(reading.tokens, first_noun, things=things, policy=policy)
    return None


def _last_of_run(tokens: Tokens, index: int, *, things: Things, policy: TriagePolicy) -> int:
    """The noun that a run of words ends in: "yoga mat"."""
    last = min(index + MODIFIERS_MAX, len(tokens.words) - 1)
    while (
        index < last
        and _adjoin(tokens, index, following=index + 1)
        and things.may_be(tokens.words[index + 1])
        and tokens.words[index + 1] not in policy.small_words
    ):
        index += 1
    return index


def _before(tokens: Tokens, first: int, *, things: Things) -> int | None:
    """The thing right before "I bought" or "that I bought", with nothing but a space between."""
    before = first - 1
    if before > 0 and tokens.words[before] in things.grammar.relatives:
        first, before = before, before - 1
    if before < 0 or not tokens.words[before].isalpha():
        return None
    if not _adjoin(tokens, before, following=first):
        return None
    word, ahead = tokens.words[before], tokens.words[max(before - ARTICLE_WORDS_MAX, 0) : before]
    named = things.is_thing(word) or (things.may_be(word) and things.is_definite(word))
    return before if named or any(a in things.grammar.articles for a in ahead) else None


def _adjoin(tokens: Tokens, index: int, *, following: int) -> bool:
    return tokens.raw[tokens.ends[index] : tokens.starts[following]].isspace()


def _norwegian(tokens: Tokens, index: int, *, things: Things) -> str:
    """The definite form where the writer used it somewhere; it fits a sentence best."""
    word = tokens.words[index]
    stem = word[: max(len(word) - 2, 3)]
    for other, written in enumerate(tokens.words):
        if written.startswith(stem) and things.is_definite(written) and things.is_thing(written):
            return _lowered(tokens.said(other, other + 1))
    return _lowered(tokens.said(index, index + 1))


def _english(tokens: Tokens, index: int, *, things: Things) -> str:
    """The noun with the words that belong to it: "the panel heater"."""
    first = last = index
    while (
        first > 0
        and index - first < MODIFIERS_MAX
        and things.may_be(tokens.words[first - 1])
        and _adjoin(tokens, first - 1, following=first)
    ):
        first -= 1
    while (
        last + 1 < len(tokens.words)
        and things.is_thing(tokens.words[last + 1])
        and _adjoin(tokens, last, following=last + 1)
    ):
        last += 1
    return THE + _lowered(tokens.said(first, last + 1))


def _lowered(said: str) -> str:
    """A shouted or sentence-opening name in small letters; "PC" and "CV" stay."""
    shouted = said.isupper() and len(said) > ACRONYM_LETTERS_MAX
    return said.lower() if shouted or said[1:].islower() else said
