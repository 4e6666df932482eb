"""What is asked of a ledger all the time is asked by an index, however long the history."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event

from shared.ledger.engine import sqlite_engine
from shared.ledger.tables import effects
from shared.stage import effect_rows
from shared.stage.checkpoint import clear
from shared.stage.gauges import ledger_gauges
from tests.ledgers_made import with_tables

Asked = Callable[[Engine], object]
# `kulanse_effects` counts every effect by what became of it.
COUNTED = "count(*)"


def _gauged(engine: Engine) -> None:
    with engine.begin() as connection:
        ledger_gauges(connection)


DUE = {
    "key": "refund:1",
    "kind": "refund",
    "complaint_id": "c-1",
    "record_key": "c-1",
    "cause_id": "e-1",
    "partition": 0,
    "state": "pending",
    "payload": "{}",
    "released": 1,
    "next_at": 0.0,
    "attempts": 0,
    "created_at": 0.0,
    "announced": 1,
}
ASKED: dict[str, Asked] = {
    "a claim": lambda engine: effect_rows.claim_due(engine, [0, 1], held=["refund"]),
    "what was not told": effect_rows.unannounced,
    "a release": lambda engine: clear(engine, {0: "nobody"}),
    "the gauges": _gauged,
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_no_look_reads_what_was_ever_done(asked: Asked, tmp_path: Path) -> None:
    """A look four times a second would take a core, once a shop had a million cases."""
    engine = sqlite_engine(str(tmp_path / "notify.db"))
    with_tables(engine, "notify")
    with engine.begin() as connection:
        connection.execute(effects.insert(), DUE)
    plans = list[str]()

    @event.listens_for(engine, "before_cursor_execute")
    def _explained(*told: object) -> None:
        connection, _, statement, values, _, many = told
        assert isinstance(connection, Connection)
        assert isinstance(values, list | tuple)
        if "effects" not in str(statement) or COUNTED in str(statement):
            return
        cursor = connection.connection.cursor()
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}", values[0] if many else values)
        plans.extend(row[3] for row in cursor.fetchall())

    asked(engine)
    assert plans
    # Through an index of what is left to do, a scan reads that alone.
    assert "SCAN effects" not in plans
