"""Repetition: how many contacts the text tells of, and being passed around."""

from typing import NamedTuple

from services.triage.model import Reading, Words
from services.triage.policy import TriagePolicy
from services.triage.tokens import Span

_SECOND, _THIRD = 2, 3


class RepetitionRead(NamedTuple):
    """The contacts the text tells of (1 when it tells none), and whether it was passed around."""

    contact: int
    passed_around: bool
    evidence: Words


def repetition_of(reading: Reading, policy: TriagePolicy) -> RepetitionRead:
    """What the complainant tells is taken as true; "called you two times" tells of two."""
    told = [
        min(_THIRD, _count(reading, hit, policy=policy)) for hit in reading.found("contact.third")
    ]
    told += [_SECOND] if reading.has("contact.second") else []
    return RepetitionRead(
        contact=max(told, default=1),
        passed_around=reading.has("passed_around"),
        evidence=reading.words("contact.third", "contact.second", "passed_around"),
    )


def _count(reading: Reading, hit: Span, *, policy: TriagePolicy) -> int:
    """The number told in these words; where none is told, they speak of a third contact."""
    numbers = policy.rules.numbers
    words = reading.tokens.words[slice(*hit)]
    return numbers.value(word for word in words if numbers.counts(word)) or _THIRD
