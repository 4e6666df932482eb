"""Fits `deploy/policy/weights/danger.json`: in what words danger is told, where no rule hears it.

A logistic regression over runs of letters, so that a word nobody listed tells by its parts, and
over pairs of words. It is learnt from our own lines of danger and of what only sounds so, and from
everyday texts of open sets; never from the unseen halves, nor from the third to the fifth set.
`python -m benchmarks.quality.fit_danger`; with `--judge` only the folds: a matter is in one fold in
all written forms, and the points that let so many of the harmless through are what to choose by.
"""

import random
import sys
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain, pairwise
from pathlib import Path
from typing import NamedTuple

import yaml

from benchmarks.quality.fitting import FOLDS, data, write
from benchmarks.quality.logistic import Example, Fitted, fitted
from benchmarks.quality.reading import AT, registered
from benchmarks.quality.sets import ROOT, SEED, Row, rows_of
from services.triage.policy import TriagePolicy, load
from services.triage.signals.flags import flags_of
from services.triage.signals.reading import reading_of
from services.triage.signals.tone import tone_of
from services.triage.signals.unheard import scale, told_words
from services.triage.weights import JOINT, Weights, packed, parts_of
from tests.core.danger_examples import DANGERS
from tests.core.danger_examples import EVERYDAY as EVERYDAY_SAID
from tests.policy.golden_cases import variants
from tests.policy.judge import part
from tests.quality.cases import every_case
from tests.quality.fresh import FORMS, MEANT
from tests.quality.fresh import lines as fresh_lines

CORE = ROOT / "tests" / "core"
TOLD = Path(__file__).resolve().parent / "told"
# A fresh set that only judges here, though half of it is open.
JUDGES = ("danger_third", "harmless_third")
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
PENALTY = 1.5
UNIT = 0.06
# A part seen fewer times tells too little; of the others those that tell most are kept.
SEEN_MIN = 3
PARTS_MAX = 9000
# How many of our everyday lines may be above each number of points, in every written form.
SHARES = (0.01, 0.02, 0.03, 0.06, 0.08, 0.1)


class Line(NamedTuple):
    """A text, whether it tells of danger, of which matter, and how much it counts."""

    text: str
    danger: bool
    matter: Hashable = ""
    share: float = 1.0
    # The written form of an everyday line of ours, which only judges.
    everyday: str = ""

    @property
    def what(self) -> str:
        """What it is judged as."""
        return self.everyday or ("danger" if self.danger else "harmless")


Told = list[tuple[str, float]]


def main() -> None:
    """Judge in five folds, then fit on all and write."""
    policy = load()[0]
    ours, everyday = [*_ours()], _everyday(data())
    told = {line: _told(line.text, policy) for line in chain(ours, *everyday.values())}
    _judge(ours, everyday, told=told, unheard={one for one in ours if _unheard(one, policy)})
    if "--judge" not in sys.argv:
        learnt = [line for line in ours if not line.everyday]
        write("danger", _table(_fit([*learnt, *everyday["learnt"]], told)))


def _ours() -> Iterator[Line]:
    """Our own lines: the golden texts of triage's tests, and the open half of the fresh ones."""
    for name in ("danger_matters", "triage_lookalikes"):
        parts = yaml.safe_load(_core(name))
        for half, danger in (("danger", True), ("harmless", False)):
            for matter, text in _texts(parts[half]):
                yield Line(text, danger, (name, half, matter))
    for name, concept in yaml.safe_load(_core("triage_concepts")).items():
        danger = concept["told"].get("severity") == "critical"
        for matter, text in _texts({form: concept[form] for form in FORMS}):
            yield Line(text, danger, (name, matter))
    for number, matter in enumerate(yaml.safe_load(_core("triage_matters"))):
        danger = matter.get("severity") == "critical"
        yield from (Line(matter[form], danger, ("matters", number)) for form in FORMS)
    for row in yaml.safe_load(_core("triage_sought")):
        yield Line(row["text"], danger=False, matter=row["text"])
    for texts, danger in ((DANGERS, True), (EVERYDAY_SAID, False)):
        yield from (Line(text, danger, text) for text in texts)
    yield from chain(_cases(), _golden(), _fresh(), _own())


def _golden() -> Iterator[Line]:
    """The golden complaints of the whole chain; a file is a matter."""
    for one in variants().values():
        severity = str(part(one.expect, "triage").get("severity"))
        text = str(one.submitted.get("text", ""))
        yield Line(text, severity == "critical", one.file)


def _fresh() -> Iterator[Line]:
    for one in fresh_lines():
        if one.is_open and one.kind not in JUDGES:
            yield Line(one.text, MEANT[one.kind], (one.kind, one.number))


