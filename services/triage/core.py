"""Triage, pure: a registered complaint in, its reading and the promises out."""

from services.triage.corrections import corrected
from services.triage.findings import Findings, findings_of
from services.triage.grading import Graded, graded
from services.triage.linking import Link, earlier_form, link_of, marks_of
from services.triage.memory import linked, remembered, replied
from services.triage.policy import TriagePolicy
from services.triage.promises import promises_of
from services.triage.signals.reading import reading_of
from services.triage.statement import triaged
from shared.contracts.cases import CaseLinked, CaseOverridden, CaseUnlinked
from shared.contracts.contract import Contract, Sealed
from shared.contracts.envelope import Event
from shared.contracts.registered import ComplaintRegistered, ComplaintReplied
from shared.stage.decision import NOTHING, Decision, History, Reason, Rejected
from shared.stage.ruled import ruled


def read(
    event: Event[Contract],
    history: History,
    policy: TriagePolicy,  # signature: stage
) -> Decision | Rejected:
    """Read a complaint; remember a reply; let a handler's correction beat the machine."""
    data = event.data
    if isinstance(data, ComplaintRegistered) and isinstance(data.personal, Sealed):
        # Its writer was forgotten before we came to it: there is nothing left to read.
        return Decision(reasons=(Reason("forgotten"),))
    if isinstance(data, ComplaintRegistered):
        return _read(event, data, history=history, policy=policy)
    if isinstance(data, ComplaintReplied):
        return Decision(remembers=replied(data))
    if isinstance(data, CaseOverridden):
        return corrected(data, history, policy=policy)
    if isinstance(data, CaseLinked | CaseUnlinked):
        return Decision(remembers=linked(data))
    return NOTHING


decide = ruled(read, lambda policy: policy.people.names)


def _read(
    event: Event[Contract],
    complaint: ComplaintRegistered,
    *,
    history: History,
    policy: TriagePolicy,
) -> Decision:
    """Read the signals, link the case, grade the severity, state it, promise what is owed."""
    reading = reading_of(
        complaint, at=complaint.received_at, earlier=earlier_form(history), policy=policy
    )
    found = findings_of(reading, policy)
    link = link_of(found, history, policy=policy)
    grade = graded(found, contact=link.contact, policy=policy)
    statement = triaged(found, grade, case_id=link.case_id, policy=policy)
    return Decision(
        emits=(statement, *promises_of(statement, at=event.time, policy=policy)),
        remembers=remembered(statement, marks_of(reading)),
        reasons=_reasons(found, grade, link=link),
    )


def _reasons(found: Findings, grade: Graded, *, link: Link) -> tuple[Reason, ...]:
    by = {link.by: ()} if link.by else {}
    return tuple(Reason(code, words) for code, words in {**found.why, **grade.why, **by}.items())
