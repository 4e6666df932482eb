"""Fits `deploy/policy/weights/tone.json`: what words, marks and finds tell of mood and abuse.

Two logistic regressions over what `services/triage/signals/tone.py` sees, so that a text's points
are a sum over its words. `python -m benchmarks.quality.fit_tone`; with `--judge` only the folds.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.quality.figures import auc, macro_f1
from benchmarks.quality.fitting import data, folds, write
from benchmarks.quality.logistic import Example, Fitted, fitted
from benchmarks.quality.reading import registered
from benchmarks.quality.sets import SEED, Row, rows_of
from services.triage.model import Reading
from services.triage.policy import TriagePolicy, load
from services.triage.signals.arousal import charge_of, heat_of
from services.triage.signals.reading import reading_of
from services.triage.signals.tone import HOSTILE, chances, tone_parts, tone_scale
from services.triage.weights import Points, Weights, packed

MOODS = ("angry", "disappointed", "neutral", "pleased", "sad", "worried")
FEARS = ("fear", "nervousness", "confusion")
SETS = ("abuse_davidson_en", "abuse_surge_en", "abuse_dkhate_da")
# The smaller sets count more, or nothing would be learnt from them.
SHARES = {"abuse_davidson_en": 1.0, "abuse_surge_en": 4.0, "abuse_dkhate_da": 3.0}
# Nobody is abused in these; some of them curse ("that damn invoice").
PEACEFUL = {
    "refund_banking77_en": 600,
    "intent_bitext_en": 1000,
    "relief_cfpb_en": 300,
    "severity_nhtsa_gm_en": 300,
    "mood_goemotions_en": 700,
}
MOOD_PENALTY = 5.0
ABUSE_PENALTY = 1.0
UNIT = 0.05
# A word seen but once tells too little; the small sets have many of their words only twice.
SEEN_MIN = 2
Read = tuple[Row, Sequence[tuple[str, float]]]


def main() -> None:
    """Judge in five folds, then fit on all and write."""
    where, (policy, _) = data(), load()
    moods, abuse = moods_read(where, policy), abuse_read(where, policy)
    heat = judged_heat(moods, policy)
    for name, figure in (judged_moods(moods) | heat | judged_abuse(abuse)).items():
        print(f"{name:20} {figure:.3f}")
    if "--judge" not in sys.argv:
        write("tone", _table(_fit_moods(moods), _fit_abuse(abuse)))


def _parts(rows: Iterable[Row], policy: TriagePolicy) -> list[Read]:
    found: list[Read] = []
    for row in rows:
        reading = _reading(row, policy)
        shrink = tone_scale(reading)
        counted: Counter[str] = Counter()
        for part, times in tone_parts(reading, policy):
            counted[part] += times  # type: ignore[assignment] # a valence weighs
        found.append((row, [(part, times / shrink) for part, times in counted.items()]))
    return found


def _reading(row: Row, policy: TriagePolicy) -> Reading:
    event = registered(row)
    return reading_of(event.data, at=event.time, earlier=None, policy=policy)


def moods_read(where: Path, policy: TriagePolicy) -> list[Read]:
    """The texts that moods are learnt from."""
    return _parts(rows_of("mood_goemotions_en", where) or [], policy)


def abuse_read(where: Path, policy: TriagePolicy) -> dict[str, list[Read]]:
    """The texts that abuse is learnt from, by set; under "" those in which nobody is abused."""
    found = {name: _parts(rows_of(name, where) or [], policy) for name in SETS}
    peaceful = []
    for name, most in PEACEFUL.items():
        rows = [row for row in rows_of(name, where) or [] if row.label != "angry"]
        peaceful += random.Random(SEED).sample(rows, min(most, len(rows)))
    return found | {"": _parts(peaceful, policy)}


def mood_of(row: Row) -> str:
    """The mood of a labelled row; fear is told from grief."""
    if row.label == "sad_worried":
        emotions = row.more.get("emotions")
        return "worried" if isinstance(emotions, list) and set(FEARS) & set(emotions) else "sad"
    return {"positive": "pleased"}.get(row.label, row.label)


def _known(read: Iterable[Read]) -> set[str]:
    seen = Counter(part for _, parts in read for part, _ in parts)
    return {part for part, times in seen.items() if times >= SEEN_MIN}


def _fit(
    read: Sequence[Read],
    labels: Sequence[int],
    *,
    shares: Sequence[float],
    classes: int,
    penalty: float,
) -> Fitted:
    known = _known(read)
    examples = [
        Example([(part, times) for part, times in parts if part in known], label, share)
        for (_, parts), label, share in zip(read, labels, shares, strict=True)
    ]
    return fitted(examples, classes, penalty=penalty)


def _fit_moods(read: Sequence[Read]) -> Fitted:
    labels = [MOODS.index(mood_of(row)) for row, _ in read]
    each = Counter(labels)
    shares = [len(read) / len(MOODS) / each[label] for label in labels]
    return _fit(
        read, labels, shares=[min(s, 2.0) for s in shares], classes=len(MOODS), penalty=MOOD_PENALTY
    )


def is_abusive(row: Row) -> bool:
    """Whether a labelled text is abusive."""
    return row.label in ("offensive", "hate", "toxic")


def _fit_abuse(read: dict[str, list[Read]]) -> Fitted:
    rows = [one for name in read for one in read[name]]
    shares = [SHARES.get(name, 1.0) for name in read for _ in read[name]]
    return _fit(
        rows,
        [int(is_abusive(row)) for row, _ in rows],
        shares=shares,
        classes=2,
        penalty=ABUSE_PENALTY,
    )


def judged_moods(read: Sequence[Read]) -> dict[str, float]:
    """Macro-F1 of mood and of sentiment, in five folds."""
    truth, told = [], []
    for known, asked in folds(read):
        model = _fit_moods(known)
        for row, parts in asked:
            points = model.told(parts)
            truth.append(row.label)
            told.append(_group(MOODS[points.index(max(points))]))
    three = [[_feeling(label) for label in labels] for labels in (truth, told)]
    return {"mood": macro_f1(truth, told), "sentiment": macro_f1(*three)}


def judged_heat(read: Sequence[Read], policy: TriagePolicy) -> dict[str, float]:
    """AUC of the whole heat in five folds: angry against neutral, and against pleased as well."""
    heats: list[tuple[str, float]] = []
    for known, asked in folds(read):
        model = _fit_moods(known)
        for row, parts in asked:
            if row.label in ("angry", "neutral", "positive"):
                moods = chances(dict(zip(MOODS, model.told(parts), strict=True)))
                points, _ = charge_of(_reading(row, policy), policy)
                heats.append((row.label, heat_of(points, moods, rules=policy.rules.arousal)))
    plain = [(label, heat) for label, heat in heats if label != "positive"]
    return {"arousal": _angry_auc(plain), "arousal, pleased too": _angry_auc(heats)}


def _angry_auc(heats: Sequence[tuple[str, float]]) -> float:
    return auc([heat for _, heat in heats], [label == "angry" for label, _ in heats])


def _group(mood: str) -> str:
    return {"sad": "sad_worried", "worried": "sad_worried", "pleased": "positive"}.get(mood, mood)


def _feeling(label: str) -> str:
    return label if label in ("positive", "neutral") else "negative"


def judged_abuse(read: dict[str, list[Read]]) -> dict[str, float]:
    """Macro-F1 by set in five folds, and how many of the peaceful texts are told abusive."""
    truth: dict[str, list[str]] = {name: [] for name in read}
    told: dict[str, list[str]] = {name: [] for name in read}
    every = [(name, one) for name in read for one in read[name]]
    for known, asked in folds(every):
        model = _fit_abuse({name: [one for n, one in known if n == name] for name in read})
        for name, (row, parts) in asked:
            peace, abuse = model.told(parts)
            truth[name].append(str(is_abusive(row)))
            told[name].append(str(abuse > peace))
    figures = {name: macro_f1(truth[name], told[name]) for name in SETS}
    false = told[""].count("True") / len(told[""])
    return figures | {"peaceful, told abusive": false}


def _table(moods: Fitted, abuse: Fitted) -> Weights:
    parts = sorted({*moods.points, *abuse.points})
    none, calm = (0.0,) * len(MOODS), (0.0, 0.0)
    rows: dict[str, Points] = {
        "=" + part: (*moods.points.get(part, none), _lead(abuse.points.get(part, calm)))
        for part in parts
    }
    return Weights(
        made_by="benchmarks/quality/fit_tone.py",
        sources=(
            "GoEmotions, Google, Apache-2.0, data CC BY 4.0",
            "hate-speech-and-offensive-language, T. Davidson and others, MIT",
            "toxicity, Surge AI, MIT",
            "DKHate, G. I. Sigurbergsson and L. Derczynski, CC BY 4.0",
            "banking77 CC BY 4.0; bitext customer support CDLA-Sharing-1.0; CFPB, NHTSA: public",
        ),
        licence="Apache-2.0, the project's; attribution as above",
        classes=(*MOODS, HOSTILE),
        unit=UNIT,
        letters=(),
        start=(*(round(one, 3) for one in moods.start), round(_lead(abuse.start), 3)),
        parts=packed(rows, UNIT),
    )


def _lead(points: Sequence[float]) -> float:
    return points[1] - points[0]


if __name__ == "__main__":
    main()
