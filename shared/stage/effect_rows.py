"""The effects table as the dispatcher uses it: claim what is due, finish, announce."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

import orjson
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    update,
)

from shared.ledger.engine import now, one_of, wanted
from shared.ledger.tables import WORK_LEFT, effects, holds
from shared.stage.effects import AT_ONCE, Claimed

LEASE_S = 60.0
DUE_KEPT_MAX = 16  # the partitions of a worker and what is paused change now and then
TERMINAL = ("posted", "failed", "voided", "manual")


def _or_as_it_is(column: Column[Any], given: str) -> ColumnElement[Any]:
    """What is given; the column as it is where that is None."""
    return func.coalesce(bindparam(given, type_=column.type), column)


# One statement for every outcome, built once: a turn's effects are written together.
_FINISH = (
    update(effects)
    .where((effects.c.key == bindparam("k")) & (effects.c.lease == bindparam("l")))
    .values(
        lease=None,
        state=bindparam("is"),
        next_at=bindparam("again_at"),
        asked=_or_as_it_is(effects.c.asked, "times"),
        provider_reference=_or_as_it_is(effects.c.provider_reference, "named"),
        outcome=_or_as_it_is(effects.c.outcome, "tells"),
        announced=_or_as_it_is(effects.c.announced, "told"),
    )
)
# Only what was sent: an effect may have come to a later outcome meanwhile.
_ANNOUNCED = (
    update(effects)
    .where((effects.c.key == bindparam("k")) & (effects.c.outcome == bindparam("sent")))
    .values(announced=1)
)


# As `_due` in what the index `effects_due` knows; whose it is, and what it waits for, comes later.
_ANY_DUE = (
    select(effects.c.key).where(WORK_LEFT).where(effects.c.next_at <= bindparam("now")).limit(1)
)
_HOLD = select(holds.c.name).limit(1)
_CLAIM = (
    update(effects)
    .where(effects.c.key == bindparam("k"))
    .values(
        state=bindparam("is"),
        lease=bindparam("l"),
        next_at=bindparam("until"),
        attempts=effects.c.attempts + 1,
        first_at=func.coalesce(effects.c.first_at, bindparam("now", type_=effects.c.first_at.type)),
    )
)


@dataclass(frozen=True, slots=True)
class Leased:
    """An effect in our hands, and what we knew of it: `state` "pending" means never tried."""

    effect: Claimed
    state: str
    lease: str
    cause_id: str
    due_at: datetime
    # The provider's own name for it: it has it.
    reference: str | None = None
    asked: int = 0
    traceparent: str | None = None


def claim_due(
    engine: Engine,
    partitions: Sequence[int],
    *,
    most: int = AT_ONCE,
    lease_s: float = LEASE_S,
    held: Collection[str] = (),
) -> list[Leased]:
    """Take what is due in these partitions, under a lease; committed before it is performed.

    A fresh effect turns in_flight here: if we die now, the next one to look asks what became of
    it instead of doing it again. Of the kinds that are `held` nothing is begun; what became of
    those begun before is still asked.
    """
    if not _any_due(engine):
        return []
    due = _due(tuple(partitions), tuple(sorted(held)))
    with engine.begin() as connection:
        if connection.execute(_HOLD).first():
            return []
        at_s = now(connection)
        rows = connection.execute(due, {"now": at_s, "most": most}).all()
        if not rows:
            return []
        lease = secrets.token_hex(8)
        taken = {"l": lease, "until": at_s + lease_s, "now": at_s}
        connection.execute(_CLAIM, [{"k": r.key, "is": _taken(r.state), **taken} for r in rows])
    return [_leased(row, lease) for row in rows]


def _any_due(engine: Engine) -> bool:
    """A look without a writer's lock: nearly always there is nothing, and the stage writes here."""
    with engine.execution_options(read_only=True).begin() as connection:
        return connection.execute(_ANY_DUE, {"now": now(connection)}).first() is not None


