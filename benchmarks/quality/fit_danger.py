"""Fits `deploy/policy/weights/danger.json`: in what words danger is told, where no rule hears it.

A logistic regression over runs of letters, so that a word nobody listed tells by its parts. It is
learnt from our own lines of danger and of what only sounds so, and from everyday texts of open
sets; never from the unseen halves. `python -m benchmarks.quality.fit_danger`; with `--judge` only
the folds.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from benchmarks.quality.fitting import data, folds, write
from benchmarks.quality.logistic import Example, Fitted, fitted
from benchmarks.quality.sets import ROOT, SEED, rows_of
from services.triage.policy import load
from services.triage.signals.unheard import scale
from services.triage.tokens import tokens_of
from services.triage.weights import Weights, packed, parts_of
from tests.quality.cases import every_case
from tests.quality.fresh import FORMS, MEANT
from tests.quality.fresh import lines as fresh_lines

CORE = ROOT / "tests" / "core"
# Everyday texts: how many to learn from; the rest says how many people would be called for nothing.
EVERYDAY = {
    "refund_banking77_en": 1200,
    "intent_bitext_en": 800,
    "relief_cfpb_en": 200,
    "language_ud": 600,
}
EVERYDAY_SHARE = 0.5
CHARS_MAX = 600
LETTERS = (4,)
PENALTY = 2.0
UNIT = 0.06
# A part seen fewer times tells too little; of the others those that tell most are kept.
SEEN_MIN = 3
PARTS_MAX = 5200


class Line(NamedTuple):
    """A text, whether it tells of danger, and how much it counts."""

    text: str
    danger: bool
    share: float = 1.0


def main() -> None:
    """Judge in five folds, then fit on all and write."""
    above = load()[0].rules.danger_above
    ours, everyday = [*_ours()], _everyday(data())
    for name, figure in _judged(ours, everyday, above=above).items():
        print(f"{name:44} {figure:.3f}")
    if "--judge" not in sys.argv:
        write("danger", _table(_fit([*ours, *everyday["learnt"]])))


def _ours() -> Iterator[Line]:
    """Our own lines: the golden texts of triage's tests, and the open half of the fresh ones."""
    for name in ("danger_matters", "triage_lookalikes"):
        parts = _read(name)
        for part, danger in (("danger", True), ("harmless", False)):
            yield from (Line(text, danger) for text in _texts(parts[part]))
    concepts = yaml.safe_load((CORE / "triage_concepts.yaml").read_text(encoding="utf-8"))
    for concept in concepts.values():
        danger = concept["told"].get("severity") == "critical"
        yield from (Line(text, danger) for form in FORMS for text in concept[form])
    for matter in yaml.safe_load((CORE / "triage_matters.yaml").read_text(encoding="utf-8")):
        danger = matter.get("severity") == "critical"
        yield from (Line(matter[form], danger) for form in FORMS)
    for row in yaml.safe_load((CORE / "triage_sought.yaml").read_text(encoding="utf-8")):
        yield Line(row["text"], danger=False)
    yield from _cases()
    yield from (Line(one.text, MEANT[one.kind]) for one in fresh_lines() if one.is_open)


def _cases() -> Iterator[Line]:
    """The open half of the quality cases whose severity is told."""
    for case in every_case().values():
        severity = case.expect.get("triage", {}).get("severity")
        if case.is_open and severity is not None:
            yield Line(str(case.submitted.get("text", "")), danger=severity == "critical")


def _read(name: str) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = yaml.safe_load(
        (CORE / f"{name}.yaml").read_text(encoding="utf-8")
    )
    return found


def _texts(given: Mapping[str, list[str]] | Sequence[Mapping[str, str]]) -> Iterator[str]:
    """By form, or matter by matter."""
    if isinstance(given, Mapping):
        yield from (text for form in FORMS for text in given[form])
    else:
        yield from (text for matter in given for text in matter.values())


def _everyday(where: Path) -> dict[str, list[Line]]:
    """Texts in which nobody is in danger: "learnt" from, and the rest by set."""
    found: dict[str, list[Line]] = {"learnt": []}
    for name, most in EVERYDAY.items():
        rows = [row for row in rows_of(name, where) or [] if row.lang in FORMS]
        random.Random(SEED).shuffle(rows)
        lines = [Line(row.text[:CHARS_MAX], danger=False, share=EVERYDAY_SHARE) for row in rows]
        found["learnt"] += lines[:most]
        found[name] = lines[most:]
    return found


def told(text: str) -> list[tuple[str, float]]:
    """The parts of a text's words, each word once, as triage adds them up."""
    words = {word for word in tokens_of(text, frozenset()).words if word}
    counted = Counter(part for word in words for part in parts_of(word, LETTERS)[1:])
    shrink = scale(len(words))
    return [(part, times / shrink) for part, times in sorted(counted.items())]


def _fit(lines: Iterable[Line]) -> Fitted:
    read = [(line, told(line.text)) for line in lines]
    seen = Counter(part for _, parts in read for part, _ in parts)
    examples = [
        Example([one for one in parts if seen[one[0]] >= SEEN_MIN], int(line.danger), line.share)
        for line, parts in read
    ]
    model = fitted(examples, 2, penalty=PENALTY)
    leads = {part: own[1] - own[0] for part, own in model.points.items()}
    kept = sorted(leads, key=lambda part: -abs(leads[part]) * seen[part] ** 0.5)[:PARTS_MAX]
    return Fitted(model.start, {part: model.points[part] for part in kept})


def _points(model: Fitted, text: str) -> float:
    calm, danger = model.told(told(text))
    return danger - calm


def _judged(
    ours: Sequence[Line], everyday: Mapping[str, list[Line]], *, above: float
) -> dict[str, float]:
    """The share called in five folds, of danger and of what only sounds so, and of everyday."""
    called: dict[str, list[bool]] = {}
    for at, (known, asked) in enumerate(folds(ours)):
        model = _fit([*known, *everyday["learnt"]])
        for line in asked:
            name = "danger, called" if line.danger else "harmless, called"
            called.setdefault(name, []).append(_points(model, line.text) > above)
        if at == 0:
            for name in EVERYDAY:
                points = (_points(model, line.text) for line in everyday[name])
                called[f"{name}, called"] = [one > above for one in points]
    return {name: sum(each) / len(each) for name, each in called.items()}


def _table(model: Fitted) -> Weights:
    return Weights(
        made_by="benchmarks/quality/fit_danger.py",
        sources=(
            "this project's own lines: tests/core, tests/quality (open half)",
            "banking77 CC BY 4.0; bitext customer support CDLA-Sharing-1.0; CFPB: public",
            "Universal Dependencies: Bokmaal, Nynorsk, English-EWT, CC BY-SA 4.0",
        ),
        licence="CC BY-SA 4.0",
        classes=("danger",),
        unit=UNIT,
        letters=LETTERS,
        start=(round(model.start[1] - model.start[0], 3),),
        parts=packed({part: (own[1] - own[0],) for part, own in model.points.items()}, UNIT),
    )


if __name__ == "__main__":
    main()
