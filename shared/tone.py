"""How a text sounds, by the policy's word lists: what to think over before it leaves. Pure.

The machine's own texts are held to it by tests; a colleague is told, and decides herself.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import NamedTuple

SHORT_LETTERS_MAX = 6  # LIX counts longer words as long
_PICTURES = ("So", "Sk", "Cs")


class Limits(NamedTuple):
    """What is too much: apologies and words in a text, LIX where there are words enough for it."""

    apology_sentences: int
    words: int
    lix: int
    lix_words_min: int


class Remark(NamedTuple):
    """A code (`never`, `foreign`, `shouts` …), and the words or the number that it is about."""

    code: str
    said: str


def words(text: str) -> list[str]:
    """The words of a text."""
    return re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", text)


def sentences(text: str) -> list[str]:
    """The sentences: lines and full stops end them, but not the stop of "5. november"."""
    marked = re.sub(r"(?<=\d)\.(?=\s?\w)", "", text)
    return [part for part in re.split(r"[.:?!\n]+", marked) if words(part)]


def lix(text: str) -> float:
    """Words a sentence, plus the share of long words in percent (Björnsson)."""
    said = words(text)
    long = sum(len(word) > SHORT_LETTERS_MAX for word in said)
    return len(said) / len(sentences(text)) + 100 * long / len(said)


def remarks(
    text: str, lists: Mapping[str, tuple[str, ...]], *, limits: Limits
) -> tuple[Remark, ...]:
    """What to think over; `lists` are those of the reader's written form, by name."""
    return (*_of_lists(text, lists, limits=limits), *_of_shape(text, limits))


def _of_lists(
    text: str, lists: Mapping[str, tuple[str, ...]], *, limits: Limits
) -> Iterator[Remark]:
    low = text.casefold()
    for code in ("never", "humour", "money_done"):
        yield from (Remark(code, phrase) for phrase in lists.get(code, ()) if phrase in low)
    said = {word.casefold() for word in words(text)}
    yield from (Remark("foreign", each) for each in lists.get("foreign", ()) if each in said)
    sorry = [s for s in sentences(low) if any(each in s for each in lists.get("apology", ()))]
    if len(sorry) > limits.apology_sentences:
        yield Remark("apology", str(len(sorry)))


def _of_shape(text: str, limits: Limits) -> Iterator[Remark]:
    pictures = sorted({each for each in text if unicodedata.category(each) in _PICTURES})
    if pictures:
        yield Remark("pictures", "".join(pictures))
    if "!" in text:
        yield Remark("shouts", "!")
    count = len(words(text))
    if count > limits.words:
        yield Remark("long", str(count))
    if count >= limits.lix_words_min and lix(text) > limits.lix:
        yield Remark("heavy", str(round(lix(text))))
