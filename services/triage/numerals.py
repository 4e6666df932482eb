"""Numbers in words: "fem hundre", "two hundred and fifty"."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

THOUSAND = 1_000
# More digits than any count of people; what is longer is an order number.
DIGITS_MAX = 9


class Numbers(BaseModel):
    """Numbers in words; powers multiply what stands before them; joints may stand between."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: dict[str, int]
    powers: dict[str, int]
    joints: tuple[str, ...]
    # As often something else: no numbers by themselves, unless a language says so of its own.
    not_alone: tuple[str, ...]

    @property
    def alone(self) -> tuple[str, ...]:
        """The words that are a number wherever they stand."""
        words = (word for word in self.words if word not in self.not_alone)
        return (*words, *self.powers)

    def read(self, word: str) -> bool:
        """Whether a word may be part of a number."""
        return word in self.words or word in self.powers or word in self.joints

    def counts(self, word: str) -> bool:
        """Whether a word may be part of a number, in words or in digits."""
        return word.isdigit() or self.read(word)

    def value(self, words: Iterable[str]) -> int:
        """Two hundred and fifty: 250. Digits count as they are; 0 when there is no number."""
        total = part = 0
        for word in words:
            power = self.powers.get(word)
            if power is None:
                part += int(word[:DIGITS_MAX]) if word.isdigit() else self.words.get(word, 0)
            elif power < THOUSAND:
                part = max(part, 1) * power
            else:
                total, part = total + max(part, 1) * power, 0
        return total + part
