"""The desk's decisions: what needs a person, which task is whose, and which command has no effect.

Pure: the event's time is the only now. A recovery or a failed message may come before the triage
of its complaint; it then waits in memory, because severity and deadline come from triage.
"""

from dataclasses import replace
from datetime import datetime

from pydantic import JsonValue

from services.desk import memory
from services.desk.memory import Failed, Known, Opening
from services.desk.names import people_in
from services.desk.policy import DeskPolicy
from services.desk.reasons import NOT_SENT, Unsent, of_triage, of_what_followed
from shared.business_time import deadline, is_urgent
from shared.contracts import cases as ca
from shared.contracts import recoveries as re
from shared.contracts.caserule import ABOUT, judge
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.identity import derived
from shared.contracts.notifications import NotificationFailed, NotificationSuppressed
from shared.contracts.registered import ComplaintRegistered, ComplaintReplied
from shared.contracts.triaged import SEVERITIES, ComplaintTriaged, is_raised
from shared.stage.decision import NOTHING, Decision, History, Reason

# What ends or stops the wait for a person: whoever said it must have seen why there was one.
MOVES = (ca.CaseAsked, ca.CaseAnswered, ca.CaseDecided, ca.CaseClosed, ca.CaseWithdrawn)


def decide(  # signature: stage
    event: Event[Contract], history: History, policy: DeskPolicy
) -> Decision:
    """What the desk makes of an event of any keyed topic."""
    desk = _Desk(event, Known(history), policy)
    match event.data:
        case ca.CaseEvent() as said:
            return desk.ruled(said)
        case ComplaintRegistered() as complaint:
            return desk.named(complaint)
        case ComplaintTriaged() as triaged:
            return desk.triaged(triaged)
        case re.RecoveryApproved() as recovery:
            return desk.tasks(recovery)
        case (
            ComplaintReplied()
            | re.RecoveryEvent()
            | NotificationFailed()
            | NotificationSuppressed() as told
        ):
            return desk.told(told)
        case _:
            return NOTHING


