"""Necessity, alternatives, a deadline within days, and a stop that hits many."""

from datetime import timedelta
from typing import NamedTuple

from services.triage.model import Reading, Words
from services.triage.policy import TriagePolicy
from services.triage.signals.facts import dates_in
from services.triage.tokens import begins_in
from shared.contracts.triaged import Necessity

CROWD_WORDS_BEFORE = 1


class NecessityRead(NamedTuple):
    """What hangs on it; `deadline` and `crowd` are the words of a deadline, of the many hit."""

    necessity: Necessity
    alternatives: bool
    deadline: Words
    crowd: Words
    evidence: Words


def necessity_of(reading: Reading, policy: TriagePolicy) -> NecessityRead:
    """Work, health, money, home or a deadline make it need-to-have; a wish to return does not."""
    deadline = _deadline(reading, policy)
    crowd = _crowd(reading, policy)
    labels = reading.family("need.")
    needed = bool(labels or deadline or crowd) and not reading.has("regret")
    copes = reading.has("alternatives") and not reading.has("no_alternatives")
    return NecessityRead(
        necessity="need_to_have" if needed else "nice_to_have",
        alternatives=copes or (not needed and not reading.has("no_alternatives")),
        deadline=deadline,
        crowd=crowd,
        evidence=(*reading.words(*labels), *deadline)[:5],
    )


def _deadline(reading: Reading, policy: TriagePolicy) -> Words:
    """A deadline in a sentence that says when, within days; the writer's ultimatum is none."""
    tokens, near = reading.tokens, reading.found("soon")
    today, most = reading.at.date(), timedelta(days=policy.rules.severity.deadline_days)
    days = dates_in(reading, policy) if reading.has("deadline") else ()
    named = [(index, past) for index, past, day in days if today <= day <= today + most]
    for hit in reading.found("deadline"):
        sentence = tokens.sentence(hit[0])
        if reading.has_in(sentence, "ultimatum"):
            continue
        whens = [span for span in (*near, *named) if begins_in(span, sentence)]
        if whens:
            return (tokens.said(*hit), tokens.said(*whens[0]))
    return ()


def _crowd(reading: Reading, policy: TriagePolicy) -> Words:
    """The many who are hit: "alle butikkene", "60 ansatte"."""
    if said := reading.words("crowd.all"):
        return said
    least, numbers = policy.rules.severity.crowd_min, policy.rules.numbers
    for first, past in reading.found("crowd.number"):
        # The number may begin before the find: "two hundred guests".
        words = reading.tokens.words[max(0, first - CROWD_WORDS_BEFORE) : past]
        if numbers.value(word for word in words if numbers.counts(word)) >= least:
            return (reading.tokens.said(first, past),)
    return ()
