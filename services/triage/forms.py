"""What a single word tells of the written form: compiled from function words and endings."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from shared.contracts.contract import WrittenForm

WORDS_KEPT_MAX = 32_768


class Told(NamedTuple):
    """A word speaks for a form with so many points; `alone` when for no other of ours."""

    form: WrittenForm
    points: float
    alone: bool


class Forms:
    """Answers what a word tells."""

    def __init__(
        self,
        words: Mapping[WrittenForm, Mapping[str, float]],
        endings: Mapping[str, Mapping[WrittenForm, float]],
    ) -> None:
        """Compile the function words by form, and the endings ("-ane" speaks for nn)."""
        self._words: dict[str, tuple[Told, ...]] = {}
        spoken: dict[str, dict[WrittenForm, float]] = {}
        for form, listed in words.items():
            for word, points in listed.items():
                spoken.setdefault(word.casefold(), {})[form] = points
        for word, speaks in spoken.items():
            self._words[word] = _told(speaks)
        self._endings = {ending: _told(speaks) for ending, speaks in endings.items()}
        self._longest = max(map(len, self._endings), default=0)
        self.told = lru_cache(maxsize=WORDS_KEPT_MAX)(self._of)

    def _of(self, word: str) -> tuple[Told, ...]:
        if word in self._words:
            return self._words[word]
        # An ending counts only on a word that has a stem before it.
        for size in range(min(self._longest, len(word) - 3), 0, -1):
            if word[-size:] in self._endings:
                return self._endings[word[-size:]]
        return ()


def _told(speaks: Mapping[WrittenForm, float]) -> tuple[Told, ...]:
    return tuple(Told(form, points, len(speaks) == 1) for form, points in speaks.items())
