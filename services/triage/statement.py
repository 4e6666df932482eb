"""States the event: everything triage read, with its reasons and the words that fired them."""

from collections.abc import Mapping

from services.triage.findings import Findings
from services.triage.grading import Graded
from services.triage.model import Words
from services.triage.policy import TriagePolicy
from services.triage.signals.facts import facts_of
from shared.contracts.contract import LINE_CHARS_MAX
from shared.contracts.triaged import ComplaintTriaged, TriagePersonal

AUTOMATIC = "automatic"


def triaged(
    found: Findings, told: Mapping[str, Words], *, grade: Graded, case_id: str, policy: TriagePolicy
) -> ComplaintTriaged:
    """The event of a reading; `told`: each reason with its words. A robot's asks for nothing."""
    complaint, robot = found.reading.complaint, found.reading.complaint.automatic
    facts = facts_of(found.reading, policy, urgent=bool(found.necessity.deadline))
    why: Mapping[str, Words] = {AUTOMATIC: ()} if robot else told
    return ComplaintTriaged(
        complaint_id=complaint.complaint_id,
        case_id=case_id,
        source=complaint.source,
        channel=complaint.channel,
        received_at=complaint.received_at,
        automatic=robot,
        kind=found.kind.kind,
        written_form=found.form.written,
        severity="low" if robot else grade.severity,
        arousal="calm" if found.kind.kind == "praise" else found.arousal.arousal,
        heat=0.0 if found.kind.kind == "praise" else found.arousal.heat,
        sentiment=found.mood.sentiment,
        abuse=found.flags.abuse,
        role=found.role.role,
        segment=complaint.segment,
        necessity=found.necessity.necessity,
        alternatives=found.necessity.alternatives,
        phase=found.phase.phase,
        mood=found.mood.mood,
        vulnerable=found.mood.is_vulnerable,
        category=found.category.category,
        matters=found.category.matters,
        root_cause=found.category.cause,
        remedy_sought=found.remedy.sought,
        amount_claimed=found.remedy.claimed,
        safety=found.flags.safety,
        legal=found.flags.legal,
        privacy=found.flags.privacy,
        press=found.flags.press,
        needs_person=bool(grade.person) and not robot,
        confidence=grade.confidence,
        contact=grade.contact,
        passed_around=found.repetition.passed_around,
        regretted=found.regret is not None,
        on_behalf=complaint.on_behalf,
        order=complaint.order,
        order_state=complaint.order_state,
        reasons=tuple(why),
        personal=TriagePersonal(evidence=evidence(why), facts=facts),
    )


def evidence(why: Mapping[str, Words]) -> dict[str, Words]:
    """The words of each reason that has some, none longer than a line."""
    return {
        code: tuple(word[:LINE_CHARS_MAX] for word in words) for code, words in why.items() if words
    }
