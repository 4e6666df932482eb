"""One language of the policy: its word lists, its names of things, and how it is misspelt."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from services.triage.what_counts import Part

# Shorter words are small ones, whose endings tell ("ho", "de").
ENDING_LETTERS_MIN = 5
Points = Annotated[float, Field(ge=0, le=100)]


class Language(Part):
    """One language's word lists; `cues` by label, phrases in the matcher's notation."""

    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    function_words: dict[str, Points]
    heads: tuple[str, ...]
    # Heads that are things only when they stand alone: "ring" is in every "-ring".
    whole_heads: tuple[str, ...] = ()
    endings: tuple[str, ...]
    definite: tuple[str, ...] = ()
    not_things: tuple[str, ...]
    articles: tuple[str, ...] = ()
    relatives: tuple[str, ...] = ()
    # What `#` stands for in this language's lists only: "fire" is a number, and a fire.
    numbers: tuple[str, ...] = ()
    # Words of their own that are one slip away from a word of the lists ("diving", "driving").
    right_as_written: tuple[str, ...] = ()
    # What is often misspelt beyond a slip, by the word that is meant.
    misspelt: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    # Endings that leave a listed word the same: nynorsk has "gjere" and "gjera".
    endings_alike: dict[str, str] = Field(default_factory=dict)
    cues: dict[str, tuple[str, ...]]

    @property
    def lists(self) -> dict[str, list[str]]:
        """The phrases by label, numbers and endings of this language among what they stand for."""
        return {
            label: [" ".join(map(self._written, phrase.split(" "))) for phrase in phrases]
            for label, phrases in self.cues.items()
        }

    def _written(self, element: str) -> str:
        """An element of a phrase in every way that this language writes it."""
        ways = [element.replace("#", "|".join(("#", *self.numbers)))]
        for ending, other in self.endings_alike.items():
            words = element.split("|")
            ways += [w.removesuffix(ending) + other for w in words if _ends(w, ending)]
        return "|".join(dict.fromkeys(ways))

    @property
    def slips(self) -> dict[str, str]:
        """What is often misspelt, each with the word that is meant."""
        return {slip: meant for meant, slips in self.misspelt.items() for slip in slips}

    @property
    def words(self) -> Iterator[str]:
        """Words that are right as they stand, beside those of `cues`."""
        for words in (self.heads, self.whole_heads, self.not_things, self.months, self.weekdays):
            yield from words
        yield from self.right_as_written


def _ends(word: str, ending: str) -> bool:
    """Whether a whole word that is not small ends so."""
    return len(word) >= ENDING_LETTERS_MIN and word.endswith(ending) and word.isalpha()