def _own() -> Iterator[Line]:
    """Lines written for this: a matter a line, told in each form; the everyday ones only judge."""
    for name, danger in (("danger", True), ("harmless", False), ("everyday", False)):
        for row in (TOLD / f"{name}.txt").read_text(encoding="utf-8").splitlines():
            if not row.startswith("#"):
                for form, text in zip(FORMS, row.split(" | "), strict=True):
                    everyday = form if name == "everyday" else ""
                    yield Line(text, danger, (name, row), everyday=everyday)


def _cases() -> Iterator[Line]:
    """The open half of the quality cases whose severity is told."""
    for case in every_case().values():
        severity = case.expect.get("triage", {}).get("severity")
        if case.is_open and severity is not None:
            text = str(case.submitted.get("text", ""))
            yield Line(text, severity == "critical", case.matter or case.same_as or case.id)


def _core(name: str) -> str:
    return (CORE / f"{name}.yaml").read_text(encoding="utf-8")


def _texts(
    given: Mapping[str, list[str]] | Sequence[Mapping[str, str]],
) -> Iterator[tuple[int, str]]:
    """With its matter's number; by form, or matter by matter."""
    if isinstance(given, Mapping):
        yield from (each for form in FORMS for each in enumerate(given[form]))
    else:
        yield from ((at, text) for at, matter in enumerate(given) for text in matter.values())


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


def _told(text: str, policy: TriagePolicy) -> Told:
    """The parts of a text's words, each word and pair once, as triage adds them up."""
    complaint = registered(Row("line", text, lang="", label="", more={})).data
    words = told_words(reading_of(complaint, at=AT, earlier=None, policy=policy), policy)
    once = {word for word in words if word}
    counted = Counter(part for word in once for part in parts_of(word, LETTERS)[1:])
    counted.update({JOINT.join(pair) for pair in pairwise(words) if all(pair)})
    shrink = scale(len(once))
    return [(part, times / shrink) for part, times in sorted(counted.items())]


def _fit(lines: Iterable[Line], told: Mapping[Line, Told]) -> Fitted:
    read = [(line, told[line]) for line in lines]
    seen = Counter(part for _, parts in read for part, _ in parts)
    examples = [
        Example([one for one in parts if seen[one[0]] >= SEEN_MIN], int(line.danger), line.share)
        for line, parts in read
    ]
    model = fitted(examples, 2, penalty=PENALTY)
    leads = {part: own[1] - own[0] for part, own in model.points.items()}
    kept = sorted(leads, key=lambda part: -abs(leads[part]) * seen[part] ** 0.5)[:PARTS_MAX]
    return Fitted(model.start, {part: model.points[part] for part in kept})


def _points(model: Fitted, told: Told) -> float:
    calm, danger = model.told(told)
    return danger - calm


def _judge(
    ours: Sequence[Line],
    everyday: Mapping[str, list[Line]],
    *,
    told: Mapping[Line, Told],
    unheard: AbstractSet[Line],
) -> None:
    """Print the points that let so many everyday lines through, and what is above in five folds.

    Of our lines only those count that no rule hears: of the others the points are not asked.
    """
    points = defaultdict[str, list[float]](list)
    for at, (known, asked) in enumerate(_folds(ours)):
        learnt = [line for line in known if not line.everyday]
        model = _fit([*learnt, *everyday["learnt"]], told)
        for line in asked:
            if line in unheard:
                points[line.what].append(_points(model, told[line]))
        if at == 0:
            points.update({n: [_points(model, told[one]) for one in everyday[n]] for n in EVERYDAY})
    for share in SHARES:
        above = max(sorted(points[n])[-1 - int(share * len(points[n]))] for n in FORMS)
        told_of = (f"{n} {sum(p > above for p in all_)}/{len(all_)}" for n, all_ in points.items())
        print(f"{share:.0%} above {above:5.2f}: {', '.join(told_of)}")


def _unheard(line: Line, policy: TriagePolicy) -> bool:
    """Whether no rule hears danger in it."""
    complaint = registered(Row("line", line.text, lang="", label="", more={})).data
    reading = reading_of(complaint, at=AT, earlier=None, policy=policy)
    return not flags_of(reading, tone_of(reading, policy), policy=policy).safety


def _folds(lines: Sequence[Line]) -> Iterator[tuple[list[Line], list[Line]]]:
    """Five times: what to fit on, and what to judge by; a matter's texts are never parted."""
    matters = sorted({line.matter for line in lines}, key=str)
    random.Random(SEED).shuffle(matters)
    fold_of = {matter: at % FOLDS for at, matter in enumerate(matters)}
    for fold in range(FOLDS):
        known = [line for line in lines if fold_of[line.matter] != fold]
        yield known, [line for line in lines if fold_of[line.matter] == fold]


def _table(model: Fitted) -> Weights:
    return Weights(
        made_by="benchmarks/quality/fit_danger.py",
        sources=(
            "this project's own lines: tests/core, tests/quality (open half), benchmarks/quality",
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
