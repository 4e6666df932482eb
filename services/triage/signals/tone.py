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
from services.triage.weights import Points

# So far after a "no" a word is turned round: "not a good experience".
TURNED_WORDS = 3
# A thing said many times over does not make it so much more.
TIMES_MAX = 3
# A longer text has more words, not more feeling: points shrink with the root of its length.
LENGTH_WORDS = 15
HOSTILE = "hostile"
NORWEGIAN = ("nb", "nn")


Told = tuple[str, float, Points]


class Tone(NamedTuple):
    """Chances by mood, the points for abuse (above nought: abusive), and what told."""

    moods: Mapping[str, float]
    hostile: float
    classes: tuple[str, ...]
    told: list[Told]

    def words(self, name: str) -> Words:
        """The words that spoke most for a mood, or for abuse."""
        at = self.classes.index(name)
        leads = {key: points[at] for key, _, points in self.told if key[0] != "@"}
        telling = sorted((key for key in leads if leads[key] > 0), key=lambda key: -leads[key])
        return tuple(telling[:EVIDENCE_MAX])


def tone_of(reading: Reading, policy: TriagePolicy) -> Tone:
    """Read the tone."""
    scorer = policy.tone
    said = [(key, times, scorer.of(key)) for key, times in tone_parts(reading, policy)]
    told = [each for each in said if each[2] is not scorer.nothing]
    once = [points for _, times, points in told if times == 1]
    more = [tuple(times * p for p in points) for _, times, points in told if times != 1]
    shrink = tone_scale(reading)
    columns = zip(scorer.nothing, *once, *more, strict=True)
    sums = [start + sum(each) / shrink for start, each in zip(scorer.start, columns, strict=True)]
    points = dict(zip(scorer.classes, sums, strict=True))
    hostile = points.pop(HOSTILE)
    return Tone(moods=chances(points), hostile=hostile, classes=scorer.classes, told=told)


def chances(points: Mapping[str, float]) -> dict[str, float]:
    """Points by mood as chances that sum to one."""
    top = max(points.values())
    raised = {mood: math.exp(one - top) for mood, one in points.items()}
    total = sum(raised.values())
    return {mood: one / total for mood, one in raised.items()}


def tone_scale(reading: Reading) -> float:
    """What the points of a text are divided by."""
    return math.sqrt(max(reading.tokens.count() / LENGTH_WORDS, 1.0))


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
        for _, past in reading.hits.get("negation", ())
        for at in range(past, past + TURNED_WORDS)
    }
    for at, word in enumerate(reading.tokens.words):
        if not word:
            continue
        if not norwegian:
            yield word, 1.0
        if weight := valence.get(word):
            good = (weight > 0) != (at in turned)
            yield ("@good" if good else "@bad"), abs(weight)
