"""Tone: how a text feels, and whether it is abusive, by fitted weights that can be shown.

Points come from words with a valence (turned round by a "no"), from what the word lists found,
from marks and emoji, and, in English, from the words themselves. They steer mood, sentiment,
arousal and abuse; never severity or value.
"""

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from services.triage.model import EVIDENCE_MAX, Reading, Words
from services.triage.policy import TriagePolicy
from services.triage.tokens import END

# So far after a "no" a word is turned round: "not a good experience".
TURNED_WORDS = 3
# A thing said many times over does not make it so much more.
TIMES_MAX = 3
# A longer text has more words, not more feeling: points shrink with the root of its length.
LENGTH_WORDS = 15
HOSTILE = "hostile"
NORWEGIAN = ("nb", "nn")


class Tone(NamedTuple):
    """Chances by mood, the points for abuse (above nought: abusive), and the words that told."""

    moods: Mapping[str, float]
    hostile: float
    words: Mapping[str, Words]


def tone_of(reading: Reading, policy: TriagePolicy) -> Tone:
    """Read the tone."""
    scorer = policy.tone
    told = [(key, times, scorer.of(key)) for key, times in tone_parts(reading, policy)]
    shrink = tone_scale(reading)
    sums = [
        start + sum(times * points[at] for _, times, points in told) / shrink
        for at, start in enumerate(scorer.start)
    ]
    points = dict(zip(scorer.classes, sums, strict=True))
    hostile = points.pop(HOSTILE)
    top = max(points.values())
    raised = {mood: math.exp(one - top) for mood, one in points.items()}
    total = sum(raised.values())
    return Tone(
        moods={mood: one / total for mood, one in raised.items()},
        hostile=hostile,
        words={name: _telling(told, at) for at, name in enumerate(scorer.classes)},
    )


def tone_scale(reading: Reading) -> float:
    """What the points of a text are divided by."""
    words = sum(word != END for word in reading.tokens.words)
    return math.sqrt(max(words / LENGTH_WORDS, 1.0))


def tone_parts(reading: Reading, policy: TriagePolicy) -> Iterator[tuple[str, float]]:
    """What tells, and how many times: `word`, `@good`, `@label`, `@!`."""
    yield from _words(reading, policy)
    for label in policy.rules.tone_labels:
        if hits := reading.hits.get(label):
            yield "@" + label, min(len(hits), TIMES_MAX)
    raw, signs = reading.tokens.raw, policy.rules.emoji
    for mark in "!?":
        if mark in raw:
            yield "@" + mark, min(raw.count(mark), TIMES_MAX)
    for sign in reading.emoji[:TIMES_MAX]:
        yield ("@emoji.good" if sign in signs.pleased else "@emoji.bad"), 1.0


def _words(reading: Reading, policy: TriagePolicy) -> Iterator[tuple[str, float]]:
    norwegian = reading.form.written in NORWEGIAN
    valence = policy.valence.words["no" if norwegian else "en"]
    turned = {
        at
        for hit in reading.hits.get("negation", ())
        for at in range(hit.past, hit.past + TURNED_WORDS)
    }
    for at, word in enumerate(reading.tokens.words):
        if not word:
            continue
        if not norwegian:
            yield word, 1.0
        if weight := valence.get(word):
            good = (weight > 0) != (at in turned)
            yield ("@good" if good else "@bad"), abs(weight)


def _telling(told: list[tuple[str, float, tuple[float, ...]]], at: int) -> Words:
    """The words that spoke most for a class."""
    leads = {key: points[at] for key, _, points in told if key[0] != "@" and points[at] > 0}
    return tuple(sorted(leads, key=lambda key: -leads[key])[:EVIDENCE_MAX])