@lru_cache(maxsize=DUE_KEPT_MAX)
def _due(partitions: tuple[int, ...], held: tuple[str, ...]) -> Select[Any]:
    before = effects.alias("before")
    waits = select(before.c.key).where(
        (before.c.key == effects.c.after) & before.c.state.not_in(TERMINAL)
    )
    return (
        select(effects)
        .where(
            and_(
                WORK_LEFT,
                effects.c.partition.in_(partitions),
                effects.c.next_at <= bindparam("now"),
                or_(effects.c.state != "pending", effects.c.kind.not_in(held)),
                or_(effects.c.after.is_(None), ~waits.exists()),
            )
        )
        .order_by(effects.c.next_at)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True, of=effects)
    )


def _taken(state: str) -> str:
    return "in_flight" if state == "pending" else state


def _leased(row: Row[tuple[object, ...]], lease: str) -> Leased:
    created = datetime.fromtimestamp(row.created_at, UTC)
    claimed = Claimed(
        key=row.key,
        kind=row.kind,
        complaint_id=row.complaint_id,
        payload=orjson.loads(row.payload),
        attempts=row.attempts + 1,
        created_at=created,
        first_at=None if row.first_at is None else datetime.fromtimestamp(row.first_at, UTC),
        record_key=row.record_key,
    )
    due = datetime.fromtimestamp(row.next_at, UTC) if row.next_at else created
    return Leased(
        effect=claimed,
        state=row.state,
        lease=lease,
        cause_id=row.cause_id,
        due_at=due,
        reference=row.provider_reference,
        asked=row.asked,
        traceparent=row.traceparent,
    )


@dataclass(frozen=True, slots=True)
class Finished:
    """What to write on a row: the state, when to look again, and the record to announce."""

    leased: Leased
    state: str
    again_in_s: float = 0.0
    provider_reference: str | None = None
    outcome: bytes | None = None


def finish(engine: Engine, done: Sequence[Finished]) -> list[Finished]:
    """Write how it went; those whose lease another has meanwhile are left out."""
    ordered = sorted(done, key=lambda each: each.leased.effect.key)
    with engine.begin() as connection:
        leases = _leases(connection, engine, keys=[each.leased.effect.key for each in ordered])
        ours = [each for each in ordered if leases.get(each.leased.effect.key) == each.leased.lease]
        at_s = now(connection)
        if ours:
            connection.execute(_FINISH, [_row(each, at_s=at_s) for each in ours])
    return ours


def _leases(connection: Connection, engine: Engine, *, keys: list[str]) -> dict[str, str | None]:
    """Who has each of these, until the transaction ends."""
    rows = connection.execute(_held(engine.dialect.name), wanted(keys, engine=engine))
    return dict(rows.tuples().all())


@cache
def _held(dialect: str) -> Select[tuple[str, str | None]]:
    asked = select(effects.c.key, effects.c.lease).where(one_of(effects.c.key, dialect))
    return asked.order_by(effects.c.key).with_for_update()


def _row(each: Finished, *, at_s: float) -> dict[str, object]:
    asked = {"unknown": each.leased.asked + 1, "in_flight": 0}
    return {
        "k": each.leased.effect.key,
        "l": each.leased.lease,
        "is": each.state,
        "again_at": at_s + each.again_in_s,
        "times": asked.get(each.state),
        "named": each.provider_reference,
        "tells": each.outcome,
        "told": None if each.outcome is None else 0,
    }


def unannounced(engine: Engine) -> dict[str, bytes]:
    """Outcomes that were written and maybe never sent: by effect key."""
    statement = (
        select(effects.c.key, effects.c.outcome)
        .where((effects.c.announced == 0) & effects.c.outcome.is_not(None))
        .limit(AT_ONCE)
    )
    with engine.execution_options(read_only=True).begin() as connection:
        return dict(connection.execute(statement).tuples().all())


def mark_announced(engine: Engine, outcomes: Mapping[str, bytes]) -> None:
    """They are in the inbox: by effect key, what was sent."""
    rows = [{"k": key, "sent": outcomes[key]} for key in sorted(outcomes)]
    with engine.begin() as connection:
        connection.execute(_ANNOUNCED, rows)
