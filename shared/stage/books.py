"""A batch in the ledger: what it reads before deciding, and what it writes, in few statements."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Select, bindparam, select, update

from shared.ledger.engine import add_within_limit, insert_if_absent, now, one_of, wanted
from shared.ledger.tables import effects, history, reserves
from shared.stage.batch import Plan, Planned
from shared.stage.decision import Effect, Memory, Reserve

_VOID = (
    update(effects)
    .where(effects.c.key == bindparam("k"))
    .where(effects.c.state == "pending")
    .values(state="voided")
)


class GuardFailed(Exception):
    """A shared row has changed since it was read: load again and decide again."""


def seen_ids(connection: Connection, engine: Engine, *, ids: list[str]) -> set[str]:
    """Which of these event ids were decided before."""
    asked = wanted(ids, engine=engine)
    return set(connection.execute(_seen(engine.dialect.name), asked).scalars())


@cache
def _seen(dialect: str) -> Select[Any]:
    return select(history.c.event_id).where(one_of(history.c.event_id, dialect))


def memories_of(
    connection: Connection, engine: Engine, *, keys: Iterable[str]
) -> dict[str, list[Memory]]:
    """What is remembered of each record key, oldest first."""
    found: dict[str, list[Memory]] = {}
    rows = connection.execute(
        _remembered(engine.dialect.name), wanted(sorted(set(keys)), engine=engine)
    )
    for key, event_id, kind, at, data in rows:
        memory = Memory(event_id, kind, datetime.fromisoformat(at), orjson.loads(data))
        found.setdefault(key, []).append(memory)
    return found


@cache
def _remembered(dialect: str) -> Select[Any]:
    told = (history.c.key, history.c.event_id, history.c.type, history.c.at, history.c.data)
    ours = one_of(history.c.key, dialect) & history.c.data.is_not(None)
    return select(*told).where(ours).order_by(history.c.seq)


def reserved(connection: Connection, engine: Engine, *, names: Iterable[str]) -> dict[str, int]:
    """How much of each shared row is taken; absent means nothing yet."""
    asked = sorted(set(names))
    if not asked:
        return {}
    rows = connection.execute(_taken(engine.dialect.name), wanted(asked, engine=engine))
    return dict(rows.tuples().all())


@cache
def _taken(dialect: str) -> Select[Any]:
    return select(reserves.c.name, reserves.c.used).where(one_of(reserves.c.name, dialect))


def write(connection: Connection, engine: Engine, *, plan: Plan) -> None:
    """History, effects and shared rows of a batch; raises `GuardFailed` when a row moved."""
    _take(connection, engine, wanted=plan.reserves())
    if plan.planned:
        connection.execute(insert_if_absent(history, engine), [_history(p) for p in plan.planned])
    rows = plan.effects()
    if rows:
        at_s = now(connection)
        connection.execute(
            insert_if_absent(effects, engine), [_effect(p, effect, now=at_s) for p, effect in rows]
        )
    voids = sorted(key for p in plan.planned for key in p.decision.voids)
    if voids:
        connection.execute(_VOID, [{"k": key} for key in voids])


def _take(connection: Connection, engine: Engine, *, wanted: list[Reserve]) -> None:
    if not wanted:
        return
    # A row that is not there yet has nothing taken: only the database's side can differ.
    if any(reserve.add_minor > reserve.limit_minor for reserve in wanted):
        raise GuardFailed(next(r.name for r in wanted if r.add_minor > r.limit_minor))
    rows = [{"name": r.name, "used": r.add_minor, "most": r.limit_minor} for r in wanted]
    # Without the option SQLAlchemy does not say how many rows an INSERT on Postgres wrote.
    counted = {"preserve_rowcount": True}
    result = connection.execute(add_within_limit(engine), rows, execution_options=counted)
    if result.rowcount != len(rows):
        raise GuardFailed(", ".join(sorted({r.name for r in wanted})[:5]))


def _history(planned: Planned) -> dict[str, object]:
    event, remembers = planned.event, planned.decision.remembers
    return {
        "event_id": event.id,
        "key": event.key,
        "type": event.type,
        "at": event.time.isoformat(),
        "data": None if remembers is None else orjson.dumps(remembers).decode(),
    }


def _effect(planned: Planned, effect: Effect, *, now: float) -> dict[str, object]:
    return {
        "key": effect.key,
        "kind": effect.kind,
        "complaint_id": effect.complaint_id,
        "record_key": planned.event.key,
        "cause_id": planned.event.id,
        "partition": planned.partition,
        "state": "pending",
        "payload": orjson.dumps(effect.payload).decode(),
        "after": effect.after,
        "released": 0,
        "next_at": effect.due_at.timestamp() if effect.due_at else 0.0,
        "attempts": 0,
        "created_at": now,
        "announced": 0,
        "traceparent": planned.event.traceparent,
    }
