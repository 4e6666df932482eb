"""The checkpoint: one row per partition, moved in the same transaction as the state.

The owner token decides whose a partition is. Two workers that both believe so meet here, and
the one whose token is no longer in the row has to go.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict

import orjson
from sqlalchemy import Connection, Engine, bindparam, delete, exists, update

from shared.ledger.engine import insert_if_absent, now
from shared.ledger.tables import audits, checkpoints, effects, holds
from shared.stage.batch import Claim, Last, Plan, last_of
from shared.stage.breaker import Health
from shared.stage.outputs import pack

RESTORED = "restored"
_OWN_ROW = (checkpoints.c.partition == bindparam("p")) & (checkpoints.c.owner == bindparam("o"))
_ADVANCE = (
    update(checkpoints)
    .where(_OWN_ROW & (checkpoints.c.offsets == bindparam("was")))
    .values(
        offsets=bindparam("is"),
        last=bindparam("seen"),
        health=bindparam("fares"),
        outputs=bindparam("sends"),
        attempts=0,
    )
)
_CLEAR = update(checkpoints).where(_OWN_ROW).values(outputs=None)
_RELEASE = (
    update(effects)
    .where((effects.c.partition == bindparam("p")) & (effects.c.released == 0))
    .where(exists().where(_OWN_ROW))
    .values(released=1)
)
# Without the option SQLAlchemy does not say how many rows several parameter sets changed.
_COUNTED = {"preserve_rowcount": True}


class Fenced(Exception):
    """Another worker owns the partition now: whatever this one knows is of the past."""


def claim(engine: Engine, partitions: Iterable[int]) -> dict[int, tuple[Claim, bytes | None]]:
    """Take partitions over: a fresh token each; with the outputs to send again."""
    taken = {}
    with engine.begin() as connection:
        for partition in sorted(partitions):
            taken[partition] = _claim_one(connection, engine, partition=partition)
    return taken


def _claim_one(
    connection: Connection, engine: Engine, *, partition: int
) -> tuple[Claim, bytes | None]:
    # A counter would repeat after a restore; a random token does not.
    token = secrets.token_hex(8)
    connection.execute(insert_if_absent(checkpoints, engine), _new_row(partition))
    row = connection.execute(
        update(checkpoints)
        .where(checkpoints.c.partition == partition)
        .values(owner=token, attempts=checkpoints.c.attempts + 1)
        .returning(checkpoints)
    ).one()
    claimed = Claim(
        owner=token,
        offsets=orjson.loads(row.offsets),
        last={topic: tuple(last) for topic, last in orjson.loads(row.last).items()},
        health=Health(**orjson.loads(row.health)),
        attempts=row.attempts,
        stored_offsets=row.offsets,
    )
    return claimed, row.outputs


def _new_row(partition: int) -> dict[str, object]:
    return {
        "partition": partition,
        "owner": "",
        "offsets": "{}",
        "last": "{}",
        "outputs": None,
        "attempts": 0,
        "health": _json(asdict(Health())),
    }


def advance(connection: Connection, claims: Mapping[int, Claim], *, plan: Plan) -> dict[int, Claim]:
    """Move each partition of the plan past its records, where it is still ours; else `Fenced`."""
    moved = {
        p: _moved(claims[p], plan, partition=p) for p in sorted({r.partition for r in plan.records})
    }
    rows = [
        {
            "p": partition,
            "o": new.owner,
            "was": claims[partition].stored_offsets,
            "is": new.stored_offsets,
            "seen": _json(new.last),
            "fares": _json(asdict(new.health)),
            "sends": pack(plan.outputs.get(partition, ())),
        }
        for partition, new in moved.items()
    ]
    result = connection.execute(_ADVANCE, rows, execution_options=_COUNTED)
    if result.rowcount != len(rows):
        message = f"one of the partitions {sorted(moved)} has another owner"
        raise Fenced(message)
    return moved


def _moved(claimed: Claim, plan: Plan, *, partition: int) -> Claim:
    offsets, last = dict(claimed.offsets), dict(claimed.last)
    for record in plan.records:
        if record.partition == partition:
            offsets[record.topic] = record.offset + 1
    for record in {r.topic: r for r in plan.records if r.partition == partition}.values():
        last[record.topic] = last_of(record)
    health = plan.health.get(partition, claimed.health)
    return Claim(claimed.owner, offsets, last, health, 0, _json(offsets))


def clear(engine: Engine, owners: Mapping[int, str]) -> None:
    """The outputs are out: forget them where still ours, and let the effects go."""
    rows = [{"p": partition, "o": owner} for partition, owner in sorted(owners.items())]
    if not rows:
        return
    with engine.begin() as connection:
        connection.execute(_CLEAR, rows)
        connection.execute(_RELEASE, rows)


def hold(engine: Engine, why: str) -> None:
    """Hold the dispatcher: the database is older than the log; a person must look first."""
    with engine.begin() as connection:
        row = {"name": RESTORED, "why": why, "since": now(connection)}
        connection.execute(insert_if_absent(holds, engine), row)


def resume(engine: Engine, *, actor: str, reason: str) -> bool:
    """Let the dispatcher go on, by a named person; False when nothing was held."""
    with engine.begin() as connection:
        held = connection.execute(delete(holds)).rowcount > 0
        audit(connection, actor=actor, action="resume", reason=reason)
    return held


def audit(connection: Connection, *, actor: str, action: str, reason: str) -> None:
    """Keep who did what to a checkpoint, and why."""
    row = {"at": now(connection), "actor": actor, "action": action, "reason": reason}
    connection.execute(audits.insert(), row)


def _json(value: Mapping[str, Last] | Mapping[str, int]) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
