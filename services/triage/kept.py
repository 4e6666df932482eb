"""Answers that are worked out once and kept: language repeats itself.

A plain table is asked, so that a word that was seen costs one look-up. Bounded, so that memory
stays flat: what is in use outlives what is not.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

# So many words of a table are kept at most: what a worker sees in hours.
WORDS_KEPT_MAX = 32_768
# Nobody writes a longer word twice, and a message may be one word.
LENGTH_KEPT_MAX = 64


class Sized(Protocol):
    """A word, or several."""

    def __len__(self) -> int:
        """Letters, or words."""

    def __hash__(self) -> int:
        """It is looked up."""


K = TypeVar("K", bound=Sized)
V = TypeVar("V")


class Kept(dict[K, V]):
    """`kept[key]` is `answer(key)`. When half of `most` is new, what was not asked for is lost."""

    def __init__(self, answer: Callable[[K], V], most: int = WORDS_KEPT_MAX) -> None:
        """Nothing is known yet."""
        super().__init__()
        self.most = most
        self._answer = answer
        self._earlier: dict[K, V] = {}

    def __missing__(self, key: K) -> V:
        """Ask among those of before; work it out where nobody knows."""
        if len(key) > LENGTH_KEPT_MAX:
            return self._answer(key)
        if len(self) >= self.most // 2:
            self._earlier = dict(self)
            self.clear()
        known = key in self._earlier
        value = self[key] = self._earlier[key] if known else self._answer(key)
        return value

    def kept(self) -> int:
        """How many answers are kept."""
        return len(self) + len(self._earlier)
