"""A complainant's text with the words marked that made triage say what it says."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.desk.model import ComplaintView
from shared.contracts.triaged import TriagePersonal

# Every small word tells the written form: marked, they would hide what matters.
EVERYWHERE = ("written_form.", "role.")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of the text, and the reasons it fired (none: it fired nothing)."""

    text: str
    reasons: tuple[str, ...] = ()


def evidence_of(complaint: ComplaintView) -> Mapping[str, Sequence[str]]:
    """The words that fired each reason; none where they are sealed or nothing is read yet."""
    read = complaint.triaged
    personal = read.personal if read else None
    return personal.evidence if isinstance(personal, TriagePersonal) else {}


def runs(text: str, evidence: Mapping[str, Sequence[str]]) -> tuple[Run, ...]:
    """The whole text, cut where words fired a reason. Longer words win over those inside them."""
    reasons: dict[str, list[str]] = {}
    for reason, words in evidence.items():
        if reason.startswith(EVERYWHERE):
            continue
        for word in words:
            if word.strip():
                reasons.setdefault(word.casefold(), []).append(reason)
    if not reasons:
        return (Run(text),)
    longest = sorted(reasons, key=len, reverse=True)
    fired = re.compile("|".join(re.escape(word) for word in longest), re.IGNORECASE)
    found: list[Run] = []
    at = 0
    for match in fired.finditer(text):
        if match.start() > at:
            found.append(Run(text[at : match.start()]))
        found.append(Run(match[0], tuple(sorted(set(reasons.get(match[0].casefold(), []))))))
        at = match.end()
    return (*found, Run(text[at:])) if at < len(text) else tuple(found)
