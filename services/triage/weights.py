"""Weights that were fitted on open data: what each part of a word speaks for, and how much.

A text's points are the sum over its words, a word's the sum over its parts, so each word can be
shown with what it told. The files in `deploy/policy/weights` name their sources, licences and the
script that made them.
"""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from services.triage.kept import Kept

# Between the two words of a part that is a pair.
JOINT = " "
# A weight is one character: so many units above or below that of this code.
NOUGHT = 80
UNITS_MAX = 45
# Room for the parts of a word that is as long as a message.
LANE_BITS = 32
FULL_LANE = (1 << LANE_BITS) - 1
Points = tuple[float, ...]


class Weights(BaseModel):
    """A fitted table: `parts` of words → one character a class; a unit is so many points."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    made_by: str
    sources: tuple[str, ...]
    licence: str
    classes: tuple[str, ...]
    unit: float
    # Parts of so many letters, the ends of the word marked; none: whole words only. A part with a
    # space in it is two words that follow each other.
    letters: tuple[int, ...]
    start: tuple[float, ...]
    parts: dict[str, str]


class Scorer:
    """Answers what a word speaks for: points by class, in the order of `classes`."""

    def __init__(self, weights: Weights, *, words_only: bool = False) -> None:
        """Keep the table; a word is looked up once. `words_only`: numbers and marks say nothing."""
        self.classes = weights.classes
        self.start = weights.start
        self.nothing: Points = (0.0,) * len(weights.classes)
        self._letters, self._unit = weights.letters, weights.unit
        self._words_only = words_only
        # A row as one number with a lane for each class, so that rows are added up at once.
        self._table = {part: _lanes(row) for part, row in weights.parts.items()}
        self._places = range(0, LANE_BITS * len(weights.classes), LANE_BITS)
        self.of = Kept(self._of).__getitem__
        self.pairs = {
            (first, then): tuple(weights.unit * (one - NOUGHT) for one in row.encode("ascii"))
            for part, row in weights.parts.items()
            for first, joint, then in [part.partition(JOINT)]
            if joint
        }

    def _of(self, word: str) -> Points:
        if self._words_only and not (word.isalpha() or "-" in word):
            return self.nothing
        found = [*filter(None, map(self._table.get, parts_of(word, self._letters)))]
        if not found:
            return self.nothing
        total, away, unit = sum(found), NOUGHT * len(found), self._unit
        return tuple([unit * ((total >> place & FULL_LANE) - away) for place in self._places])


def _lanes(row: str) -> int:
    """The first class in the lowest bits."""
    return int.from_bytes(row.encode("utf-32-le"), "little")


def parts_of(word: str, letters: tuple[int, ...]) -> list[str]:
    """The whole word (`=ikkje`), and its runs of letters with its ends marked (`<ik`, `kje>`)."""
    marked = f"<{word}>"
    ends = len(marked) + 1
    return ["=" + word, *(marked[i : i + n] for n in letters for i in range(ends - n))]


def packed(points: Mapping[str, Points], unit: float) -> dict[str, str]:
    """A table of points as the file holds it; parts that say nothing are left out."""
    rows = {part: tuple(_units(one, unit) for one in told) for part, told in points.items()}
    kept = sorted(part for part, told in rows.items() if any(told))
    return {part: "".join(chr(NOUGHT + one) for one in rows[part]) for part in kept}


def _units(points: float, unit: float) -> int:
    return max(-UNITS_MAX, min(UNITS_MAX, round(points / unit)))
