"""Tables are brought up to date once, and left alone when they are newer than the program."""

from pathlib import Path

from sqlalchemy import inspect, text

from shared.ledger.engine import sqlite_engine
from shared.ledger.migrate import migrate


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
