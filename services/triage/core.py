"""Triage, pure: a registered complaint in, its reading and the promises out."""

from collections.abc import Mapping

from services.triage.corrections import corrected
from services.triage.duties import closed
from services.triage.findings import findings_of
from services.triage.grading import graded
from services.triage.linking import Link, earlier_form, link_of, marks_of, stated_in
from services.triage.memory import linked, remembered
from services.triage.model import Words
from services.triage.policy import TriagePolicy
from services.triage.promises import promises_of
from services.triage.replies import reread, with_replies
from services.triage.reporting import reports_of
from services.triage.signals.reading import reading_of
from services.triage.statement import triaged
from shared.contracts.cases import CaseClosed, CaseLinked, CaseOverridden, CaseUnlinked
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
    """Read a complaint, and what a reply raises; let a handler's correction beat the machine."""
    data = event.data
    if isinstance(data, ComplaintRegistered) and isinstance(data.personal, Sealed):
        # Its writer was forgotten before we came to it: there is nothing left to read.
        return Decision(reasons=(Reason("forgotten"),))
    if isinstance(data, ComplaintRegistered):
        return _read(event, data, history=history, policy=policy)
    if isinstance(data, ComplaintReplied):
        return reread(event, data, history=history, policy=policy)
    return _heard(data, history, policy=policy)


def _heard(data: Contract, history: History, *, policy: TriagePolicy) -> Decision:
    """What colleagues did with the case."""
    match data:
        case CaseOverridden():
            return corrected(data, history, policy=policy)
        case CaseLinked() | CaseUnlinked():
            return Decision(remembers=linked(data))
        case CaseClosed():
            return closed(data, history)
        case _:
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
    stated = stated_in(history)
    reading = reading_of(
        complaint, at=complaint.received_at, earlier=earlier_form(stated), policy=policy
    )
    found = findings_of(reading, policy)
    link = link_of(found, history, stated=stated, policy=policy)
    grade = graded(found, contact=link.contact, policy=policy)
    owed = reports_of(found, complaint, policy=policy)
    told = {**found.why, **grade.why, **{each.code: each.words for each in owed}}
    statement = triaged(found, told, grade=grade, case_id=link.case_id, policy=policy)
    statement = with_replies(statement, history)
    return Decision(
        emits=(statement, *promises_of(statement, owed=owed, at=event.time, policy=policy)),
        remembers=remembered(statement, marks_of(reading), owed=owed),
        reasons=_reasons(told, link),
    )


def _reasons(told: Mapping[str, Words], link: Link) -> tuple[Reason, ...]:
    by = {link.by: ()} if link.by else {}
    return tuple(Reason(code, words) for code, words in {**told, **by}.items())
