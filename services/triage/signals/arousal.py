"""Arousal: calm, upset or furious. How it is said; it never touches severity or value."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from services.triage.model import EVIDENCE_MAX, Reading, Words
from services.triage.policy import Arousal as ArousalPolicy
from services.triage.policy import TriagePolicy
from services.triage.signals.tone import Tone
from shared.contracts.triaged import Arousal

_REPEATED = re.compile(r"[!?]{2,}")
_WORD = re.compile(r"[^\W\d_]+")


class ArousalRead(NamedTuple):
    """How heated it is, in steps and from 0 to 1, and what told: words, marks and emoji."""

    arousal: Arousal
    heat: float
    evidence: Words


def arousal_of(reading: Reading, tone: Tone, *, policy: TriagePolicy) -> ArousalRead:
    """Points for marks, capitals, charged words, emoji and tone; two steps of the policy."""
    rules = policy.rules.arousal
    points, evidence = charge_of(reading, policy)
    heat = round(heat_of(points, tone.moods, rules=rules), 2)
    points += rules.angry_tone * max(tone.moods["angry"] - tone.moods["neutral"], 0.0)
    return ArousalRead(_step(points, rules), heat, evidence)


def charge_of(reading: Reading, policy: TriagePolicy) -> tuple[float, Words]:
    """Points for what can be pointed at, tone aside, and what it was."""
    rules, raw = policy.rules.arousal, reading.tokens.raw
    labels = [label for label in rules.cues if label in reading.hits]
    points = sum(rules.cues[label] for label in labels)
    marks, marked = _marks(reading, rules)
    capitals, shouted = _capitals(raw, rules)
    emoji = [sign for sign in reading.emoji if sign in policy.rules.emoji.angry]
    points += marks + capitals + min(len(emoji), rules.emoji_max)
    evidence = (*reading.words(*labels), *marked, *shouted, *emoji)
    return points, tuple(dict.fromkeys(evidence))[:EVIDENCE_MAX]


def heat_of(points: float, moods: Mapping[str, float], *, rules: ArousalPolicy) -> float:
    """From 0 to 1: what is felt, and what marks and charged words add to it."""
    calm = 1 - felt(moods, rules)
    return 1 - calm * (1 - min(points / rules.heat_points, 1.0))


def felt(moods: Mapping[str, float], rules: ArousalPolicy) -> float:
    """From 0 to 1: what the moods' chances are worth."""
    worth = sum(share * moods[mood] for mood, share in rules.heat.items())
    least, most = min(rules.heat.values()), max(rules.heat.values())
    return (worth - least) / (most - least)


def _step(points: float, rules: ArousalPolicy) -> Arousal:
    if points >= rules.furious:
        return "furious"
    return "upset" if points >= rules.upset else "calm"


def _marks(reading: Reading, rules: ArousalPolicy) -> tuple[float, list[str]]:
    raw = reading.tokens.raw
    exclamations = raw.count("!") - _greetings(reading)
    repeated = _REPEATED.findall(raw) if raw.count("!") + raw.count("?") > 1 else []
    points = min(max(exclamations, 0), rules.exclamations_max) * rules.exclamation
    points += min(len(repeated), rules.repeated_marks_max) * rules.repeated_mark
    return points, repeated[:1]


def _greetings(reading: Reading) -> int:
    """How many exclamation marks only greet or thank: "Hei!", "Thank you!"."""
    tokens = reading.tokens
    ends = (tokens.ends[past - 1] for _, past in reading.found("greeting"))
    return sum(tokens.raw[end : end + 1] == "!" for end in ends)


def _capitals(raw: str, rules: ArousalPolicy) -> tuple[float, list[str]]:
    """A text that shouts, or single words that do."""
    if not _run_of_capitals(rules.shouted_letters_min).search(raw):
        return 0, []
    long = [w for w in _WORD.findall(raw) if len(w) >= rules.shouted_letters_min]
    loud = [w for w in long if w.isupper() and w.casefold() not in rules.acronyms]
    if len(loud) >= rules.shouted_words_min and len(loud) >= rules.shouted_share_min * len(long):
        return rules.shouted_text, loud[:1]
    return min(len(loud), rules.shouted_word_max) * rules.shouted_word, loud[:1]


@lru_cache
def _run_of_capitals(letters: int) -> re.Pattern[str]:
    """Where nothing like it stands, nobody shouts; most texts are told by that alone."""
    return re.compile(rf"[^\W\d_a-zæøå]{{{letters}}}")
