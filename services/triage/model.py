"""What the signals hand to each other: small frozen values, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.triage.tokens import Span, Tokens, begins_in
from shared.contracts.contract import WrittenForm
from shared.contracts.money import Money
from shared.contracts.registered import ComplaintRegistered

# The words that fired something, as the writer wrote them.
Words = tuple[str, ...]
# At most so many words are kept for one reason: enough to see why, and a bounded record.
EVIDENCE_MAX = 5


@dataclass(frozen=True, slots=True)
class Form:
    """The written form, how sure (0 to 1), and the words that told."""

    written: WrittenForm
    confidence: float
    evidence: Words = ()


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum of money named in the text: words `first` up to `past`, as written in `said`."""

    money: Money
    first: int
    past: int
    said: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A complaint as all signals see it: its words, what was found in them, and what is known.

    `raw` is the subject and the text without quoted mail; `hits` by label of the word lists.
    """

    complaint: ComplaintRegistered
    at: datetime
    tokens: Tokens
    hits: Mapping[str, list[Span]]
    form: Form
    sums: tuple[Sum, ...] = ()
    emoji: Words = ()
    families: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def has(self, *labels: str) -> bool:
        """Whether any of these labels was found."""
        return not self.hits.keys().isdisjoint(labels)

    def has_in(self, span: Span, *labels: str) -> bool:
        """Whether any of these labels was found between two words, as a sentence's."""
        return any(begins_in(hit, span) for hit in self.found(*labels))

    def found(self, *labels: str) -> tuple[Span, ...]:
        """The finds of these labels, in the order given."""
        hits = self.hits
        return tuple([hit for label in labels if label in hits for hit in hits[label]])

    def words(self, *labels: str) -> Words:
        """The words that fired these labels, each once, as written."""
        hits, said = self.hits, self.tokens.said
        found = [said(*hit) for label in labels if label in hits for hit in hits[label]]
        return tuple(dict.fromkeys(found))[:EVIDENCE_MAX] if found else ()

    def family(self, prefix: str) -> tuple[str, ...]:
        """The labels found that begin so ("safety."), in order."""
        return self.families.get(prefix, ())
