"""Which words name a thing one can buy or use: compiled from the heads of the word lists.

"kaffitraktaren", "vinterdress" and "lønnssystemet" end in a head we know, with an ending.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from services.triage.kept import Kept

# A compound has so much before its head, and its head is no shorter than so ("stol").
STEM_LETTERS_MIN = 2
TAIL_LETTERS_MIN = 4
VOWELS = "aeiouyæøå"


@dataclass(frozen=True, slots=True)
class Grammar:
    """The small words around a thing: definite endings, what is never a thing, articles, "that"."""

    definite: tuple[str, ...]
    never: frozenset[str]
    articles: frozenset[str]
    relatives: frozenset[str]


class Things:
    """Answers whether a word is a thing, and whether it stands in the definite form."""

    def __init__(
        self,
        *,
        heads: Iterable[str],
        whole: frozenset[str],
        endings: tuple[str, ...],
        grammar: Grammar,
    ) -> None:
        """Compile; a head in -e loses it before a vowel; `whole` heads make no compounds."""
        self.grammar = grammar
        self._whole: set[str] = set()
        self._tails: set[str] = set()
        for head in heads:
            forms = _forms(head, endings)
            self._whole |= forms
            if len(head) >= TAIL_LETTERS_MIN and head not in whole:
                self._tails |= forms
        self._shortest = min(map(len, self._tails), default=0)
        self.is_thing = Kept(self._is_thing).__getitem__

    def may_be(self, word: str) -> bool:
        """Not a word that is never a thing."""
        return len(word) > 1 and word.isalpha() and word not in self.grammar.never

    def is_definite(self, word: str) -> bool:
        """Whether the word stands in the definite form ("kaffitraktaren")."""
        return bool(self.grammar.definite) and word.endswith(self.grammar.definite)

    def _is_thing(self, word: str) -> bool:
        if word in self.grammar.never:
            return False
        if word in self._whole:
            return True
        if word.rpartition("-")[2] in self._whole:
            return True
        tails = range(STEM_LETTERS_MIN, len(word) - self._shortest + 1)
        return any(word[at:] in self._tails for at in tails)


def _forms(head: str, endings: tuple[str, ...]) -> set[str]:
    forms = {head + ending for ending in endings}
    if head.endswith("e"):
        forms |= {head[:-1] + ending for ending in endings if ending and ending[0] in VOWELS}
    return forms
