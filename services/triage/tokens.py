"""A message as words: read once, with where each stands in the text as it was written.

Case is folded here and nowhere else, so that capitals can touch nothing but arousal.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

# A word (with inner apostrophes and hyphens), the end of a sentence, or an empty line.
_PIECE = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*|[.!?;…]+(?=[\s\"'»”)]|$)|\n\s*?\n")
END = ""


@dataclass(frozen=True, slots=True)
class Tokens:
    """`words[i]` stands at `raw[starts[i]:ends[i]]`; an empty word ends a sentence."""

    raw: str
    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def said(self, first: int, past: int) -> str:
        """The text of words `first` up to `past`, as written, on one line."""
        text = self.raw[self.starts[first] : self.ends[past - 1]]
        return text if text.isalnum() else " ".join(text.split())

    def sentence(self, index: int) -> tuple[int, int]:
        """The first word of the sentence that word `index` stands in, and one past its last."""
        first = past = index
        while first > 0 and self.words[first - 1] != END:
            first -= 1
        while past < len(self.words) and self.words[past] != END:
            past += 1
        return first, past

    def sentences(self) -> tuple[tuple[int, int], ...]:
        """Every sentence: its first word, and one past its last."""
        edges = [-1, *(i for i, word in enumerate(self.words) if word == END), len(self.words)]
        return tuple((a + 1, b) for a, b in pairwise(edges) if b > a + 1)

    def asks(self, span: tuple[int, int]) -> bool:
        """Whether a sentence ends in a question mark."""
        past = span[1]
        return past < len(self.words) and "?" in self.raw[self.starts[past] : self.ends[past]]

    def index_at(self, offset: int) -> int:
        """The word that stands at or after a place in the text."""
        low, high = 0, len(self.ends)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self.ends[middle] <= offset else (low, middle)
        return min(low, max(len(self.words) - 1, 0))


def tokens_of(raw: str, months: frozenset[str]) -> Tokens:
    """The words of a text. The full stop of a date ("5. november") ends no sentence."""
    folded = _folded(raw)
    spans = [piece.span() for piece in _PIECE.finditer(raw)]
    if len(folded) == len(raw):
        words = [folded[a:b] if raw[a].isalnum() else END for a, b in spans]
    else:  # folding has lengthened a letter (ß), and places have shifted
        words = [_folded(raw[a:b]) if raw[a].isalnum() else END for a, b in spans]
    if not months.isdisjoint(words):
        stops = _stops_in_dates(words, months)
        words = [word for at, word in enumerate(words) if at not in stops]
        spans = [span for at, span in enumerate(spans) if at not in stops]
    starts, ends = zip(*spans, strict=True) if spans else ((), ())
    return Tokens(raw=raw, words=tuple(words), starts=starts, ends=ends)


def _stops_in_dates(words: list[str], months: frozenset[str]) -> set[int]:
    """The full stops between a day and its month."""
    return {
        at - 1
        for at, word in enumerate(words)
        if word in months and at > 1 and words[at - 1] == END and words[at - 2].isdigit()
    }


def _folded(text: str) -> str:
    return text.casefold().replace("’", "'")
