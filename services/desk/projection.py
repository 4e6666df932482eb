"""The whole case from its events: a pure fold, the same bytes whatever order they came in."""

from collections.abc import Iterable
from typing import TypeVar

from services.desk import messages
from services.desk.model import (
    ApprovalView,
    CaseView,
    ComplaintView,
    Correction,
    PromiseView,
    QueueRow,
    RecoveryView,
    TaskView,
    WaitingApproval,
)
from services.desk.reasons import waits_for_signature
from services.desk.standing import Events, Where, in_order, severity_of, where
from services.desk.timeline import line_of
from shared.business_time import is_urgent
from shared.contracts import approvals as ap
from shared.contracts import cases as ca
from shared.contracts import promises as pr
from shared.contracts import recoveries as re
from shared.contracts import registered as rg
from shared.contracts.caserule import Standing
from shared.contracts.contract import Contract
from shared.contracts.triaged import ComplaintTriaged

D = TypeVar("D", bound=Contract)


def view(events: Events, case_id: str) -> CaseView:
    """The case as people see it. `events`: at least one, all of this case, in any order."""
    ordered = in_order(events)
    at = where(ordered)
    complaints = _complaints(ordered)
    recoveries = _recoveries(ordered)
    tasks = _tasks(ordered, at)
    open_tasks = [task for task in tasks if task.done_by is None]
    waiting = _waiting(ordered, recoveries)
    due = [at.due_at] if at.due_at else []
    severities = [c.triaged.severity for c in complaints if c.triaged]
    return CaseView(
        case_id=case_id,
        key=ordered[0].key,
        version=at.case.version,
        state=_standing(at, recoveries),
        owner=at.case.owner,
        severity=severity_of(ordered, severities, where=at),
        urgent=_urgent(at, complaints),
        needs_person=at.case.needs_person or bool(open_tasks),
        needs=(
            *at.why,
            *(f"task:{task.what}" for task in open_tasks),
            *(f"approval:{each.approval}" for each in waiting),
        ),
        due_at=min([*due, *(task.due_at for task in open_tasks)], default=None),
        updated=ordered[-1].time,
        about=at.case.about,
        linked=_linked(at),
        complaints=complaints,
        replies=tuple(_all(ordered, rg.ComplaintReplied)),
        choices=tuple(_all(ordered, rg.ChoiceMade)),
        corrections=_corrections(at),
        recoveries=recoveries,
        waiting_approvals=waiting,
        approvals=_approvals(ordered),
        tasks=tasks,
        promises=_promises(ordered),
        messages=messages.of(ordered, at.refused),
        timeline=tuple(line_of(event, at.refused) for event in ordered),
    )


def row(case: CaseView) -> QueueRow:
    """The case as a line of a queue."""
    return QueueRow(
        case_id=case.case_id,
        state=case.state,
        severity=case.severity,
        urgent=case.urgent,
        needs_person=case.needs_person,
        due_at=case.due_at,
        owner=case.owner,
        version=case.version,
        why=case.needs,
        category=case.category,
        about=case.about,
        updated=case.updated,
    )


def _all(events: Events, kind: type[D]) -> Iterable[D]:
    return (event.data for event in events if isinstance(event.data, kind))


def _standing(at: Where, recoveries: tuple[RecoveryView, ...]) -> Standing:
    """Where nobody was needed, the machine's own words tell how far it is."""
    if at.case.state != "none":
        return at.case.state
    states = {recovery.state for recovery in recoveries}
    if not states:
        return "open"
    return "closed" if states <= {"settled", "expired"} else "decided"


def _urgent(at: Where, complaints: tuple[ComplaintView, ...]) -> bool:
    waits_for_us = bool(at.openings) and at.case.state != "waiting_for_complainant"
    return waits_for_us and any(c.triaged and is_urgent(c.triaged) for c in complaints)


