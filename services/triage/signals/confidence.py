"""Confidence: how much speaks for the reading, honestly and simply; and who must see it."""

from typing import NamedTuple

from services.triage.model import Reading
from services.triage.policy import TriagePolicy
from services.triage.signals.category import OTHER, CategoryRead
from services.triage.signals.kind import KindRead


class Support(NamedTuple):
    """What speaks for the reading, and what against it."""

    kind: KindRead
    category: CategoryRead
    remedy_known: bool
    contradicted: bool


def confidence_of(reading: Reading, support: Support, *, policy: TriagePolicy) -> float:
    """From 0 to 1: points for clear signals, fewer for a short text or a contradiction."""
    rules = policy.rules.confidence
    sure = rules.start + rules.kind * support.kind.clear + rules.form * reading.form.confidence
    told = bool(support.category.evidence) and support.category.category != OTHER
    simple = support.kind.kind in {"praise", "question", "request"}
    sure += rules.category if told or simple else 0
    sure += rules.remedy if support.remedy_known or simple else 0
    sure += rules.detail if reading.sums or reading.complaint.order else 0
    sure -= rules.short if reading.tokens.count() < rules.short_words else 0
    sure -= rules.contradiction if support.contradicted else 0
    return round(min(max(sure, 0.0), rules.best), 2)
