"""Finds the phrases of the policy's word lists in one pass over the words.

A phrase is words with single spaces. `stem*` is a word that begins so, `*tail` one that ends so,
`a|b` either, `#` a number (also in words), `_` any one word, `~` up to three words. No phrase
crosses the end of a sentence. The lists are compiled once, when the policy is loaded.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from itertools import pairwise
from operator import or_
from types import MappingProxyType
from typing import NamedTuple

from services.triage.kept import Kept
from services.triage.spelling import Spelling
from services.triage.tokens import END, Span, Tokens

GAP_WORDS_MAX = 3
# Where words lead is kept as their answers are, and bounded, too.
STEPS_KEPT_MAX = 65_536
_NUMBER = "#"
# Where the phrases of each label stand: the first word, and one past the last.
Hits = dict[str, list[Span]]
ALL = -1


class Aside(NamedTuple):
    """Labels that are looked at only where they are asked for, and a bit for each that may be.

    Few texts have what the words of most labels want beside them.
    """

    labels: frozenset[str] = frozenset()
    bits: Mapping[str, int] = MappingProxyType({})


NOTHING_ASIDE = Aside()


class _Node:
    """A place in the tree of phrases: where the next word leads, and what ends here."""

    __slots__ = ("any", "labels", "next")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.any: _Node | None = None
        self.labels: tuple[str, ...] = ()


class _State:
    """All places in the tree that the words so far lead to, and what ends here."""

    __slots__ = ("aside", "bits", "ends", "leads", "names", "nodes", "otherwise", "told")

    def __init__(self, nodes: tuple[_Node, ...], aside: Aside) -> None:
        self.nodes = nodes
        labels = dict.fromkeys(each for node in nodes for each in node.labels)
        # Whether a phrase ends here; its labels that are always told, and those put aside.
        self.ends = bool(labels)
        self.told = tuple(label for label in labels if label not in aside.labels)
        self.aside = tuple((one, aside.bits[one]) for one in labels if one in aside.labels)
        self.bits = reduce(or_, (aside.bits.get(label, 0) for label in labels), 0)
        # The elements that lead on from here; any other word leads to `otherwise`.
        self.names = frozenset(name for node in nodes for name in node.next)
        anys = tuple(node.any for node in nodes if node.any is not None)
        self.otherwise: _State | None = _State(anys, aside) if anys else None
        # Where words led that were seen here.
        self.leads: dict[_Fit, _State | None] = {}

    def after(self, fit: "_Fit", aside: Aside) -> "_State | None":
        """Where one more word leads; None where no phrase goes on."""
        if self.names.isdisjoint(fit.names):
            return None if fit.ends else self.otherwise
        names = sorted(self.names & fit.names)
        following = [node.next[name] for node in self.nodes for name in names if name in node.next]
        following += [node.any for node in self.nodes if node.any is not None]
        return _State(tuple(dict.fromkeys(following)), aside)


class _Fit:
    """The elements of phrases that a word is, and where phrases that begin with them go on.

    `start` is None where none begins so; `ends`: it is the end of a sentence.
    """

    __slots__ = ("ends", "names", "start")

    def __init__(self, names: tuple[str, ...], start: _State | None, *, ends: bool = False) -> None:
        self.names = frozenset(names)
        self.start = start
        self.ends = ends


class Finds(NamedTuple):
    """The ends of phrases in the order of the text, and the bits of all their labels."""

    ends: list[tuple[_State, Span]]
    bits: int

    def hits(self, asked: int) -> Hits:
        """Where the phrases stand, by label; of what is put aside, those whose bit is `asked`."""
        hits: defaultdict[str, list[Span]] = defaultdict(list)
        for state, span in self.ends:
            for label in state.told:
                hits[label].append(span)
            if state.bits & asked:
                for label, bit in state.aside:
                    if bit & asked:
                        hits[label].append(span)
        return dict(hits)


class Matcher:
    """Compiled word lists: `{label: [phrase, …]}`, several languages' lists together."""

    def __init__(
        self,
        lists: Iterable[Mapping[str, Iterable[str]]],
        *,
        numbers: Iterable[str] = (),
        known: Iterable[str] | None = None,
        misspelt: Mapping[str, str] | None = None,
        aside: Aside = NOTHING_ASIDE,
    ) -> None:
        """Compile; a phrase that begins with `_` or `~`, or has nothing to hold on to, raises.

        `numbers`: the words that `#` stands for, beside digits. `known`: words that are right as
        they stand; without them no slip is followed. `misspelt`: slips that are told, by word.
        `aside`: what `finds` tells of by bits first.
        """
        self._spelled = frozenset(numbers)
        self._aside = aside
        self._root = _Node()
        self._whole: dict[str, list[str]] = {}
        self._stems: dict[str, list[str]] = {}
        self._tails: dict[str, list[str]] = {}
        self._numbers: list[str] = []
        self._end = _Fit((), None, ends=True)
        for labels in lists:
            for label, phrases in labels.items():
                for phrase in phrases:
                    self._add(label, phrase)
        self._misspelt = misspelt or {}
        self._spelling = None if known is None else self.spelling(known=known)
        self._fits = Kept(self._fit_of)
        # Most words are in no list, and one to us.
        self._same = Kept(self._begun)
        self._learnt: list[_State] = []
        self._steps = 0

    @property
    def words(self) -> frozenset[str]:
        """The whole words of the lists."""
        return frozenset(self._whole)

    def spelling(self, *, known: Iterable[str]) -> Spelling:
        """What slips of the lists' words were meant to be, where these are right as they stand."""
        return Spelling(self.words, known=frozenset(known), misspelt=self._misspelt)

    def hits(self, tokens: Tokens) -> Hits:
        """What was found, by label, in the order of the text."""
        return self.finds(tokens).hits(ALL)

    def finds(self, tokens: Tokens) -> Finds:
        """What was found, in the order of the text."""
        ends: list[tuple[_State, Span]] = []
        bits = 0
        fits = [*map(self._fits.__getitem__, tokens.words), self._end]
        for first, (fit, following) in enumerate(pairwise(fits)):
            state, past = fit.start, first + 1
            if state is None:
                continue
            if state.ends:
                ends.append((state, (first, past)))
                bits |= state.bits
            leads = state.leads
            after = leads[following] if following in leads else self._after(state, following)
            # Follow all phrases that begin here at once; half of the words lead nowhere.
            while after is not None:
                state, past = after, past + 1
                if state.ends:
                    ends.append((state, (first, past)))
                    bits |= state.bits
                leads, then = state.leads, fits[past]
                after = leads[then] if then in leads else self._after(state, then)
        return Finds(ends, bits)

    def kept(self) -> list[tuple[int, int]]:
        """How much is kept of the words it has seen, each with its limit."""
        tables = (self._fits, self._same)
        return [*((one.kept(), one.most) for one in tables), (self._steps, STEPS_KEPT_MAX)]

    def _after(self, state: _State, fit: _Fit) -> _State | None:
        """Work out where a word leads, and keep it; all is forgotten when there is no more room."""
        if self._steps >= STEPS_KEPT_MAX:
            for learnt in self._learnt:
                learnt.leads.clear()
            self._learnt.clear()
            self._steps = 0
        if not state.leads:
            self._learnt.append(state)
        self._steps += 1
        after = state.leads[fit] = state.after(fit, self._aside)
        return after

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
        tails = [word[at:] for at in range(len(word) - 1, -1, -1) if word[at:] in self._tails]
        found.update((name, None) for tail in tails for name in self._tails[tail])
        if word.isdigit() or word in self._spelled:
            found.update(dict.fromkeys(self._numbers))
        return self._same[tuple(found)]

    def _named(self, word: str) -> Iterator[str]:
        """The elements that name the word, whole or by how it begins."""
        yield from self._whole.get(word, ())
        for size in range(1, len(word) + 1):
            yield from self._stems.get(word[:size], ())

    def _begun(self, names: tuple[str, ...]) -> _Fit:
        nodes = tuple(self._root.next[name] for name in names if name in self._root.next)
        return _Fit(names, _State(nodes, self._aside) if nodes else None)


def _without_gaps(parts: list[str]) -> Iterator[list[str]]:
    """Every spelling of a phrase with its first gap as 0 up to three words, and so on."""
    if "~" not in parts:
        yield parts
        return
    at = parts.index("~")
    for size in range(GAP_WORDS_MAX + 1):
        yield from _without_gaps(parts[:at] + ["_"] * size + parts[at + 1 :])
