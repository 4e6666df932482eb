"""How complaints flow just now, as far as the desk's own events tell: no broker is asked.

Rates are of the last minutes; "waits" is what one stage has said and the next has not answered,
of the last day, so that the question stays small however old the installation is.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from sqlalchemy import Connection, case, func, select

from services.desk.ledger import cases, events, waiting
from services.desk.stored import sortable
from shared.contracts import notifications as no
from shared.contracts import recoveries as re
from shared.contracts.registered import ComplaintRegistered
from shared.contracts.triaged import ComplaintTriaged

RATE_OVER = timedelta(minutes=5)
LOOKED_BACK = timedelta(days=1)
CHANNELS_OVER = timedelta(hours=1)
CHANNELS_READ_MAX = 2_000  # rows whose channel is read; more than that are a flood, and so told
RECOVERY = (re.RecoveryProposed, re.RecoveryApproved, re.RecoverySettled, re.RecoveryFailed)
STAGES: Mapping[str, tuple[str, ...]] = {
    "intake": (ComplaintRegistered.TYPE,),
    "triage": (ComplaintTriaged.TYPE,),
    "recovery": tuple(kind.TYPE for kind in RECOVERY),
    "notify": (no.NotificationSent.TYPE,),
}


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: events a minute, when it last said something, what waits for it and since when."""

    name: str
    per_minute: float
    last: datetime | None
    waits: int | None = None
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """All of it. `open`: cases that wait for a person by severity, and how many are overdue."""

    stages: tuple[Stage, ...]
    open: Mapping[str, tuple[int, int]]
    channels: Mapping[str, int]
    unsigned: int
    unsigned_since: datetime | None


def flow(connection: Connection, now: datetime) -> Flow:
    """As it is now."""
    unsigned, since = _unsigned(connection)
    return Flow(
        tuple(_stage(connection, name, now=now) for name in STAGES),
        _open(connection, now),
        _channels(connection, now),
        unsigned,
        since,
    )


def _stage(connection: Connection, name: str, *, now: datetime) -> Stage:
    ours = events.c.type.in_(STAGES[name])
    recent = select(func.count()).where(ours, events.c.time >= sortable(now - RATE_OVER))
    count = connection.execute(recent).scalar_one()
    last = connection.execute(select(func.max(events.c.time)).where(ours)).scalar()
    waits, oldest = _waits(connection, name, now=now)
    per_minute = count / (RATE_OVER / timedelta(minutes=1))
    return Stage(name, per_minute, _at(last), waits, _at(oldest))


def _waits(connection: Connection, name: str, *, now: datetime) -> tuple[int | None, str | None]:
    asked: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
        "triage": ((ComplaintRegistered.TYPE,), STAGES["triage"]),
        "notify": (
            (no.NotificationRequested.TYPE,),
            (no.NotificationSent.TYPE, no.NotificationFailed.TYPE),
        ),
    }
    if name not in asked:
        return None, None
    said, answered = asked[name]
    open_ = case((events.c.type.in_(said), 1), else_=-1)
    per_complaint = (
        select(func.min(events.c.time).label("since"))
        .where(events.c.type.in_([*said, *answered]), events.c.time >= sortable(now - LOOKED_BACK))
        .group_by(events.c.complaint_id)
        .having(func.sum(open_) > 0)
        .subquery()
    )
    found = connection.execute(select(func.count(), func.min(per_complaint.c.since))).one()
    return found[0], found[1]


def _open(connection: Connection, now: datetime) -> dict[str, tuple[int, int]]:
    overdue = func.sum(case((cases.c.due_at < sortable(now), 1), else_=0))
    rows = connection.execute(
        select(cases.c.severity, func.count(), overdue)
        .where(cases.c.needs_person == 1, cases.c.state != "closed")
        .group_by(cases.c.severity)
    )
    return {severity: (count, late) for severity, count, late in rows}


def _channels(connection: Connection, now: datetime) -> dict[str, int]:
    recent = (
        select(events.c.body)
        .where(
            events.c.type == ComplaintRegistered.TYPE,
            events.c.time >= sortable(now - CHANNELS_OVER),
        )
        .limit(CHANNELS_READ_MAX)
    )
    bodies = connection.execute(recent).scalars()
    return dict(Counter(str(orjson.loads(body)["data"]["channel"]) for body in bodies))


def _unsigned(connection: Connection) -> tuple[int, datetime | None]:
    ours = (waiting.c.kind == "approval") & (waiting.c.waits == 1)
    found = connection.execute(select(func.count(), func.min(waiting.c.since)).where(ours)).one()
    return found[0], _at(found[1])


def _at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
