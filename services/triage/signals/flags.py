"""Abuse, safety, legal threats, privacy and press: what a person must see.

Threats are not safety and safety is no abuse; a lawyer is neither. Figures of speech were taken
out when the reading was made.
"""

from typing import NamedTuple

from services.triage.model import Reading, Words
from services.triage.policy import TriagePolicy
from services.triage.signals.tone import HOSTILE, NORWEGIAN, Tone
from shared.contracts.triaged import Abuse


class Flags(NamedTuple):
    """Each flag with the words that raised it; empty words and False belong together."""

    abuse: Abuse
    safety: bool
    legal: bool
    privacy: bool
    press: bool
    why: dict[str, Words]


def flags_of(reading: Reading, tone: Tone, *, policy: TriagePolicy) -> Flags:
    """Raise the flags. A privacy breach is a legal matter too."""
    why: dict[str, Words] = {}
    for prefix in ("safety.", "legal.", "privacy.", "press."):
        for label in reading.family(prefix):
            why[label] = reading.words(label)
    abuse: Abuse = "none"
    if reading.form.written not in NORWEGIAN and tone.hostile > policy.rules.abuse_above:
        # The weights were fitted on English and Danish; Norwegian has its list.
        abuse, why["abuse.hostile"] = "hostile", tone.words(HOSTILE)
    if reading.has("insult"):
        abuse, why["abuse.hostile"] = "hostile", reading.words("insult")
    if reading.has("abuse.threat"):
        abuse, why["abuse.threat"] = "threat", reading.words("abuse.threat")
    privacy = bool(reading.family("privacy."))
    return Flags(
        abuse=abuse,
        safety=bool(reading.family("safety.")),
        legal=privacy or bool(reading.family("legal.")),
        privacy=privacy,
        press=bool(reading.family("press.")),
        why=why,
    )
