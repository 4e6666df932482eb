"""Mood, sentiment and vulnerability: they steer tone and who answers, never value."""

from typing import NamedTuple

from services.triage.model import Reading, Words
from services.triage.policy import TriagePolicy
from services.triage.signals.kind import KindRead
from services.triage.signals.tone import Tone
from shared.contracts.triaged import Mood

_MOODS: tuple[Mood, ...] = ("angry", "worried", "sad", "disappointed", "pleased")
# What is told in so many words, the gravest first.
_TOLD: dict[Mood, str] = {mood: f"mood.{mood}" for mood in _MOODS if mood != "pleased"}
# What is told to be wrong: the one who tells it is not content, however calmly it is put.
_WRONG = ("harm.", "safety.", "legal.", "privacy.", "complain", "regret", "passed_around")
# Closer to nought than this is neutral, as with VADER.
_NEUTRAL = 0.04


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


def mood_of(
    reading: Reading, kind: KindRead, *, tone: Tone, heated: bool, policy: TriagePolicy
) -> MoodRead:
    """Read the mood from its words; a furious text is angry, praise is pleased."""
    labels = reading.family("vulnerable.") if kind.kind != "praise" else ()
    fragile = (*labels, *(("safety.self_harm",) if reading.has("safety.self_harm") else ()))
    mood, words = _mood(reading, kind, tone=tone, heated=heated, policy=policy)
    return MoodRead(
        mood=mood,
        sentiment=_sentiment(reading, kind, tone=tone),
        vulnerable=reading.words(*fragile),
        fragile=fragile,
        evidence=words,
    )


def _mood(
    reading: Reading, kind: KindRead, *, tone: Tone, heated: bool, policy: TriagePolicy
) -> tuple[Mood, Words]:
    """The lists' word comes first; where they are silent, the fitted tone's."""
    if kind.kind == "praise":
        return "pleased", reading.words("mood.pleased")
    if heated or reading.has("insult", "abuse.threat"):
        return "angry", reading.words("mood.angry", "insult", "furious")
    hits = reading.hits
    if counts := {mood: len(hits[label]) for mood, label in _TOLD.items() if label in hits}:
        most = max(counts.values())
        mood = next(mood for mood in counts if counts[mood] == most)
        return mood, reading.words(_TOLD[mood])
    if kind.sarcastic:
        return "disappointed", ()
    wrong = _is_wrong(reading)
    lead = policy.rules.mood_lead.wrong if wrong else policy.rules.mood_lead.told
    felt = [mood for mood in _MOODS if not (wrong and mood == "pleased")]
    best = max(felt, key=lambda mood: tone.moods[mood])
    if tone.moods[best] - tone.moods["neutral"] > lead:
        return best, tone.words(best)
    return "neutral", ()


def _is_wrong(reading: Reading) -> bool:
    return not reading.families.keys().isdisjoint(_WRONG)


def _sentiment(reading: Reading, kind: KindRead, *, tone: Tone) -> float:
    """Chances of a good mood less those of bad ones; nought where neutral is the likeliest."""
    good, neutral = tone.moods["pleased"], tone.moods["neutral"]
    bad = 1 - good - neutral
    felt = good - bad if neutral < max(good, bad) else _NEUTRAL * (good - bad)
    if kind.sarcastic:
        felt = -max(abs(felt), good, bad)
    elif kind.kind == "praise":
        felt = max(felt, good, 2 * _NEUTRAL)
    elif kind.kind == "complaint" and _is_wrong(reading):
        felt = min(felt, -2 * _NEUTRAL)
    return round(felt, 2)
