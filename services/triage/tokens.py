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
        return " ".join(self.raw[self.starts[first] : self.ends[past - 1]].split())

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
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for piece in _PIECE.finditer(raw):
        shown = piece.group()
        word = shown.casefold().replace("’", "'") if shown[0].isalnum() else END
        if word in months and len(words) > 1 and words[-1] == END and words[-2].isdigit():
            for kept in (words, starts, ends):
                kept.pop()
        words.append(word)
        starts.append(piece.start())
        ends.append(piece.end())
    return Tokens(raw=raw, words=tuple(words), starts=tuple(starts), ends=tuple(ends))
