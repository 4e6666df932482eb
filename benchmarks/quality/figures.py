"""The figures: precision, recall, F1, AUC and calibration, in plain Python."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple


class Class(NamedTuple):
    """How one label was told: shares from 0 to 1, and how many there are of it."""

    label: str
    precision: float
    recall: float
    f1: float
    rows: int


def by_class(truth: Sequence[str], told: Sequence[str]) -> list[Class]:
    """Precision, recall and F1 of each label that the truth has."""
    pairs, owed, given = Counter(zip(truth, told, strict=True)), Counter(truth), Counter(told)
    return [
        _class(label, pairs[label, label], given=given[label], owed=owed[label])
        for label in sorted(owed)
    ]


def _class(label: str, right: int, *, given: int, owed: int) -> Class:
    precision = right / given if given else 0.0
    recall = right / owed
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return Class(label, precision, recall, f1, owed)


def macro_f1(truth: Sequence[str], told: Sequence[str], *, only: Sequence[str] = ()) -> float:
    """The mean F1 of the labels, or of those named."""
    classes = [c for c in by_class(truth, told) if not only or c.label in only]
    return sum(c.f1 for c in classes) / len(classes)


def auc(scores: Sequence[float], positive: Sequence[bool]) -> float:
    """The chance that a positive one scores above a negative one; a tie is half a chance."""
    ranked = sorted(zip(scores, positive, strict=True))
    below = higher = 0.0
    at = 0
    while at < len(ranked):
        past = at
        while past < len(ranked) and ranked[past][0] == ranked[at][0]:
            past += 1
        good = sum(is_positive for _, is_positive in ranked[at:past])
        bad = past - at - good
        higher += good * (below + bad / 2)
        below += bad
        at = past
    ups = len(ranked) - below
    return higher / (ups * below) if ups and below else 0.5


def calibration(sure: Sequence[float], right: Sequence[bool], *, bins: int = 10) -> float:
    """How far confidence and truth are apart: the mean over bins, weighted by their size."""
    kept: dict[int, list[tuple[float, bool]]] = {}
    for one, good in zip(sure, right, strict=True):
        kept.setdefault(min(int(one * bins), bins - 1), []).append((one, good))
    apart = (abs(sum(s for s, _ in each) - sum(g for _, g in each)) for each in kept.values())
    return sum(apart) / max(len(sure), 1)