class _Desk:
    """One event, what is known of its complainant, and the policy."""

    def __init__(self, event: Event[Contract], known: Known, policy: DeskPolicy) -> None:
        self.event, self.known, self.policy = event, known, policy

    def triaged(self, triaged: ComplaintTriaged) -> Decision:
        """Open the case when triage says so, or when something said so before."""
        triage = memory.Triage(
            complaint_id=triaged.complaint_id,
            case_id=triaged.case_id,
            severity=triaged.severity,
            kind=triaged.kind,
            urgent=is_urgent(triaged),
            raised=is_raised(triaged),
        )
        why = of_triage(triaged, self.policy.rules.kinds_for_people)
        why += self.known.wanted(triage)
        return self._open(triage, why, remembers=memory.remembered(triage))

    def named(self, complaint: ComplaintRegistered) -> Decision:
        """Whom the complaint names: they never own it, sign it or read it first."""
        people = people_in(complaint, self.policy.rules.known_as)
        if not people:
            return NOTHING
        named = memory.Named(complaint_id=complaint.complaint_id, people=people)
        remembers = memory.remembered(named)
        triage = self.known.triage(complaint.complaint_id)
        if triage is None or not self.known.openings(triage.case_id):
            return Decision(remembers=remembers)
        why = tuple(ABOUT + person for person in people)
        return self._open(triage, why, remembers=remembers)

    def told(self, told: ComplaintReplied | re.RecoveryEvent | Unsent) -> Decision:
        """Open the case when a person must go on with it, or wait for its triage."""
        why = of_what_followed(told)
        if not why:
            return NOTHING
        case_id = "" if isinstance(told, NotificationSuppressed) else told.case_id
        triage = self.known.triage(told.complaint_id) or self.known.triage_of(case_id)
        if triage is None:
            wanted = memory.Wanted(told.complaint_id, case_id, why)
            return Decision(remembers=memory.remembered(wanted))
        remembers = {}
        if isinstance(told, re.RecoveryFailed) and told.approved_by is None:
            at = told.effective_at.isoformat()
            remembers = memory.remembered(Failed(triage.case_id, told.decided_by, at))
        return self._open(triage, why, remembers=remembers)

    def ruled(self, said: ca.CaseEvent) -> Decision:
        """Apply the one rule; answer a command that has no effect."""
        ruling = judge(self.known.data(), said, known=self.policy.people.names)
        remembers = ruling.remembers
        if isinstance(said, ca.CaseOpened):
            remembers |= memory.landed(self.event.id)
        if not isinstance(said, ca.CaseCommand):
            return Decision(remembers=remembers or None)
        if ruling.refusal is not None:
            refused = ca.CaseRefused(
                complaint_id=said.complaint_id,
                case_id=said.case_id,
                at=said.at,
                refused_id=self.event.id,
                code=ruling.refusal.code,
                actor=said.actor,
            )
            return Decision(emits=(refused,), reasons=(Reason(ruling.refusal.why),))
        return self._after(said, remembers, version=ruling.after.version)

    def _after(
        self, said: ca.CaseCommand, remembers: dict[str, JsonValue], *, version: int
    ) -> Decision:
        """An effective command. What was opened meanwhile, she had not seen: it opens again."""
        if isinstance(said, ca.CaseOverridden) and said.field == "severity":
            severity = next((s for s in SEVERITIES if s == said.value), None)
            if severity:
                remembers |= memory.remembered(memory.Corrected(said.case_id, severity))
        missed = self.known.on_their_way(said.case_id)
        why = {why for opening in missed for why in opening.why}
        if isinstance(said, ca.CaseDecided) and self.known.came_to_nothing(said):
            why.add("recovery_failed")
        triage = self.known.triage(said.complaint_id)
        if not (why and isinstance(said, MOVES) and triage):
            return Decision(remembers=remembers, reasons=(Reason(said.TYPE),))
        return self._opening(triage, tuple(sorted(why)), remembers=remembers, version=version)

    def _open(
        self, triage: memory.Triage, why: tuple[str, ...], *, remembers: dict[str, JsonValue]
    ) -> Decision:
        case = self.known.case(triage.case_id)
        idle = not case.needs_person or case.state == "waiting_for_complainant"
        last: dict[str, int] = {}
        for opening in self.known.openings(triage.case_id):
            if opening.complaint_id == triage.complaint_id:
                last |= dict.fromkeys(opening.why, opening.version)
        # The same reason opens a case again once a person has dealt with it, and not before;
        # that there is no way to write is said once, or she could never close.
        again = {w for w in why if idle and w != NOT_SENT and last.get(w, 0) < case.version}
        new = tuple(w for w in why if w not in last or w in again)
        if not new:
            return Decision(remembers=remembers or None)
        return self._opening(triage, new, remembers=remembers, version=case.version)

    def _opening(
        self,
        triage: memory.Triage,
        why: tuple[str, ...],
        *,
        remembers: dict[str, JsonValue],
        version: int,
    ) -> Decision:
        """The event, and the memory of having sent it."""
        about = {ABOUT + person for person in self.known.about(triage)}
        severity = self.known.severity(triage)
        opened = ca.CaseOpened(
            complaint_id=triage.complaint_id,
            case_id=triage.case_id,
            at=self.event.time,
            severity=severity,
            why=(*dict.fromkeys(why), *sorted(about - set(why))),
            due_at=self._due_at(replace(triage, severity=severity)),
            after_version=version,
        )
        sent = Opening(
            event_id=derived(self.event.id, opened.TYPE, 0),
            complaint_id=triage.complaint_id,
            case_id=triage.case_id,
            version=version,
            why=why,
        )
        return Decision(
            emits=(opened,),
            remembers=remembers | memory.remembered(sent),
            reasons=tuple(Reason(code) for code in opened.why),
        )

    def _due_at(self, triage: memory.Triage) -> datetime:
        """First human touch by severity; by kind or danger, where that comes first."""
        owed, now = self.policy.deadlines, self.event.time
        return owed.touch_by(now, triage.severity, kind=triage.kind, urgent=triage.urgent)

    def tasks(self, recovery: re.RecoveryApproved) -> Decision:
        """What a person must do in the world, now that it is approved."""
        known = self.known.tasks()
        tasks = tuple(
            self._task(recovery, gesture)
            for gesture in recovery.gestures
            if gesture.kind in self.policy.rules.tasks
            and gesture.state != "voided"
            and gesture.gesture_id not in known
        )
        if not tasks:
            return NOTHING
        ids = tuple(task.task_id for task in tasks)
        return Decision(
            emits=tasks, remembers=memory.created(ids), reasons=(Reason("task_created"),)
        )

    def _task(self, recovery: re.RecoveryEvent, gesture: re.Gesture) -> ca.TaskCreated:
        rules = self.policy.rules
        task = rules.tasks[gesture.kind]
        due_at = deadline(self.event.time, task.within, calendar=self.policy.deadlines.calendar)
        return ca.TaskCreated(
            complaint_id=recovery.complaint_id,
            case_id=recovery.case_id,
            at=self.event.time,
            task_id=gesture.gesture_id,
            what=gesture.kind,
            owner_role=task.owner_role,
            due_at=gesture.due_at or due_at,
        )
