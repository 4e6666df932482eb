"""Severity, confidence and whether a person must see it: what follows from the findings."""

from dataclasses import dataclass

from services.triage.findings import Findings
from services.triage.model import Words
from services.triage.policy import TriagePolicy
from services.triage.signals.confidence import Support, confidence_of
from services.triage.signals.severity import (
    Conditions,
    RuleRead,
    rules_read,
    severity_of,
    worth_conditions,
)
from shared.contracts.triaged import Severity


@dataclass(frozen=True, slots=True)
class Graded:
    """The step, how sure, and each reason with its words; `person` codes ask for a person."""

    severity: Severity
    confidence: float
    contact: int
    person: tuple[str, ...]
    why: dict[str, Words]


def graded(found: Findings, *, contact: int, policy: TriagePolicy) -> Graded:
    """Grade a complaint that is the `contact`-th on its matter by the records."""
    contact = max(contact, found.repetition.contact)
    severity = severity_of(_conditions(found, contact, policy=policy), policy)
    support = Support(
        kind=found.kind,
        category=found.category,
        remedy_known=found.remedy.sought != "unknown",
        contradicted=found.role.contradicted,
    )
    sure = confidence_of(found.reading, support, policy=policy)
    if found.unheard.likely:
        sure = min(sure, policy.rules.danger.sure_max)
    person = _person(found, severity.severity, sure=sure, contact=contact, policy=policy)
    return Graded(
        severity=severity.severity,
        confidence=sure,
        contact=contact,
        person=tuple(person),
        why={**severity.why, **person},
    )


def graded_reply(found: Findings, policy: TriagePolicy) -> Graded:
    """Grade what a reply adds. What the matter is worth, its complaint has told."""
    conditions = _conditions(found, 1, policy=policy)
    known = {name: words for name, words in conditions.items() if name != "worth_unknown"}
    severity = severity_of(known, policy)
    person = _person(found, severity.severity, sure=1, contact=1, policy=policy)
    asked = {code: words for code, words in person.items() if code in policy.rules.person_in_reply}
    return Graded(
        severity=severity.severity,
        confidence=1,
        contact=1,
        person=tuple(asked),
        why={**severity.why, **asked},
    )


def rules_of(found: Findings, *, contact: int, policy: TriagePolicy) -> tuple[RuleRead, ...]:
    """Every rule of severity on these findings, the gravest first: what explains a grade."""
    contact = max(contact, found.repetition.contact)
    return rules_read(_conditions(found, contact, policy=policy), policy)


def _conditions(found: Findings, contact: int, *, policy: TriagePolicy) -> Conditions:
    """What severity hangs on: harm, urgency and repetition; nothing of how it is said."""
    reading, need = found.reading, found.necessity
    true = {
        label: reading.words(label)
        for prefix in ("safety.", "harm.", "need.", "trifle", "legal.", "privacy.", "near.")
        for label in reading.family(prefix)
        if label in policy.rules.severity.asked
    }
    true |= worth_conditions(reading, found.remedy.claimed, policy=policy)
    families = {
        "safety": "safety.",
        "harm": "harm.",
        "privacy": "privacy.",
    }
    for name, prefix in families.items():
        if labels := reading.family(prefix):
            true[name] = reading.words(*labels)
    facts: dict[str, Words | None] = {
        "complaint": found.kind.evidence if found.kind.kind == "complaint" else None,
        "regretted": found.regret,
        "needed": need.evidence if need.necessity == "need_to_have" else None,
        "alternatives": reading.words("alternatives") if need.alternatives else None,
        "deadline": need.deadline or None,
        "crowd": need.crowd or None,
        "crowd_all": reading.words("crowd.all") or None,
        "repeated": _repeated(found, contact, policy=policy),
        "danger_likely": found.unheard.words if found.unheard.likely else None,
    }
    return true | {name: words for name, words in facts.items() if words is not None}


def _repeated(found: Findings, contact: int, *, policy: TriagePolicy) -> Words | None:
    again = contact >= policy.rules.severity.contacts_raise or found.repetition.passed_around
    return found.repetition.evidence if again and found.kind.kind == "complaint" else None


def _person(
    found: Findings, severity: Severity, *, sure: float, contact: int, policy: TriagePolicy
) -> dict[str, Words]:
    """Each reason for which a person must see it. Praise is passed on, and needs none."""
    complaint, flags = found.reading.complaint, found.flags
    confirmed = complaint.order_state == "confirmed"
    doubtful = sure < policy.rules.confidence.person_below
    asked = {
        "person.safety": flags.safety,
        "person.danger_words": bool(found.unheard.words),
        "person.legal": flags.legal,
        "person.press": flags.press,
        "person.threat": flags.abuse == "threat",
        "person.vulnerable": found.mood.is_vulnerable,
        "person.critical": severity == "critical",
        "person.written_form": found.form.written == "other",
        "person.on_behalf": complaint.on_behalf and not confirmed,
        "person.request": found.kind.kind == "request",
        "person.question": found.kind.kind == "question",
        "person.about_person": found.reading.has("about_person"),
        "person.third_contact": contact >= policy.rules.severity.contacts_raise,
        "person.id_reused": complaint.id_reused,
        "person.contradicted": complaint.order_state == "contradicted" or found.role.contradicted,
        "person.unsure": doubtful and found.kind.kind != "praise",
    }
    evidence = {
        "person.about_person": found.reading.words("about_person"),
        "person.danger_words": found.unheard.words,
    }
    return {code: evidence.get(code, ()) for code, needed in asked.items() if needed}
