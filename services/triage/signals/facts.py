"""Facts: what an acknowledgement can repeat of this very complaint, in the writer's own words."""

import re
from collections.abc import Iterator
from datetime import date

from services.triage.model import Reading
from services.triage.policy import TriagePolicy
from services.triage.signals.thing import thing_in
from services.triage.tokens import Span
from shared.contracts.contract import LINE_CHARS_MAX
from shared.contracts.triaged import Fact

FACTS_MAX = 8
DATES_MAX = 3
SUMS_MAX = 3
# It begins with a letter, so that a search is quick; what may not stand before that is asked next.
_REFERENCE = re.compile(r"[A-Z](?<![\w-].)[A-Z]{0,3}-\d{2,12}(?![\w-])")
_DAY = re.compile(r"(0?[1-9]|[12][0-9]|3[01])(?:th|st|nd|rd)?")
# A date without a year is the nearest one, at most half a year ahead.
_AHEAD_DAYS_MAX = 183
# How many there are counts as a number of times: "60 ansatte".
_LABELS = {
    "fact.times": "times",
    "fact.waited": "waited",
    "fact.deadline": "deadline",
    "fact.count": "times",
    "fact.date": "date",
}


def facts_of(reading: Reading, policy: TriagePolicy, *, urgent: bool) -> tuple[Fact, ...]:
    """The facts, most telling first: thing, sums, dates, times, waiting, references.

    `urgent`: a deadline was found, so that its words are one.
    """
    tokens = reading.tokens
    dates = [tokens.said(first, past) for first, past, _ in dates_in(reading, policy)]
    found: list[tuple[str, str]] = []
    if thing := thing_in(reading, policy):
        found.append(("thing", thing))
    found += [("sum", one) for one in _first(one.said for one in reading.sums)[:SUMS_MAX]]
    found += [("date", one) for one in _first(iter(dates))[:DATES_MAX]]
    for label, kind in _LABELS.items():
        if label in reading.hits and (kind != "deadline" or urgent):
            found += [(kind, one) for one in _longest(reading, label)[:2]]
    found += [("reference", one) for one in references_in(reading)[:1]]
    once = _once(found)[:FACTS_MAX]
    return tuple(
        Fact.model_validate({"kind": kind, "words": words[:LINE_CHARS_MAX]}) for kind, words in once
    )


def dates_in(reading: Reading, policy: TriagePolicy) -> Iterator[tuple[int, int, date]]:
    """Each day named with its month: first word, one past the last, and the nearest such day."""
    words, months = reading.tokens.words, policy.months
    if months.keys().isdisjoint(words):
        return
    for index, word in enumerate(words):
        if word not in months:
            continue
        before, after = words[index - 1] if index else "", "".join(words[index + 1 : index + 2])
        if _day(before):
            first, past, day = index - 1, index + 1, _day(before)
        elif _day(after):
            first, past, day = index, index + 2, _day(after)
        else:
            continue
        if (nearest := _nearest(reading.at.date(), months[word], day=day)) is not None:
            yield first, past, nearest


def _day(word: str) -> int:
    """The day of the month that a word is; 0 for none."""
    day = _DAY.fullmatch(word)
    return int(day.group(1)) if day else 0


def _nearest(today: date, month: int, *, day: int) -> date | None:
    for year in (today.year + 1, today.year, today.year - 1):
        try:
            named = date(year, month, day)
        except ValueError:
            continue
        if (named - today).days <= _AHEAD_DAYS_MAX:
            return named
    return None


def _longest(reading: Reading, label: str) -> list[str]:
    """The finds of a label, without those that lie inside another."""
    hits = reading.found(label)
    kept = [hit for hit in hits if not any(_inside(hit, other) for other in hits)]
    return _first(reading.tokens.said(*hit) for hit in kept)


def _inside(hit: Span, other: Span) -> bool:
    return hit != other and other[0] <= hit[0] and hit[1] <= other[1]


def references_in(reading: Reading) -> list[str]:
    """The order, invoice and case numbers that the text names; the order's own comes alone."""
    order = reading.complaint.order
    named = [order.id] if order and order.id and order.id in reading.tokens.raw else []
    return named or _first(iter(_REFERENCE.findall(reading.tokens.raw)))


def _first(words: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(words))


def _once(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each thing said once, however it was written."""
    return list({words.casefold(): (kind, words) for kind, words in reversed(found)}.values())[::-1]
