"""Repetition: how many contacts the text tells of, and being passed around."""

from typing import NamedTuple

from services.triage.model import Reading, Words

_CONTACTS = {"contact.second": 2, "contact.third": 3}


class RepetitionRead(NamedTuple):
    """The contacts the text tells of (1 when it tells none), and whether it was passed around."""

    contact: int
    passed_around: bool
    evidence: Words


def repetition_of(reading: Reading) -> RepetitionRead:
    """What the complainant tells is taken as true."""
    told = [count for label, count in _CONTACTS.items() if reading.has(label)]
    return RepetitionRead(
        contact=max(told, default=1),
        passed_around=reading.has("passed_around"),
        evidence=reading.words("contact.third", "contact.second", "passed_around"),
    )