def _complaints(events: Events) -> tuple[ComplaintView, ...]:
    registered = {data.complaint_id: data for data in _all(events, rg.ComplaintRegistered)}
    triaged = {data.complaint_id: data for data in _all(events, ComplaintTriaged)}
    return tuple(
        ComplaintView(complaint_id=id_, registered=registered.get(id_), triaged=triaged.get(id_))
        for id_ in dict.fromkeys((*registered, *triaged))
    )


def _recoveries(events: Events) -> tuple[RecoveryView, ...]:
    latest: dict[str, re.RecoveryEvent] = {}
    for said in sorted(_all(events, re.RecoveryEvent), key=lambda said: said.version):
        latest[said.recovery_id] = said
    return tuple(
        RecoveryView(
            recovery_id=id_,
            state=said.TYPE.split(".")[2],
            now=re.RecoveryEvent.model_validate(said.model_dump()),
        )
        for id_, said in sorted(latest.items())
    )


def _waiting(events: Events, recoveries: tuple[RecoveryView, ...]) -> tuple[WaitingApproval, ...]:
    proposed = {
        event.data.recovery_id: event.time
        for event in events
        if isinstance(event.data, re.RecoveryProposed)
    }
    return tuple(
        WaitingApproval(
            recovery_id=each.recovery_id,
            complaint_id=each.now.complaint_id,
            case_id=each.now.case_id,
            version=each.now.version,
            approval=each.now.approval,
            total_minor=each.now.total_minor,
            gestures=tuple(gesture.kind for gesture in each.now.gestures),
            reasons=each.now.reasons,
            asked=each.now.asked,
            proposed_at=proposed[each.recovery_id],
        )
        for each in recoveries
        if each.state == "proposed" and waits_for_signature(each.now)
    )


def _approvals(events: Events) -> tuple[ApprovalView, ...]:
    refused = {
        event.causation_id: event.data.code
        for event in events
        if isinstance(event.data, re.RecoveryApprovalRefused)
    }
    return tuple(
        ApprovalView(
            recovery_id=event.data.recovery_id,
            given=isinstance(event.data, ap.ApprovalGiven),
            by=event.data.actor,
            role=event.data.role,
            reason=event.data.reason,
            at=event.time,
            simulated=event.data.simulated,
            refused=refused.get(event.id, ""),
        )
        for event in events
        if isinstance(event.data, ap.ApprovalWords)
    )


def _tasks(events: Events, at: Where) -> tuple[TaskView, ...]:
    done = {said.task_id: said.actor for said in at.effective if isinstance(said, ca.TaskDone)}
    return tuple(
        TaskView(
            task_id=task.task_id,
            complaint_id=task.complaint_id,
            what=task.what,
            owner_role=task.owner_role,
            due_at=task.due_at,
            done_by=done.get(task.task_id),
        )
        for task in {task.task_id: task for task in _all(events, ca.TaskCreated)}.values()
    )


def _promises(events: Events) -> tuple[PromiseView, ...]:
    latest = {promise.promise_id: promise for promise in _all(events, pr.Promise)}
    return tuple(
        PromiseView(
            promise_id=promise.promise_id,
            kind=promise.kind,
            due_at=promise.due_at,
            owner=promise.owner,
            state=promise.TYPE.split(".")[2],
        )
        for promise in sorted(latest.values(), key=lambda p: (p.due_at, p.promise_id))
    )


def _corrections(at: Where) -> tuple[Correction, ...]:
    return tuple(
        Correction(
            field=said.field, value=said.value, by=said.actor, reason=said.reason, at=said.at
        )
        for said in at.effective
        if isinstance(said, ca.CaseOverridden)
    )


def _linked(at: Where) -> tuple[str, ...]:
    linked: set[str] = set()
    for said in at.effective:
        if isinstance(said, ca.CaseLinked):
            linked.add(said.other_case_id)
        elif isinstance(said, ca.CaseUnlinked):
            linked.discard(said.other_case_id)
    return tuple(sorted(linked))
