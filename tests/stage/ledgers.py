"""Fresh ledgers for tests: a SQLite file, or a schema of its own in a real Postgres."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from shared.ledger.engine import open_engine
from shared.settings import Settings
from tests.ledgers_made import with_tables
from tests.postgres import postgres

__all__ = ["ledger", "postgres"]
OpenLedger = Callable[[], Engine]


@contextmanager
def opened(folder: Path, database_url: str = "", *, service: str = "probe") -> Iterator[Engine]:
    """A migrated ledger; several calls with one folder and service open the same one."""
    settings = Settings(
        state_dir=folder, database_url=database_url, key_secret=SecretStr("an example")
    )
    engine = open_engine(settings, service)
    with_tables(engine, service)
    try:
        yield engine
    finally:
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty ledger of each kind."""
    address, service = "", "probe"
    if request.param == "postgres":
        address, service = request.getfixturevalue("postgres"), f"probe_{uuid4().hex}"
    with opened(tmp_path, address, service=service) as engine:
        yield engine
