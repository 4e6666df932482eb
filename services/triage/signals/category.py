"""Category and matters: what the complaint is about, weightiest first."""

from collections.abc import Mapping
from typing import NamedTuple

from services.triage.model import Reading, Words
from services.triage.policy import TriagePolicy
from services.triage.signals.flags import Flags

# A matter said many times over is not many matters.
FINDS_MAX = 2
TOPIC = "topic."
OTHER = "other"
PRODUCT = "product"


class CategoryRead(NamedTuple):
    """The matters, the first of which is the category, and the words that told."""

    matters: tuple[str, ...]
    # What it came of, as far as the words tell: "delay", "fault", "fire".
    cause: str | None
    evidence: Words

    @property
    def category(self) -> str:
        """What it is about first of all."""
        return self.matters[0]


def category_of(reading: Reading, flags: Flags, *, policy: TriagePolicy) -> CategoryRead:
    """Safety and privacy come before all; else the most points, ties in the policy's order."""
    points = _points(reading, policy.rules.categories)
    order = reading.complaint.order
    bonuses = policy.rules.order_kinds.get((order and order.kind) or "", {})
    for category, bonus in bonuses.items() if any(points.values()) else ():
        points[category] += bonus
    ranked = sorted((c for c in points if points[c]), key=lambda c: -points[c])
    if flags.privacy:
        ranked = ["privacy", *(c for c in ranked if c != "privacy")]
    if flags.safety:
        ranked = ["safety", *(c for c in ranked if c != "safety")]
    if not ranked:
        ranked = [_presumed(reading)]
    labels = policy.rules.categories.get(ranked[0], {})
    return CategoryRead(tuple(ranked), _cause(reading, labels), reading.words(*labels))


def _points(reading: Reading, made_of: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """What each category's finds are worth together."""
    hits = reading.hits
    return {
        category: sum(
            [
                worth * min(len(hits[label]), FINDS_MAX)
                for label, worth in labels.items()
                if label in hits
            ]
        )
        for category, labels in made_of.items()
    }


def _cause(reading: Reading, labels: Mapping[str, float]) -> str | None:
    """The find that weighs most in the category; what is only its topic is no cause."""
    found = [label for label in labels if reading.has(label) and not label.startswith(TOPIC)]
    most = max(found, key=labels.__getitem__, default=None)
    return most.partition(".")[2] or most if most else None


def _presumed(reading: Reading) -> str:
    """Something bought that is complained of, with no word we know: the thing itself."""
    order = reading.complaint.order
    bought = reading.has("bought") or (order is not None and order.kind in {"goods", None})
    return PRODUCT if bought else OTHER
