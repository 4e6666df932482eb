"""Tables are brought up to date once, and left alone when they are newer than the program."""

import sqlite3
from pathlib import Path
from threading import Timer

import pytest
from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.exc import OperationalError

from shared.errors import Refused
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


def test_two_may_make_one_new_file_at_once(tmp_path: Path) -> None:
    """The desk and its door start together on a fresh machine, and `up` ends with one of them."""
    path = tmp_path / "desk.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE begun (x)")
    other.execute("BEGIN IMMEDIATE")
    done = Timer(0.3, other.rollback)
    done.start()
    engine = sqlite_engine(str(path))
    migrate(engine, "desk")
    done.join()
    assert "cases" in inspect(engine).get_table_names()


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    """The service waits for ever, or names the settings of Postgres."""
    with pytest.raises(Refused, match="SQLITE_CANTOPEN") as told:
        migrate(sqlite_engine(str(tmp_path / "nowhere" / "desk.db")), "desk")
    assert "KULANSE_STATE_DIR" in told.value.hint


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
