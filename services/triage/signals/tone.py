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


Told = tuple[str, Points]


class Tone(NamedTuple):
    """Chances by mood, the points for abuse (above nought: abusive), and the words that told."""

    moods: Mapping[str, float]
    hostile: float
    classes: tuple[str, ...]
    told: list[Told]

    def words(self, name: str) -> Words:
        """The words that spoke most for a mood, or for abuse."""
        at = self.classes.index(name)
        leads = {word: points[at] for word, points in self.told}
        telling = sorted((key for key in leads if leads[key] > 0), key=lambda key: -leads[key])
        return tuple(telling[:EVIDENCE_MAX])


def tone_of(reading: Reading, policy: TriagePolicy) -> Tone:
    """Read the tone."""
    scorer, words = policy.tone, _words(reading)
    known = zip(words, map(scorer.of, words), strict=True)
    told = [each for each in known if each[1] is not scorer.nothing]
    spoken = [points for _, points in told]
    for key, times in _signs(reading, policy).items():
        spoken.append(tuple([times * p for p in scorer.of(key)]))
    shrink = tone_scale(reading)
    columns = zip(scorer.nothing, *spoken, strict=True)
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
    yield from ((word, 1.0) for word in _words(reading))
    yield from _signs(reading, policy).items()


def _words(reading: Reading) -> list[str]:
    """The words that tell by themselves: no Norwegian ones, on which nothing was fitted."""
    norwegian = reading.form.written in NORWEGIAN
    return [] if norwegian else [word for word in reading.tokens.words if word]


def _signs(reading: Reading, policy: TriagePolicy) -> dict[str, float]:
    """What tells beside the words themselves."""
    hits, raw, emoji = reading.hits, reading.tokens.raw, policy.rules.emoji
    signs = _valences(reading, policy)
    for label in policy.rules.tone_labels:
        if label in hits:
            signs["@" + label] = min(len(hits[label]), TIMES_MAX)
    for mark in "!?":
        if mark in raw:
            signs["@" + mark] = min(raw.count(mark), TIMES_MAX)
    for sign in reading.emoji[:TIMES_MAX]:
        key = "@emoji.good" if sign in emoji.pleased else "@emoji.bad"
        signs[key] = signs.get(key, 0.0) + 1.0
    return signs


def _valences(reading: Reading, policy: TriagePolicy) -> dict[str, float]:
    """How much good and bad is said by words of a valence; a "no" turns it round."""
    valence = policy.valence.words["no" if reading.form.written in NORWEGIAN else "en"]
    turned = {
        at
        for _, past in reading.hits.get("negation", ())
        for at in range(past, past + TURNED_WORDS)
    }
    said: dict[str, float] = {}
    for at, weight in enumerate(map(valence.get, reading.tokens.words)):
        if weight:
            key = "@good" if (weight > 0) != (at in turned) else "@bad"
            said[key] = said.get(key, 0.0) + abs(weight)
    return said
