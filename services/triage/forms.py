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


Speaks = tuple[Told, ...]


class Forms:
    """Answers what a word tells."""

    def __init__(
        self,
        words: Mapping[WrittenForm, Mapping[str, float]],
        *,
        endings: Mapping[str, Mapping[WrittenForm, float]],
        beginnings: Mapping[str, Mapping[WrittenForm, float]],
        parts: Mapping[str, float],
    ) -> None:
        """Compile function words by form, endings (-ane), beginnings (kv-), strange parts."""
        self._words: dict[str, Speaks] = {}
        spoken: dict[str, dict[WrittenForm, float]] = {}
        for form, listed in words.items():
            for word, points in listed.items():
                spoken.setdefault(word.casefold(), {})[form] = points
        for word, speaks in spoken.items():
            self._words[word] = _told(speaks)
        self._endings: dict[str, Speaks] = {
            ending: _told(speaks) for ending, speaks in endings.items()
        }
        self._beginnings: dict[str, Speaks] = {
            start: _told(speaks) for start, speaks in beginnings.items()
        }
        self._parts: dict[str, Speaks] = {
            part: _told({"other": points}) for part, points in parts.items()
        }
        self._longest = max(map(len, self._endings), default=0)
        self.told = lru_cache(maxsize=WORDS_KEPT_MAX)(self._of)

    def _of(self, word: str) -> Speaks:
        if word in self._words:
            return self._words[word]
        for part, told in self._parts.items():
            if part in word:
                return told
        for start, told in self._beginnings.items():
            if word.startswith(start) and len(word) > len(start) + 1:
                return told
        # An ending counts only on a word that has a stem before it.
        for size in range(min(self._longest, len(word) - 3), 0, -1):
            if word[-size:] in self._endings:
                return self._endings[word[-size:]]
        return ()


def _told(speaks: Mapping[WrittenForm, float]) -> Speaks:
    return tuple(Told(form, points, len(speaks) == 1) for form, points in speaks.items())
