"""A message as words: read once, with where each stands in the text as it was written.

Case is folded here and nowhere else, so that capitals can touch nothing but arousal.
"""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise

from services.triage.kept import Kept

_EMOJI = "[☀-➿\\uFE0F\\U0001F300-\\U0001FAFF]"
# A word (with inner apostrophes and hyphens), the end of a sentence, or an empty line.
_PIECE = re.compile(
    r"[^\W_]+(?:['’\-][^\W_]+)*|[.!?;…]+(?=[\s\"'»”)]|$)"
    # An emoji before a new sentence ends the old one.
    rf"|{_EMOJI}+(?=\s+[A-ZÆØÅ])|\n\s*?\n"
)
# A space that no piece reaches over: one after a blank or an emoji may be in one, or tell of one.
_BREAK = re.compile("(?<![\\s☀-\\U0001FAFF]) ")
END = ""
# Words of a text: the first, and one past the last.
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Tokens:
    """`words[i]` stands at `raw[starts[i]:ends[i]]`; an empty word, at `stops`, ends a sentence."""

    raw: str
    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    stops: tuple[int, ...]

    def said(self, first: int, past: int) -> str:
        """The text of words `first` up to `past`, as written, on one line."""
        text = self.raw[self.starts[first] : self.ends[past - 1]]
        return text if text.isalnum() else " ".join(text.split())

    def sentence(self, index: int) -> Span:
        """The first word of the sentence that word `index` stands in, and one past its last."""
        stops, at = self.stops, bisect_left(self.stops, index)
        past = stops[at] if at < len(stops) else len(self.words)
        return (stops[at - 1] + 1 if at else 0), past

    def sentences(self) -> tuple[Span, ...]:
        """Every sentence: its first word, and one past its last."""
        edges = [-1, *self.stops, len(self.words)]
        return tuple((a + 1, b) for a, b in pairwise(edges) if b > a + 1)

    def asks(self, span: Span) -> bool:
        """Whether a sentence ends in a question mark."""
        past = span[1]
        return past < len(self.words) and "?" in self.raw[self.starts[past] : self.ends[past]]

    def index_at(self, offset: int) -> int:
        """The word that stands at or after a place in the text."""
        return min(bisect_right(self.ends, offset), max(len(self.words) - 1, 0))

    def count(self) -> int:
        """How many words there are, without the ends of sentences."""
        return len(self.words) - len(self.stops)


def begins_in(hit: Span, span: Span) -> bool:
    """Whether words begin between these words, the second not among them."""
    return span[0] <= hit[0] < span[1]


def _word_of(piece: str) -> str:
    """In small letters, with one kind of apostrophe; empty for what ends a sentence."""
    return piece.casefold().replace("’", "'") if piece[0].isalnum() else END


def _words_of(part: str) -> tuple[tuple[str, int, int], ...]:
    """The words of what stands between spaces, each with its start and end: "(ja!)" has two."""
    return tuple((_word_of(one[0]), *one.span()) for one in _PIECE.finditer(part))


# What stands between spaces repeats itself as words do, commas and all.
_words = Kept(_words_of).__getitem__


def tokens_of(raw: str, months: frozenset[str]) -> Tokens:
    """The words of a text. The full stop of a date ("5. november") ends no sentence."""
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for part in _BREAK.split(raw):
        for word, start, end in _words(part):
            words.append(word)
            starts.append(at + start)
            ends.append(at + end)
        at += len(part) + 1
    if not months.isdisjoint(words):
        dated = _stops_in_dates(words, months)
        kept = [at for at in range(len(words)) if at not in dated]
        words = [words[at] for at in kept]
        starts, ends = [starts[at] for at in kept], [ends[at] for at in kept]
    stops = tuple([at for at, word in enumerate(words) if not word])
    return Tokens(raw, tuple(words), tuple(starts), tuple(ends), stops)


def _stops_in_dates(words: list[str], months: frozenset[str]) -> set[int]:
    """The full stops between a day and its month."""
    return {
        at - 1
        for at, word in enumerate(words)
        if word in months and at > 1 and words[at - 1] == END and words[at - 2].isdigit()
    }
