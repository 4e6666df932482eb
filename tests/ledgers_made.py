"""Ledgers in files of their own, with their tables: migrated once a process, and copied from then.

The migrations have tests of their own (`core/test_migrate.py`, `core/test_migrations.py`); all
others only want the tables, and every step of every history takes a while.
"""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from shared.ledger.engine import sqlite_engine
from shared.ledger.migrate import migrate


def with_tables(engine: Engine, service: str) -> None:
    """Bring its tables up to date, as `migrate` does; a new file is a copy of one it made."""
    file = Path(engine.url.database or "")
    if engine.dialect.name == "sqlite" and not file.exists():
        file.write_bytes(_made(service))
    else:
        migrate(engine, service)


@cache
def _made(service: str) -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "made.db"
        engine = sqlite_engine(str(file))
        migrate(engine, service)
        engine.dispose()  # the last to leave writes the log into the file
        assert [file] == list(Path(folder).iterdir())
        return file.read_bytes()
