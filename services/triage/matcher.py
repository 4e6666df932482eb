"""Finds the phrases of the policy's word lists in one pass over the words.

A phrase is words with single spaces. `stem*` is a word that begins so, `*tail` one that ends so,
`a|b` either, `#` a number (also in words), `_` any one word, `~` up to three words. No phrase
crosses the end of a sentence. The lists are compiled once, when the policy is loaded.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from services.triage.tokens import END, Tokens

GAP_WORDS_MAX = 3
# A word's answer is kept: language repeats itself. Bounded, so that memory stays flat.
WORDS_KEPT_MAX = 32_768
_NUMBER = "#"


class Hit(NamedTuple):
    """A phrase of a label was found: words `first` up to `past`."""

    label: str
    first: int
    past: int

    def begins_in(self, span: tuple[int, int]) -> bool:
        """Whether it begins between these words, the second not among them."""
        return span[0] <= self.first < span[1]


class _Node:
    """A place in the tree of phrases: where the next word leads, and what ends here."""

    __slots__ = ("any", "labels", "next")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.any: _Node | None = None
        self.labels: tuple[str, ...] = ()


# The elements of phrases that a word is, and the places in the tree that it leads to.
Fit = tuple[tuple[str, ...], tuple[_Node, ...]]


class Matcher:
    """Compiled word lists: `{label: [phrase, …]}`, several languages' lists together."""

    def __init__(
        self, lists: Iterable[Mapping[str, Iterable[str]]], *, numbers: Iterable[str] = ()
    ) -> None:
        """Compile; a phrase that begins with `_` or `~`, or has nothing to hold on to, raises.

        `numbers`: the words that `#` stands for, beside digits.
        """
        self._spelled = frozenset(numbers)
        self._root = _Node()
        self._whole: dict[str, list[str]] = {}
        self._stems: dict[str, list[str]] = {}
        self._tails: dict[str, list[str]] = {}
        self._numbers: list[str] = []
        for labels in lists:
            for label, phrases in labels.items():
                for phrase in phrases:
                    self._add(label, phrase)
        self._elements = lru_cache(maxsize=WORDS_KEPT_MAX)(self._elements_of)

    def hits(self, tokens: Tokens) -> dict[str, list[Hit]]:
        """What was found, by label, in the order of the text."""
        found: dict[str, list[Hit]] = {}
        fits = [self._elements(word) for word in tokens.words]
        for first, (_, starts) in enumerate(fits):
            for node in starts:
                _walk(node, first, past=first + 1, fits=fits, found=found)
        return found

    def _add(self, label: str, phrase: str) -> None:
        parts = phrase.casefold().split(" ")
        if parts[0] in {"_", "~", ""}:
            message = f"{label}: a phrase begins with a word: {phrase!r}"
            raise ValueError(message)
        for spelled in _without_gaps(parts):
            node = self._root
            for part in spelled:
                node = self._step(node, part)
            if label not in node.labels:
                node.labels = (*node.labels, label)

    def _step(self, node: _Node, part: str) -> _Node:
        if part == "_":
            if node.any is None:
                node.any = _Node()
            return node.any
        if part not in node.next:
            node.next[part] = _Node()
            self._enlist(part)
        return node.next[part]

    def _enlist(self, element: str) -> None:
        for one in element.split("|"):
            if one == _NUMBER:
                self._numbers.append(element)
                continue
            if one.endswith("*"):
                kept, key = self._stems, one[:-1]
            elif one.startswith("*"):
                kept, key = self._tails, one[1:]
            else:
                kept, key = self._whole, one
            names = kept.setdefault(key, [])
            if element not in names:
                names.append(element)

    def _elements_of(self, word: str) -> Fit:
        """Which elements of phrases this word is, and where phrases that begin so go on."""
        if word == END:
            return (END,), ()
        found = dict.fromkeys(self._whole.get(word, ()))
        for size in range(1, len(word) + 1):
            found.update(dict.fromkeys(self._stems.get(word[:size], ())))
            found.update(dict.fromkeys(self._tails.get(word[-size:], ())))
        if word.isdigit() or word in self._spelled:
            found.update(dict.fromkeys(self._numbers))
        starts = (self._root.next[name] for name in found if name in self._root.next)
        return tuple(found), tuple(starts)


def _walk(
    node: _Node,
    first: int,
    *,
    past: int,
    fits: list[Fit],
    found: dict[str, list[Hit]],
) -> None:
    for label in node.labels:
        found.setdefault(label, []).append(Hit(label, first, past))
    if past == len(fits) or not (node.next or node.any):
        return
    names = fits[past][0]
    if len(node.next) < len(names):
        for name, following in node.next.items():
            if name in names:
                _walk(following, first, past=past + 1, fits=fits, found=found)
    else:
        for name in names:
            if name in node.next:
                _walk(node.next[name], first, past=past + 1, fits=fits, found=found)
    if node.any is not None and names != (END,):
        _walk(node.any, first, past=past + 1, fits=fits, found=found)


def _without_gaps(parts: list[str]) -> Iterator[list[str]]:
    """Every spelling of a phrase with its first gap as 0 up to three words, and so on."""
    if "~" not in parts:
        yield parts
        return
    at = parts.index("~")
    for size in range(GAP_WORDS_MAX + 1):
        yield from _without_gaps(parts[:at] + ["_"] * size + parts[at + 1 :])
