"""Tables are brought up to date once, and left alone when they are newer than the program."""

from pathlib import Path

from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.exc import OperationalError

from shared.ledger.engine import sqlite_engine
from shared.ledger.migrate import migrate
from shared.stage.patience import patiently


def test_migrating_again_changes_nothing(tmp_path: Path) -> None:
    """Every start would need the right to make tables."""
    engine = sqlite_engine(str(tmp_path / "triage.db"))
    migrate(engine, "triage")
    before = inspect(engine).get_table_names()
    migrate(engine, "triage")
    assert inspect(engine).get_table_names() == before


def test_the_old_program_runs_on_newer_tables(tmp_path: Path) -> None:
    """During an upgrade the old workers could not start again: their partitions would stand."""
    engine = sqlite_engine(str(tmp_path / "triage.db"))
    migrate(engine, "triage")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'stage_9999'"))
    migrate(engine, "triage")
    with engine.connect() as connection:
        there = connection.execute(text("SELECT version_num FROM alembic_version")).scalars()
        assert list(there) == ["stage_9999"]


def test_a_database_that_fails_for_a_moment_is_asked_again(tmp_path: Path) -> None:
    """A worker that starts while the database fails over would end as though it were broken."""
    engine = sqlite_engine(str(tmp_path / "triage.db"))
    fails = iter([True, True])

    @event.listens_for(engine, "begin")
    def _fails(_connection: Connection) -> None:
        if next(fails, False):
            raise OperationalError("BEGIN", {}, RuntimeError("serialization failure"))

    patiently(lambda: migrate(engine, "triage"))
    assert "effects" in inspect(engine).get_table_names()
