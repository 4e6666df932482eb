"""After a restore: effects that the ledger still has to do, and the log says were done.

Decisions made again have the same keys, so the outcome that lies in the log is this effect's own.
What the log does not know is asked of the provider before it is done.

Read again, topics come in no order among each other: what came back of an effect may be decided
before the effect is, and then says nothing to anyone. It is taken back, to be told once more.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, bindparam, select, update

from shared.contracts.inbox import EffectState
from shared.ledger.engine import one_of, wanted
from shared.ledger.tables import OPEN, effects, history
from shared.stage import books

FINAL = frozenset({"posted", "failed", "manual"})
_TAKEN_BACK = "early"


@dataclass(frozen=True, slots=True)
class Told:
    """What the log last said of an effect."""

    state: EffectState
    provider_reference: str | None


def adopt(engine: Engine, told: Mapping[str, Told]) -> int:
    """Write the log's last words on effects that are still open; how many there were."""
    adopted = (
        update(effects)
        .where(effects.c.key == bindparam("k"))
        .where(effects.c.state.in_(OPEN))
        .values(
            state=bindparam("s"),
            provider_reference=bindparam("r"),
            # The stage reads the outcome itself, where it lies in its inbox.
            announced=1,
            lease=None,
        )
    )
    with engine.begin() as connection:
        return sum(
            connection.execute(
                adopted, {"k": key, "s": each.state, "r": each.provider_reference}
            ).rowcount
            for key, each in sorted(told.items())
            if each.state in FINAL
        )


def ask_first(engine: Engine, kinds: Collection[str]) -> int:
    """Let what is left of these kinds be asked for before it is done; how many those are."""
    asked = (
        update(effects)
        .where(effects.c.kind.in_(sorted(kinds)) & (effects.c.state == "pending"))
        .values(state="in_flight")
    )
    with engine.begin() as connection:
        return connection.execute(asked).rowcount


def too_early(engine: Engine, came_back: Mapping[str, str]) -> frozenset[str]:
    """Of these events, by id with the effect's key, those decided before their effect was.

    `came_back` is in the order of the log: what a later word of the same effect has overtaken is
    not told again after it. Those taken back and not decided since are among them: their sender
    may have died.
    """
    with engine.execution_options(read_only=True).begin() as connection:
        planned = _planned(connection)
        ours = {id_: planned[key] for id_, key in came_back.items() if key in planned}
        said_nothing = _decided(connection, engine, ids=[*ours])
        decided = books.seen_ids(connection, engine, ids=[*ours])
        taken_back = _taken_back(connection)
    early = {id_ for id_, seq in said_nothing.items() if seq < ours[id_]}
    early |= taken_back.intersection(ours) - decided
    last, heard = set[str](), set[str]()
    for id_, key in reversed([*came_back.items()]):
        if id_ in early and key not in heard:
            last.add(id_)
        elif id_ in decided:
            heard.add(key)
    return frozenset(last)


def take_back(engine: Engine, ids: Collection[str]) -> None:
    """Let these events be decided again when they come: their rows keep another name."""
    renamed = (
        update(history)
        .where((history.c.event_id == bindparam("id")) & history.c.data.is_(None))
        .values(event_id=bindparam("name"))
    )
    with engine.begin() as connection:
        for id_, seq in _decided(connection, engine, ids=sorted(ids)).items():
            connection.execute(renamed, {"id": id_, "name": f"{_TAKEN_BACK}:{seq}:{id_}"})


def _planned(connection: Connection) -> dict[str, int]:
    """The open effects, and when they were decided."""
    cause = effects.c.cause_id == history.c.event_id
    asked = select(effects.c.key, history.c.seq).join(history, cause)
    return dict(connection.execute(asked.where(effects.c.state.in_(OPEN))).tuples().all())


def _decided(connection: Connection, engine: Engine, *, ids: list[str]) -> dict[str, int]:
    """When these events were decided, of those that nothing is remembered of."""
    named = one_of(history.c.event_id, engine.dialect.name) & history.c.data.is_(None)
    asked = select(history.c.event_id, history.c.seq).where(named)
    return dict(connection.execute(asked, wanted(ids, engine=engine)).tuples().all())


def _taken_back(connection: Connection) -> frozenset[str]:
    names = select(history.c.event_id).where(history.c.event_id.like(f"{_TAKEN_BACK}:%"))
    return frozenset(name.split(":", 2)[2] for name in connection.execute(names).scalars())
