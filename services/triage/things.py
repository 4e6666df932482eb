"""Which words name a thing one can buy or use: compiled from the heads of the word lists.

"kaffitraktaren", "vinterdress" and "lønnssystemet" end in a head we know, with an ending.
"""

from collections.abc import Iterable
from functools import lru_cache

WORDS_KEPT_MAX = 32_768
# A compound has so much before its head, and its head is no shorter than so ("stol").
STEM_LETTERS_MIN = 3
TAIL_LETTERS_MIN = 4
VOWELS = "aeiouyæøå"


class Things:
    """Answers whether a word is a thing, and whether it stands in the definite form."""

    def __init__(
        self,
        *,
        heads: Iterable[str],
        endings: Iterable[str],
        definite: Iterable[str],
        never: frozenset[str],
        whole: frozenset[str] = frozenset(),
    ) -> None:
        """Compile; a head that ends in -e loses it before a vowel; `whole` heads make no compounds."""
        endings = tuple(endings)
        self._whole: set[str] = set()
        self._tails: set[str] = set()
        for head in heads:
            forms = _forms(head, endings)
            self._whole |= forms
            if len(head) >= TAIL_LETTERS_MIN and head not in whole:
                self._tails |= forms
        self._shortest = min(map(len, self._tails), default=0)
        self._definite = tuple(definite)
        self._never = never
        self.is_thing = lru_cache(maxsize=WORDS_KEPT_MAX)(self._is_thing)

    def may_be(self, word: str) -> bool:
        """Not a word that is never a thing."""
        return len(word) > 1 and word.isalpha() and word not in self._never

    def is_definite(self, word: str) -> bool:
        """Whether the word stands in the definite form ("kaffitraktaren")."""
        return word.endswith(self._definite) if self._definite else False

    def _is_thing(self, word: str) -> bool:
        if word in self._never:
            return False
        if word in self._whole:
            return True
        tails = range(STEM_LETTERS_MIN, len(word) - self._shortest + 1)
        return any(word[at:] in self._tails for at in tails)


def _forms(head: str, endings: tuple[str, ...]) -> set[str]:
    forms = {head + ending for ending in endings}
    if head.endswith("e"):
        forms |= {head[:-1] + ending for ending in endings if ending[:1] in VOWELS and ending}
    return forms
