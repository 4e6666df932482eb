"""Finds the phrases of the policy's word lists in one pass over the words.

A phrase is words with single spaces. `stem*` is a word that begins so, `*tail` one that ends so,
`a|b` either, `#` a number (also in words), `_` any one word, `~` up to three words. No phrase
crosses the end of a sentence. The lists are compiled once, when the policy is loaded.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from services.triage.spelling import Spelling
from services.triage.tokens import END, Tokens

GAP_WORDS_MAX = 3
# A word's answer is kept, and where words lead: language repeats itself. Bounded, so that memory
# stays flat.
WORDS_KEPT_MAX = 32_768
STEPS_KEPT_MAX = 32_768
_NUMBER = "#"


class Hit(NamedTuple):
    """A phrase of a label was found: words `first` up to `past`."""

    label: str
    first: int
    past: int

    def begins_in(self, span: tuple[int, int]) -> bool:
        """Whether it begins between these words, the second not among them."""
        return span[0] <= self.first < span[1]


Found = defaultdict[str, list[Hit]]


class _Node:
    """A place in the tree of phrases: where the next word leads, and what ends here."""

    __slots__ = ("any", "labels", "next")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.any: _Node | None = None
        self.labels: tuple[str, ...] = ()


class _State:
    """All places in the tree that the words so far lead to, and what ends here."""

    __slots__ = ("labels", "names", "nodes", "otherwise")

    def __init__(self, nodes: tuple[_Node, ...]) -> None:
        self.nodes = nodes
        self.labels = tuple(dict.fromkeys(each for node in nodes for each in node.labels))
        # The elements that lead on from here; any other word leads to `otherwise`.
        self.names = frozenset(name for node in nodes for name in node.next)
        anys = tuple(node.any for node in nodes if node.any is not None)
        self.otherwise: _State | None = _State(anys) if anys else None


class _Fit:
    """The elements of phrases that a word is, and where phrases that begin with them go on."""

    __slots__ = ("names", "start")

    def __init__(self, names: tuple[str, ...], start: _State) -> None:
        self.names = frozenset(names)
        self.start = start


class Matcher:
    """Compiled word lists: `{label: [phrase, …]}`, several languages' lists together."""

    def __init__(
        self,
        lists: Iterable[Mapping[str, Iterable[str]]],
        *,
        numbers: Iterable[str] = (),
        known: Iterable[str] | None = None,
        misspelt: Mapping[str, str] | None = None,
    ) -> None:
        """Compile; a phrase that begins with `_` or `~`, or has nothing to hold on to, raises.

        `numbers`: the words that `#` stands for, beside digits. `known`: words that are right as
        they stand; without them no slip is followed. `misspelt`: slips that are told, by word.
        """
        self._spelled = frozenset(numbers)
        self._root = _Node()
        self._whole: dict[str, list[str]] = {}
        self._stems: dict[str, list[str]] = {}
        self._tails: dict[str, list[str]] = {}
        self._numbers: list[str] = []
        self._end = _Fit((), _State(()))
        for labels in lists:
            for label, phrases in labels.items():
                for phrase in phrases:
                    self._add(label, phrase)
        self._misspelt = misspelt or {}
        self._spelling = None if known is None else self.spelling(known=known)
        self._fit = lru_cache(maxsize=WORDS_KEPT_MAX)(self._fit_of)
        # Most words are in no list, and one to us.
        self._same = lru_cache(maxsize=WORDS_KEPT_MAX)(self._same_of)
        self._step = lru_cache(maxsize=STEPS_KEPT_MAX)(_step)

    @property
    def words(self) -> frozenset[str]:
        """The whole words of the lists."""
        return frozenset(self._whole)

    def spelling(self, *, known: Iterable[str]) -> Spelling:
        """What slips of the lists' words were meant to be, where these are right as they stand."""
        return Spelling(self.words, known=frozenset(known), misspelt=self._misspelt)

    def hits(self, tokens: Tokens) -> dict[str, list[Hit]]:
        """What was found, by label, in the order of the text."""
        found: Found = defaultdict(list)
        fits = [*map(self._fit, tokens.words), self._end]
        for first, (fit, following) in enumerate(pairwise(fits)):
            start = fit.start
            for label in start.labels:
                found[label].append(Hit(label, first, first + 1))
            # Half of the words lead nowhere with the word that follows them.
            if start.otherwise or not start.names.isdisjoint(following.names):
                self._walk(start, first, fits=fits, found=found)
        return dict(found)

    def kept(self) -> list[tuple[int, int]]:
        """How much is kept of the words it has seen, each with its limit."""
        told = [each.cache_info() for each in (self._fit, self._same, self._step)]
        return [(one.currsize, one.maxsize or 0) for one in told]

    def _walk(self, start: _State, first: int, *, fits: list[_Fit], found: Found) -> None:
        """Follow every phrase of two words and more that begins with word `first`, all at once."""
        state = start
        for past in range(first + 1, len(fits)):
            fit = fits[past]
            if fit is self._end:
                return
            waits = not state.names.isdisjoint(fit.names)
            after = self._step(state, fit) if waits else state.otherwise
            if after is None:
                return
            state = after
            for label in state.labels:
                found[label].append(Hit(label, first, past + 1))

    def _add(self, label: str, phrase: str) -> None:
        parts = phrase.casefold().split(" ")
        if parts[0] in {"_", "~", ""}:
            message = f"{label}: a phrase begins with a word: {phrase!r}"
            raise ValueError(message)
        for spelled in _without_gaps(parts):
            node = self._root
            for part in spelled:
                node = self._grown(node, part)
            if label not in node.labels:
                node.labels = (*node.labels, label)

    def _grown(self, node: _Node, part: str) -> _Node:
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

    def _fit_of(self, word: str) -> _Fit:
        """Which elements of phrases this word is."""
        if word == END:
            return self._end
        found = dict.fromkeys(self._named(word))
        if not found and self._spelling:
            meant = self._spelling.meant(word)
            found = dict.fromkeys(name for each in meant for name in self._named(each))
        for size in range(1, len(word) + 1):
            found.update(dict.fromkeys(self._tails.get(word[-size:], ())))
        if word.isdigit() or word in self._spelled:
            found.update(dict.fromkeys(self._numbers))
        return self._same(tuple(found))

    def _named(self, word: str) -> Iterator[str]:
        """The elements that name the word, whole or by how it begins."""
        yield from self._whole.get(word, ())
        for size in range(1, len(word) + 1):
            yield from self._stems.get(word[:size], ())

    def _same_of(self, names: tuple[str, ...]) -> _Fit:
        starts = (self._root.next[name] for name in names if name in self._root.next)
        return _Fit(names, _State(tuple(starts)))


def _step(state: _State, fit: _Fit) -> _State:
    """Where one more word leads that some phrase waits for."""
    names = sorted(state.names & fit.names)
    following = [node.next[name] for node in state.nodes for name in names if name in node.next]
    following += [node.any for node in state.nodes if node.any is not None]
    return _State(tuple(dict.fromkeys(following)))


def _without_gaps(parts: list[str]) -> Iterator[list[str]]:
    """Every spelling of a phrase with its first gap as 0 up to three words, and so on."""
    if "~" not in parts:
        yield parts
        return
    at = parts.index("~")
    for size in range(GAP_WORDS_MAX + 1):
        yield from _without_gaps(parts[:at] + ["_"] * size + parts[at + 1 :])
