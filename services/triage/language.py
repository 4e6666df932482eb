"""One language of the policy: its word lists, its names of things, and how it is misspelt."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from services.triage.what_counts import Part

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
    cues: dict[str, tuple[str, ...]]

    @property
    def lists(self) -> dict[str, list[str]]:
        """The phrases by label, this language's own numbers among what `#` stands for."""
        number = "|".join(("#", *self.numbers))
        return {
            label: [phrase.replace("#", number) for phrase in phrases]
            for label, phrases in self.cues.items()
        }

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
