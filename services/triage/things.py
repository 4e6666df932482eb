"""Which words name a thing one can buy or use: compiled from the heads of the word lists.

"kaffitraktaren", "vinterdress" and "lønnssystemet" end in a head we know, with an ending.
"""

from collections.abc import Iterable
from functools import lru_cache

WORDS_KEPT_MAX = 32_768


class Things:
    """Answers whether a word is a thing, and whether it stands in the definite form."""

    def __init__(
        self,
        *,
        heads: Iterable[str],
        endings: Iterable[str],
        definite: Iterable[str],
        never: frozenset[str],
    ) -> None:
        """Compile; a head that ends in -e loses it before an ending."""
        endings = tuple(endings)
        self._forms = {
            stem + ending
            for head in heads
            for stem in (head, head.removesuffix("e"))
            for ending in (*endings, head[len(stem) :])
        }
        self._shortest = min(map(len, self._forms), default=0)
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
        return any(word[at:] in self._forms for at in range(len(word) - self._shortest + 1))
