"""The matcher beside a plain reading of its notation, and what it keeps of words it has seen."""

from collections.abc import Iterator, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from services.triage.kept import WORDS_KEPT_MAX
from services.triage.matcher import GAP_WORDS_MAX, STEPS_KEPT_MAX, Matcher
from services.triage.tokens import END, tokens_of

NO_MONTHS = frozenset[str]()
# A few words, so that phrases meet; the full stop ends a sentence.
WORDS = st.lists(st.sampled_from(["ab", "abc", "b", "cb", "x", "."]), max_size=12)
FIRST = st.sampled_from(["ab", "ab*", "*b", "b|x", "cb"])
REST = st.lists(st.sampled_from(["ab", "*b", "b|x", "_", "~", "x"]), max_size=3)
PHRASES = st.lists(st.tuples(FIRST, REST).map(lambda parts: [parts[0], *parts[1]]), max_size=5)


@given(WORDS, PHRASES)
@settings(max_examples=300, deadline=None)
def test_what_is_found_is_what_the_notation_says(
    words: list[str], phrases: list[list[str]]
) -> None:
    """A phrase would be missed, or found where it does not stand, because it is sought quickly."""
    tokens = tokens_of(" ".join(words), NO_MONTHS)
    lists = [{" ".join(phrase): [" ".join(phrase)] for phrase in phrases}]
    found = Matcher(lists).hits(tokens)
    plain = {
        (" ".join(phrase), first, past)
        for phrase in phrases
        for first in range(len(tokens.words))
        for past in _pasts(phrase, tokens.words, at=first)
    }
    assert plain == {(label, *hit) for label, hits in found.items() for hit in hits}


def test_nothing_is_found_twice() -> None:
    """A thing said once would count as often as there are ways to read its gaps."""
    hits = Matcher([{"label": ["a ~ b ~ c"]}]).hits(tokens_of("a b b c", NO_MONTHS))
    assert len(hits["label"]) == len(set(hits["label"]))


def test_what_is_kept_of_words_is_bounded() -> None:
    """A worker's memory would grow with every word that it reads."""
    matcher = Matcher([{"label": ["a ~ b", "a* c"]}])
    for at in range(0, 2 * WORDS_KEPT_MAX, 100):
        matcher.hits(tokens_of(" ".join(f"a{n} c{n}" for n in range(at, at + 100)), NO_MONTHS))
    assert [kept for kept, most in matcher.kept() if kept > most] == []
    assert {WORDS_KEPT_MAX, STEPS_KEPT_MAX} == {most for _, most in matcher.kept()}


def _pasts(phrase: Sequence[str], words: Sequence[str], *, at: int) -> Iterator[int]:
    """Where a phrase that begins at a word may end."""
    if not phrase:
        yield at
    elif phrase[0] == "~":
        for size in range(GAP_WORDS_MAX + 1):
            if END not in words[at : at + size] and at + size <= len(words):
                yield from _pasts(phrase[1:], words, at=at + size)
    elif at < len(words) and _is(phrase[0], words[at]):
        yield from _pasts(phrase[1:], words, at=at + 1)


def _is(element: str, word: str) -> bool:
    if word == END:
        return False
    return element == "_" or any(_one(each, word) for each in element.split("|"))


def _one(element: str, word: str) -> bool:
    if element.endswith("*"):
        return word.startswith(element[:-1])
    return word.endswith(element[1:]) if element.startswith("*") else word == element
