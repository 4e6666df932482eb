"""Remedy sought, and the sum named with it."""

from typing import NamedTuple

from services.triage.model import Reading, Sum, Words
from services.triage.policy import TriagePolicy
from services.triage.tokens import Span
from shared.contracts.money import Money
from shared.contracts.triaged import Kind, Remedy

_PAID_IN_MONEY = ("remedy.refund", "remedy.compensation", "remedy.reduction")


class RemedyRead(NamedTuple):
    """What is sought, the sum claimed, and the words that told."""

    sought: Remedy
    claimed: Money | None
    evidence: Words


def remedy_of(reading: Reading, kind: Kind, *, policy: TriagePolicy) -> RemedyRead:
    """The weightiest remedy named (the policy's order); a withdrawal seeks its money back.

    Only a complaint seeks one: a question about refunds asks for no refund.
    """
    if kind != "complaint":
        return RemedyRead("unknown", None, ())
    sought: Remedy = next(
        (r for r in policy.rules.remedies if reading.has(f"remedy.{r}")), "unknown"
    )
    labels = [f"remedy.{sought}"]
    if sought in {"unknown", "explanation"} and reading.has("remedy.reduction", "regret"):
        sought, labels = "refund", ["remedy.reduction", "regret"]
    wanted = None if sought in {"compensation", "refund"} else _wanted_back(reading)
    if wanted is not None:
        return RemedyRead("refund", wanted.money, (wanted.said,))
    return RemedyRead(sought, _claimed(reading), reading.words(*labels))


def _wanted_back(reading: Reading) -> Sum | None:
    """A sum in a sentence that wants something back: "I would like the 149 kr for express back"."""
    for one in reading.sums:
        sentence = reading.tokens.sentence(one.first)
        if reading.has_in(sentence, "want") and reading.has_in(sentence, "back"):
            return one
    return None


def _claimed(reading: Reading) -> Money | None:
    """The sum in the words that ask for money or tell of an overcharge, else one beside them."""
    asked = reading.found(*_PAID_IN_MONEY, "overpaid")
    for hit in asked:
        for one in reading.sums:
            if one.first < hit[1] and hit[0] < one.past:
                return one.money
    for hit in asked:
        if (near := _nearest(reading, hit)) is not None:
            return near
    # "I had to take a taxi for 800 kroner. Will you cover it?"
    covered = reading.has("remedy.compensation") and len(reading.sums) == 1
    return reading.sums[0].money if covered else None


def _nearest(reading: Reading, hit: Span) -> Money | None:
    first, past = reading.tokens.sentence(hit[0])
    inside = [one for one in reading.sums if first <= one.first < past]
    return min(inside, key=lambda one: _distance(one, hit)).money if inside else None


def _distance(one: Sum, hit: Span) -> int:
    return min(abs(one.first - hit[1]), abs(one.past - hit[0]))
