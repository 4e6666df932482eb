"""Mood, sentiment and vulnerability: they steer tone and who answers, never value."""

from typing import NamedTuple

from services.triage.model import Reading, Words
from services.triage.policy import TriagePolicy
from services.triage.signals.kind import KindRead
from shared.contracts.triaged import Mood

_MOODS: tuple[Mood, ...] = ("angry", "worried", "sad", "disappointed", "pleased")
# So much a complaint weighs to the negative side before its words are counted.
_STEADY = 2.0


class MoodRead(NamedTuple):
    """The mood, the sentiment from -1 to 1, and whether a person must meet a vulnerable one."""

    mood: Mood
    sentiment: float
    vulnerable: Words
    # The labels of the words: "vulnerable.bereavement".
    fragile: tuple[str, ...]
    evidence: Words

    @property
    def is_vulnerable(self) -> bool:
        """A person must meet her."""
        return bool(self.fragile)


def mood_of(reading: Reading, kind: KindRead, *, heated: bool, policy: TriagePolicy) -> MoodRead:
    """Read the mood from its words; a furious text is angry, praise is pleased."""
    labels = reading.family("vulnerable.") if kind.kind != "praise" else ()
    fragile = (*labels, *(("safety.self_harm",) if reading.has("safety.self_harm") else ()))
    mood = _mood(reading, kind, heated=heated)
    return MoodRead(
        mood=mood,
        sentiment=_sentiment(reading, kind, policy=policy),
        vulnerable=reading.words(*fragile),
        fragile=fragile,
        evidence=reading.words(f"mood.{mood}"),
    )


def _mood(reading: Reading, kind: KindRead, *, heated: bool) -> Mood:
    if kind.kind == "praise":
        return "pleased"
    if heated or reading.has("insult", "abuse.threat"):
        return "angry"
    counts = {mood: len(reading.found(f"mood.{mood}")) for mood in _MOODS[:-1]}
    most = max(counts.values())
    if most:
        return next(mood for mood in _MOODS if counts[mood] == most)
    return "disappointed" if kind.sarcastic else "neutral"


def _sentiment(reading: Reading, kind: KindRead, *, policy: TriagePolicy) -> float:
    points = policy.rules.mood_points
    good = sum(points.get(f"+{label}", 0) * len(hits) for label, hits in reading.hits.items())
    bad = sum(points.get(f"-{label}", 0) * len(hits) for label, hits in reading.hits.items())
    signs = policy.rules.emoji
    good += sum(sign in signs.pleased for sign in reading.emoji)
    bad += sum(sign in signs.angry + signs.sad for sign in reading.emoji)
    if kind.sarcastic:
        good, bad = 0, good + bad
    if kind.kind == "complaint":
        bad += 1
        good = min(good, bad - 1 / 2)
    if kind.kind == "praise":
        good += 1
    return round((good - bad) / (good + bad + _STEADY), 2)
