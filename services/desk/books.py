"""Write the desk's rows in the record transaction: events as a set, queue rows made from them."""

from collections.abc import Iterable, Sequence

import orjson
from sqlalchemy import Connection, delete, insert, select

from services.desk.ledger import cases, events, waiting
from services.desk.model import CaseView, QueueRow
from services.desk.projection import row, view
from services.desk.queues import NEVER, rank
from services.desk.stored import opened, sortable, stored
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.topics import REGISTERED
from shared.ledger.engine import among, insert_if_absent
from shared.stage.stage import Decided

Events = list[Event[Contract]]


def record(connection: Connection, decided: Sequence[Decided]) -> None:
    """`Stage.also_records`: keep what was read and what was emitted; make the queue rows anew.

    What the desk emits comes back by `cases` too; kept at once, a refused command never looks
    effective in between.
    """
    found = [each for event, _, emitted in decided for each in (event, *emitted)]
    keep(connection, found)


def keep(connection: Connection, found: Iterable[Event[Contract]]) -> None:
    """Add these events to the set, and bring the rows of their cases up to date."""
    rows = sorted((_event(event) for event in found), key=lambda each: str(each["event_id"]))
    if not rows:
        return
    connection.execute(insert_if_absent(events, connection.engine), rows)
    complaints = sorted({str(each["complaint_id"]) for each in rows})
    touched = select(events.c.case_id).distinct().where(events.c.case_id.is_not(None))
    mine = touched.where(among(events.c.complaint_id, complaints, engine=connection.engine))
    named = {str(each["case_id"]) for each in rows if each["case_id"] is not None}
    refresh(connection, sorted(named.union(connection.execute(mine).scalars())))


def refresh(connection: Connection, case_ids: list[str]) -> None:
    """Make the queue rows of these cases anew from their events."""
    if not case_ids:
        return
    views = [view(found, case_id) for case_id, found in load(connection, case_ids).items()]
    for table in (cases, waiting):
        connection.execute(
            delete(table).where(among(table.c.case_id, case_ids, engine=connection.engine))
        )
    if views:
        connection.execute(insert(cases), [_case(each) for each in views])
    lines = [line for each in views for line in _waiting(each)]
    if lines:
        connection.execute(insert(waiting), lines)


def load(connection: Connection, case_ids: list[str]) -> dict[str, Events]:
    """The events of each case: those that name it, and those of its complaints.

    Intake knows no case for sure, so what it says of one (a reply, a choice) goes by complaint
    too, and makes no case of its own.
    """
    engine = connection.engine
    cases_of = _cases_of(connection, case_ids)
    bodies = connection.execute(
        select(events.c.complaint_id, events.c.case_id, events.c.topic, events.c.body).where(
            among(events.c.complaint_id, sorted(cases_of), engine=engine)
        )
    ).all()
    found: dict[str, Events] = {}
    whole = opened(connection, (row.body for row in bodies))
    for (complaint_id, named, topic, _), event in zip(bodies, whole, strict=True):
        for case_id in cases_of[complaint_id]:
            if named in (None, case_id) or topic == REGISTERED.name:
                found.setdefault(case_id, []).append(event)
    return dict(sorted(found.items()))


def _cases_of(connection: Connection, case_ids: list[str]) -> dict[str, list[str]]:
    """The cases of each complaint, of these cases."""
    rows = connection.execute(
        select(events.c.case_id, events.c.complaint_id, events.c.topic)
        .distinct()
        .where(among(events.c.case_id, case_ids, engine=connection.engine))
    ).all()
    sure = {case_id for case_id, _, topic in rows if topic != REGISTERED.name}
    found: dict[str, list[str]] = {}
    for case_id, complaint_id in sorted({(case, complaint) for case, complaint, _ in rows}):
        if case_id in sure:
            found.setdefault(complaint_id, []).append(case_id)
    return found


def _event(event: Event[Contract]) -> dict[str, object]:
    return {
        "event_id": event.id,
        "key": event.key,
        "case_id": getattr(event.data, "case_id", None),
        "complaint_id": str(getattr(event.data, "complaint_id", "")),
        "type": event.type,
        "time": sortable(event.time),
        "depth": event.depth,
        "topic": event.topic,
        "body": stored(event),
    }


def _case(case: CaseView) -> dict[str, object]:
    line: QueueRow = row(case)
    return {
        "case_id": line.case_id,
        "key": case.key,
        "state": line.state,
        "severity": line.severity,
        "rank": rank(line),
        "needs_person": int(line.needs_person),
        "due_at": sortable(line.due_at or NEVER),
        "owner": line.owner,
        "version": line.version,
        "category": line.category,
        "why": orjson.dumps(line.why).decode(),
        "about": orjson.dumps(line.about).decode(),
        "updated": sortable(line.updated),
    }


def _waiting(case: CaseView) -> list[dict[str, object]]:
    """Every recovery and task by id, so that either leads to its case; the open ones say so."""
    about = orjson.dumps(case.about).decode()
    open_ = {each.recovery_id: each for each in case.waiting_approvals}
    signatures = [
        {
            "id": recovery.recovery_id,
            "kind": "approval",
            "waits": int(recovery.recovery_id in open_),
            "since": sortable(recovery.now.effective_at),
            "body": open_[recovery.recovery_id].model_dump_json()
            if recovery.recovery_id in open_
            else "",
        }
        for recovery in case.recoveries
    ]
    tasks = [
        {
            "id": task.task_id,
            "kind": "task",
            "waits": int(task.done_by is None),
            "since": sortable(task.due_at),
            "body": task.model_dump_json(),
        }
        for task in case.tasks
    ]
    return [{"case_id": case.case_id, "about": about, **each} for each in (*signatures, *tasks)]
