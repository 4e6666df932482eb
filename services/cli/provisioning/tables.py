"""One schema and one login a service: the login reads and writes rows, and makes no tables.

With an administrator's address everything is made; without one each service migrates its own
schema with its own login, which must then be the schema's owner.
"""

from collections.abc import Iterator
from pathlib import Path

import structlog
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from services.cli.provisioning.files import ADMIN, SERVICES
from shared.ledger.engine import open_engine
from shared.ledger.migrate import await_database, migrate
from shared.settings import Settings
from shared.vault.opening import MAKER, VAULT

ROWS = "SELECT, INSERT, UPDATE, DELETE"
# Logs of people's looks: the service adds to them, and takes nothing back.
ADDED_TO_ONLY = {"desk": ("console_looks",)}
OPS = "ops"
SHOWS = "desk"


def prepare(folder: Path) -> Iterator[str]:
    """Make logins, schemas, tables and rights, in that order; a line for each that was done.

    `folder`: as `files.make_all` leaves it. Safe to run again, and at every upgrade.
    """
    addresses = {name: _address(folder, name) for name in (*SERVICES, OPS, ADMIN)}
    admin = addresses[ADMIN]
    if admin:
        yield from _logins(admin, addresses)
    for service in (*SERVICES, VAULT):
        # Without an administrator the vault is its maker's.
        own = addresses[MAKER if service == VAULT else service]
        engine = open_engine(Settings(database_url=admin or own), service)
        migrate(engine, service)
        if service == VAULT:
            _grant_vault(engine, addresses)
        elif admin:
            _grant(engine, service, login=_login(own))
        engine.dispose()
        yield f"{service}: tables are up to date"
    if admin:
        engine = create_engine(admin)
        with engine.begin() as connection:
            _for_ops(connection, addresses)
        engine.dispose()


def _address(folder: Path, name: str) -> str:
    path = folder / name / "database_url"
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


def _login(address: str) -> str:
    return make_url(address).username or ""


def _logins(admin: str, addresses: dict[str, str]) -> Iterator[str]:
    engine = create_engine(admin)
    await_database(engine)
    for name in (*SERVICES, OPS):
        if _lets_in(addresses[name]):
            continue  # ours of last time, or one that the company made
        with engine.begin() as connection:
            _make_login(connection, addresses[name])
        yield f"{name}: login {_login(addresses[name])} made"
    engine.dispose()


def _lets_in(address: str) -> bool:
    engine = create_engine(address)
    try:
        with engine.connect():
            return True
    except OperationalError:
        return False
    finally:
        engine.dispose()


def _make_login(connection: Connection, address: str) -> None:
    url = make_url(address)
    quoted = connection.dialect.identifier_preparer.quote
    login, database = quoted(url.username or ""), quoted(url.database or "")
    there = connection.execute(
        text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": url.username}
    ).first()
    verb = "ALTER" if there else "CREATE"
    # Postgres takes no parameter here: the server quotes the literal itself.
    password = connection.execute(
        text("SELECT quote_literal(:word)"), {"word": url.password}
    ).scalar_one()
    made = f"{verb} ROLE {login} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {password}"
    connection.execute(text(made.replace(":", r"\:")))
    connection.exec_driver_sql(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")
    connection.exec_driver_sql(f"GRANT CONNECT ON DATABASE {database} TO {login}")


def _grant(engine: Engine, schema: str, *, login: str) -> None:
    """Rows, and no more: not even the tables' own owner is the service."""
    with engine.begin() as connection:
        who = connection.dialect.identifier_preparer.quote(login)
        for right in (
            f"GRANT USAGE ON SCHEMA {schema} TO {who}",
            f"GRANT {ROWS} ON ALL TABLES IN SCHEMA {schema} TO {who}",
            f"REVOKE INSERT, UPDATE, DELETE ON {schema}.alembic_version FROM {who}",
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {who}",
        ):
            connection.exec_driver_sql(right)
        for table in ADDED_TO_ONLY.get(schema, ()):
            connection.exec_driver_sql(f"REVOKE UPDATE, DELETE ON {schema}.{table} FROM {who}")
    structlog.get_logger().info("rights_granted", schema=schema)


def _grant_vault(engine: Engine, addresses: dict[str, str]) -> None:
    """All read keys, intake makes them; what destroys them are updates: intake's, after a restore,
    and of whoever runs `kulanse forget`. Files go with their key, and the desk alone shows them.
    """
    rights = {MAKER: "SELECT, INSERT, UPDATE", OPS: "SELECT, UPDATE"}
    files = {MAKER: "SELECT, INSERT, DELETE", OPS: "SELECT, DELETE", SHOWS: "SELECT"}
    with engine.begin() as connection:
        known = set(connection.execute(text("SELECT rolname FROM pg_roles")).scalars())
        for name in (*SERVICES, OPS):
            login = _login(addresses[name])
            if login not in known:
                continue  # the company's administrator made no login for ops
            who = connection.dialect.identifier_preparer.quote(login)
            right = rights.get(name, "SELECT")
            connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {VAULT} TO {who}")
            connection.exec_driver_sql(f"GRANT SELECT ON {VAULT}.alembic_version TO {who}")
            connection.exec_driver_sql(f"GRANT {right} ON {VAULT}.keys TO {who}")
            if name in files:
                connection.exec_driver_sql(f"GRANT {files[name]} ON {VAULT}.files TO {who}")


def _for_ops(connection: Connection, addresses: dict[str, str]) -> None:
    """Whoever repairs (`kulanse checkpoint`, `payouts`) may do with rows what a service may."""
    quoted = connection.dialect.identifier_preparer.quote
    for service in SERVICES:
        granted = quoted(_login(addresses[service]))
        connection.exec_driver_sql(f"GRANT {granted} TO {quoted(_login(addresses[OPS]))}")
