"""Read the desk's rows: the queues, one case, what waits, and what became of a command."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import ColumnElement, Connection, Row, Select, Tuple, literal, select, tuple_

from services.desk.books import load
from services.desk.ledger import PLACE, cases, events, waiting
from services.desk.model import CaseView, QueueRow, TaskView, WaitingApproval
from services.desk.projection import view
from services.desk.queues import NEVER, Place, is_urgent, ranks_of
from services.desk.standing import in_order, where
from services.desk.stored import opened, sortable
from shared.contracts.caserule import CaseState, Standing
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.people import Person

_SHORT = re.compile(r"(?:K-)?([0-9a-f]{8})", re.IGNORECASE)


class Ambiguous(LookupError):
    """Several cases have a name that begins so."""

    def __init__(self, case_ids: tuple[str, ...]) -> None:
        """`case_ids`: all of them."""
        super().__init__(", ".join(case_ids))
        self.case_ids = case_ids


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the queue: None means any."""

    state: Standing | None = None
    mine: bool = False
    needs_person: bool | None = None
    limit: int = 50
    offset: int = 0
    # The page behind this place in the queue, or the one in front of it.
    after: Place | None = None
    before: Place | None = None
    # False: not what is closed, unless `state` asks for it.
    closed: bool = True
    # What nobody owns, needs a person and may land with her.
    free: bool = False
    severity: str = ""
    category: str = ""
    owner: str = ""
    why: str = ""
    # The complainant's record key: whatever she ever complained of.
    key: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A case as people see it, and as the one rule sees it."""

    case: CaseView
    state: CaseState


def queue(connection: Connection, wanted: Wanted, *, person: Person) -> tuple[QueueRow, ...]:
    """The rows a person may see: what is urgent first, then severity, then the deadline.

    Which they are is asked of an index alone, or the thousandth page reads all before it.
    """
    mine = (_not_about(cases.c.about, person), *_filters(wanted, person), *_turned(wanted))
    towards = [each.desc() if wanted.before else each.asc() for each in PLACE]
    chosen = select(cases.c.case_id).where(*mine).order_by(*towards)
    page = chosen.limit(wanted.limit).offset(wanted.offset)
    rows = select(cases).where(cases.c.case_id.in_(page)).order_by(*PLACE)
    return tuple(_row(each) for each in connection.execute(rows))


def _turned(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.after:
        yield tuple_(*PLACE) > _row_value(wanted.after)
    if wanted.before:
        yield tuple_(*PLACE) < _row_value(wanted.before)


def _row_value(place: Place) -> Tuple:
    rank, due_at, case_id = place
    return tuple_(literal(rank), literal(sortable(due_at)), literal(case_id))


def _filters(wanted: Wanted, person: Person) -> Iterator[ColumnElement[bool]]:
    if wanted.state is not None:
        yield cases.c.state == wanted.state
    elif not wanted.closed:
        yield cases.c.state != "closed"
    if wanted.mine:
        yield cases.c.owner == person.person
    if wanted.needs_person is not None:
        yield cases.c.needs_person == int(wanted.needs_person)
    yield from _equal(wanted)
    if wanted.why:
        yield _listed(cases.c.why, wanted.why)
    if wanted.free:
        yield (cases.c.needs_person == 1) & cases.c.owner.is_(None)
        for never in person.never_handles:
            yield (cases.c.category != never) & ~_listed(cases.c.why, never)


def _equal(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """What is asked for by name."""
    if wanted.severity:
        # By rank, as the queue is ordered: the index leads to the first of them.
        yield cases.c.rank.in_(ranks_of(wanted.severity))
    for column in (cases.c.category, cases.c.owner, cases.c.key):
        if asked := getattr(wanted, column.name):
            yield column == asked


def case_named(connection: Connection, name: str) -> Found | None:
    """The case with this id, or of the complaint with this id or with our reference to it.

    A reference is K- and the id's first eight digits; they may stand alone. Raises `Ambiguous`.
    """
    by_complaint = select(events.c.case_id).where(
        events.c.complaint_id == name, events.c.case_id.is_not(None)
    )
    named = sorted({name, *connection.execute(by_complaint).scalars()})
    for case_id, found in load(connection, named).items():
        return _found(case_id, found)
    short = _SHORT.fullmatch(name)
    return _case_with(connection, short[1].lower()) if short else None


def _case_with(connection: Connection, prefix: str) -> Found | None:
    """The one case whose id, or the id of whose complaint, begins so."""
    named: set[str] = set()
    for column in (events.c.case_id, events.c.complaint_id):
        # Between, so that the index serves: no digit of an id sorts as high as "g".
        fits = select(events.c.case_id).where(column.between(prefix, prefix + "g")).distinct()
        named |= set(connection.execute(fits.where(events.c.case_id.is_not(None))).scalars())
    cases_ = load(connection, sorted(named)) if named else {}
    if len(cases_) > 1:
        raise Ambiguous(tuple(cases_))
    for case_id, found in cases_.items():
        return _found(case_id, found)
    return None


def _found(case_id: str, found: list[Event[Contract]]) -> Found:
    return Found(view(found, case_id), where(in_order(found)).case)


def approvals(
    connection: Connection, person: Person, *, limit: int, offset: int
) -> tuple[WaitingApproval, ...]:
    """Recoveries that lack a signature, the longest waiting first."""
    bodies = connection.execute(_waiting("approval", person).limit(limit).offset(offset)).scalars()
    return tuple(WaitingApproval.model_validate_json(body) for body in bodies)


def tasks(connection: Connection, person: Person, *, limit: int, offset: int) -> Iterator[TaskView]:
    """What is to be done in the world, the earliest due first."""
    bodies = connection.execute(_waiting("task", person).limit(limit).offset(offset)).scalars()
    return (TaskView.model_validate_json(body) for body in bodies)


def case_of(connection: Connection, kind: str, *, name: str) -> str | None:
    """The case of a recovery ("approval") or a task ("task") with this id."""
    found = select(waiting.c.case_id).where(waiting.c.id == name, waiting.c.kind == kind)
    return connection.execute(found).scalar()


def event_with(connection: Connection, event_id: str) -> Event[Contract] | None:
    """One event."""
    body = connection.execute(select(events.c.body).where(events.c.event_id == event_id)).scalar()
    return opened(connection, [body])[0] if body else None


def caused_by(connection: Connection, cause: Event[Contract]) -> tuple[Event[Contract], ...]:
    """The events that this one brought about."""
    found = of_complaint(connection, str(getattr(cause.data, "complaint_id", "")))
    return tuple(event for event in found if event.causation_id == cause.id)


def of_complaint(connection: Connection, complaint_id: str) -> tuple[Event[Contract], ...]:
    """Every event of one complaint, in the one order."""
    bodies = connection.execute(
        select(events.c.body).where(events.c.complaint_id == complaint_id)
    ).scalars()
    return in_order(opened(connection, bodies))


def _waiting(kind: str, person: Person) -> Select[tuple[str]]:
    waits = (waiting.c.kind == kind, waiting.c.waits == 1)
    ours = select(waiting.c.body).where(*waits, _not_about(waiting.c.about, person))
    return ours.order_by(waiting.c.since, waiting.c.id)


def _not_about(column: ColumnElement[str], person: Person) -> ColumnElement[bool]:
    """Whoever a case is about never reads it first."""
    return ~_listed(column, person.person)


def _listed(column: ColumnElement[str], value: str) -> ColumnElement[bool]:
    """Whether a JSON list of codes holds this one."""
    return column.contains(orjson.dumps(value).decode(), autoescape=True)


def _row(found: Row[tuple[object, ...]]) -> QueueRow:
    line = found._mapping  # noqa: SLF001 -- the documented way to read by column name
    due_at = None if line["due_at"] == sortable(NEVER) else datetime.fromisoformat(line["due_at"])
    return QueueRow(
        case_id=line["case_id"],
        state=line["state"],
        severity=line["severity"],
        urgent=is_urgent(line["rank"]),
        needs_person=bool(line["needs_person"]),
        due_at=due_at,
        owner=line["owner"],
        version=line["version"],
        why=tuple(orjson.loads(line["why"])),
        category=line["category"],
        about=tuple(orjson.loads(line["about"])),
        updated=datetime.fromisoformat(line["updated"]),
    )
