"""What a named person may do to a checkpoint when the log is no longer the one we know.

Each repair takes the partition's owner away, so that a worker that still believes it owns the
partition is fenced, exits, and claims again from the new place. Outputs that were decided but
maybe not sent stay: the next claim sends them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, Engine, select, update

from shared.ledger.tables import audits, checkpoints, holds
from shared.stage.batch import Last
from shared.stage.checkpoint import audit

AUDITS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Standing:
    """A partition as its checkpoint says. `offsets`: the next record of each topic."""

    partition: int
    offsets: dict[str, int]
    attempts: int
    invalid_in_a_row: int
    outputs_bytes: int


@dataclass(frozen=True, slots=True)
class Repair:
    """What was moved: a topic's next offset in one partition. `after` None: forgotten."""

    partition: int
    topic: str
    before: int
    after: int | None


def standings(engine: Engine) -> tuple[Standing, ...]:
    """Every partition that was ever claimed, in order."""
    with engine.execution_options(read_only=True).begin() as connection:
        rows = connection.execute(select(checkpoints).order_by(checkpoints.c.partition)).all()
    return tuple(
        Standing(
            partition=row.partition,
            offsets=orjson.loads(row.offsets),
            attempts=row.attempts,
            invalid_in_a_row=orjson.loads(row.health).get("in_a_row", 0),
            outputs_bytes=len(row.outputs or b""),
        )
        for row in rows
    )


def marks(engine: Engine, topic: str) -> dict[int, Last]:
    """By partition: how to recognise the last record that was done of this topic."""
    with engine.execution_options(read_only=True).begin() as connection:
        rows = connection.execute(select(checkpoints.c.partition, checkpoints.c.last)).all()
    found = {row.partition: orjson.loads(row.last).get(topic) for row in rows}
    return {partition: tuple(mark) for partition, mark in found.items() if mark}


def held(engine: Engine) -> tuple[str, ...]:
    """Why the dispatcher is held; empty: it is not."""
    with engine.execution_options(read_only=True).begin() as connection:
        return tuple(connection.execute(select(holds.c.why)).scalars())


def audit_lines(engine: Engine) -> tuple[tuple[float, str, str, str], ...]:
    """The latest repairs: when (epoch seconds), by whom, what, why."""
    wanted = select(audits.c.at, audits.c.actor, audits.c.action, audits.c.reason)
    latest = wanted.order_by(audits.c.seq.desc()).limit(AUDITS_SHOWN)
    with engine.execution_options(read_only=True).begin() as connection:
        rows = connection.execute(latest).all()
    return tuple((row.at, row.actor, row.action, row.reason) for row in rows)


def accept_gap(
    engine: Engine, place: tuple[str, int], *, to_offset: int, actor: str, reason: str
) -> Repair | None:
    """Go on at `to_offset` of a (topic, partition) whose records before it are gone.

    None when the checkpoint is already there or further: a gap is accepted forwards only.
    """
    topic, partition = place
    with engine.begin() as connection:
        for row in _locked(connection, (partition,)):
            before = row.offsets.get(topic)
            if before is None or before >= to_offset:
                return None
            _write(connection, row, offsets={**row.offsets, topic: to_offset}, topic=topic)
            action = f"accept-gap {topic}-{partition} {before} -> {to_offset}"
            audit(connection, actor=actor, action=action, reason=reason)
            return Repair(partition, topic, before, to_offset)
    return None


def restart(engine: Engine, topic: str, *, actor: str, reason: str) -> tuple[Repair, ...]:
    """Forget how far a topic was read: it was made anew, and is read from its beginning."""
    repairs = []
    with engine.begin() as connection:
        for row in _locked(connection, ()):
            if topic not in row.offsets:
                continue
            left = {name: offset for name, offset in row.offsets.items() if name != topic}
            _write(connection, row, offsets=left, topic=topic)
            repairs.append(Repair(row.partition, topic, row.offsets[topic], None))
        if repairs:
            action = f"restart {topic}"
            audit(connection, actor=actor, action=action, reason=reason)
    return tuple(repairs)


def accept_invalid(engine: Engine, partition: int, *, many: int, actor: str, reason: str) -> bool:
    """Let a partition bury so many more records that cannot be read before it stops again.

    What a bad deploy wrote lies in the log for ever: nobody can mend those records, only whoever
    wrote them. Counted as so many good ones; False when the partition was never claimed.
    """
    health = orjson.dumps({"in_a_row": -many, "invalid": -many, "seen": 0}).decode()
    with engine.begin() as connection:
        changed = connection.execute(
            update(checkpoints)
            .where(checkpoints.c.partition == partition)
            .values(owner="", health=health)
        )
        if not changed.rowcount:
            return False
        action = f"accept-invalid {partition}: {many}"
        audit(connection, actor=actor, action=action, reason=reason)
    return True


@dataclass(frozen=True, slots=True)
class _Row:
    partition: int
    offsets: dict[str, int]
    last: dict[str, list[int]]


def _locked(connection: Connection, partitions: Sequence[int]) -> tuple[_Row, ...]:
    """These rows (none named: all), locked in order, as every worker locks them."""
    wanted = select(checkpoints.c.partition, checkpoints.c.offsets, checkpoints.c.last)
    if partitions:
        wanted = wanted.where(checkpoints.c.partition.in_(partitions))
    rows = connection.execute(wanted.order_by(checkpoints.c.partition).with_for_update()).all()
    return tuple(_Row(r.partition, orjson.loads(r.offsets), orjson.loads(r.last)) for r in rows)


def _write(connection: Connection, row: _Row, *, offsets: dict[str, int], topic: str) -> None:
    """The new offsets; the last record of the topic is no longer to be recognised."""
    last = {name: mark for name, mark in row.last.items() if name != topic}
    connection.execute(
        update(checkpoints)
        .where(checkpoints.c.partition == row.partition)
        .values(owner="", offsets=_json(offsets), last=_json(last))
    )


def _json(value: dict[str, int] | dict[str, list[int]]) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
