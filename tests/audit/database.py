"""The audit's ledger: none of its own (SQLite), or a fresh database of a real Postgres."""

from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, make_url, text

from tests.audit.proxy import HOST

PORT = 5432


@dataclass(frozen=True)
class Database:
    """`url` is empty for SQLite; it names a socket in the file system otherwise.

    `folder`: where its tables lie, when that is a place of its own.
    """

    url: str = ""
    folder: Path | None = None

    @property
    def socket(self) -> Path:
        """Where Postgres listens."""
        asked = make_url(self.url)
        return Path(str(asked.query["host"])) / f".s.PGSQL.{asked.port or PORT}"

    def through(self, port: int) -> str:
        """The address by way of a proxy's port."""
        asked = make_url(self.url)
        by_port = asked.set(host=HOST, port=port, query={})
        return by_port.render_as_string(hide_password=False)


def fresh(server_url: str, *, folder: Path | None = None) -> Database:
    """An empty database of this server; its tables lie in `folder`, if one is named."""
    if not server_url:
        return Database()
    name = f"audit_{uuid4().hex}"
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if folder is not None:
            connection.execute(text(f"CREATE TABLESPACE {name} LOCATION '{folder}'"))
        where = f" TABLESPACE {name}" if folder else ""
        connection.execute(text(f"CREATE DATABASE {name}{where}"))
    engine.dispose()
    url = make_url(server_url).set(database=name)
    return Database(url.render_as_string(hide_password=False), folder)
