"""Kind: complaint, request, question or praise; and whether praise is meant the other way."""

from typing import NamedTuple

from services.triage.model import Reading, Words
from shared.contracts.triaged import Kind

# Found, any of these makes a message a complaint, however politely it is put.
_COMPLAINS = ("complain", "negative.strong", "insult", "abuse.threat", "sarcasm", "regret")
_GRAVE = ("safety.", "harm.", "legal.", "privacy.", "press.")
_HEAVY_REMEDIES = ("remedy.refund", "remedy.compensation")
QUESTION_MARK = "?"


class KindRead(NamedTuple):
    """The kind, how clear it was (0 to 1), and the words that told."""

    kind: Kind
    clear: float
    sarcastic: bool
    evidence: Words


def kind_of(reading: Reading) -> KindRead:
    """Harm told makes a complaint; else praise, request, question, in this order."""
    sarcastic = is_sarcastic(reading)
    labels = [label for prefix in _GRAVE for label in reading.family(prefix)]
    labels += [label for label in _COMPLAINS if reading.has(label)]
    if labels or sarcastic:
        evidence = reading.words(*labels) or reading.words("praise.high")
        return KindRead("complaint", 1.0, sarcastic, evidence)
    asks = reading.has("question") or QUESTION_MARK in reading.tokens.raw
    if reading.has("praise.thanks", "praise.high") and not reading.has(*_HEAVY_REMEDIES):
        if not reading.has("request") or reading.has("praise.strong"):
            return KindRead("praise", 1.0, False, reading.words("praise.thanks", "praise.high"))
    if reading.has("how_to") and asks:
        return KindRead("question", 1.0, False, reading.words("how_to"))
    return _without_harm(reading, asks=asks)


def _without_harm(reading: Reading, *, asks: bool) -> KindRead:
    if reading.has(*_HEAVY_REMEDIES):
        return KindRead("complaint", 0.7, False, reading.words(*_HEAVY_REMEDIES))
    if reading.has("request"):
        return KindRead("request", 1.0, False, reading.words("request"))
    if reading.has("remedy.replacement", "remedy.repair", "remedy.fix", "remedy.apology"):
        return KindRead("complaint", 0.5, False, reading.words(*reading.family("remedy.")))
    if asks:
        return KindRead("question", 0.8, False, reading.words("question"))
    if reading.has("negative.mild"):
        return KindRead("complaint", 0.6, False, reading.words("negative.mild"))
    return KindRead("complaint", 0.0, False, ())


def is_sarcastic(reading: Reading) -> bool:
    """High praise beside a harm, a long wait said to be short, or an ironic emoji."""
    if reading.has("sarcasm"):
        return True
    high = reading.has("praise.high")
    harmed = bool(reading.family("harm.")) or reading.has("only_so_long")
    return high and harmed and not reading.has("praise.thanks_person")
