"""The desk's rows are made from the events alone: made anew, they are the same bytes."""

from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Connection, select

from benchmarks.console import digest, fill
from services.desk import books
from services.desk.ledger import cases, waiting
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.ledger.engine import sqlite_engine
from shared.ledger.migrate import migrate
from tests.core.test_desk_view import STORY, story

BATCH = 3
FEW, MANY = 60, 100_000


def rows(connection: Connection) -> list[bytes]:
    """Every row of the queues, as bytes."""
    tables = (cases.select().order_by(cases.c.case_id), select(waiting).order_by(waiting.c.id))
    return [repr(tuple(row)).encode() for each in tables for row in connection.execute(each)]


def rebuilt(folder: Path, events: list[Event[Contract]]) -> list[bytes]:
    """A ledger from zero, in batches as they come; its rows."""
    folder.mkdir()
    engine = sqlite_engine(str(folder / "desk.db"))
    migrate(engine, "desk")
    for at in range(0, len(events), BATCH):
        with engine.begin() as connection:
            books.keep(connection, events[at : at + BATCH])
    with engine.begin() as connection:
        once = rows(connection)
        books.refresh(connection, list(connection.execute(select(cases.c.case_id)).scalars()))
        assert rows(connection) == once
    engine.dispose()
    return once


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rebuilt_twice_gives_the_same_bytes(tmp_path: Path, seed: int) -> None:
    """After a restore the queue is another one, and nobody can say which was right."""
    events = story(*STORY)
    shuffled = Random(seed).sample(events, len(events))
    first = rebuilt(tmp_path / "first", events)
    assert first
    assert rebuilt(tmp_path / "second", shuffled) == first


@pytest.mark.parametrize("many", [FEW, pytest.param(MANY, marks=pytest.mark.long)])
def test_many_cases_rebuilt_in_another_order_are_the_same_bytes(tmp_path: Path, many: int) -> None:
    """With a year's cases a restore gives another queue, which the few of a story never show."""
    made = {}
    for name, numbers, batch in (
        ("first", range(many), 250),
        ("second", range(many)[::-1], 170),
    ):
        engine = sqlite_engine(str(tmp_path / f"{name}.db"))
        migrate(engine, "desk")
        count, _ = fill(engine, numbers, batch=batch)
        made[name] = (count, digest(engine))
        engine.dispose()
    assert made["first"] == made["second"]
    assert made["first"][0] > many
