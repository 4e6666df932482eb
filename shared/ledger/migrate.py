"""Bring a service's tables up to date: Alembic, run from code, one history per service.

The stage's own tables are the branch `stage`; a service adds its own branch in
`services/NAME/migrations`. A login that may only read and write rows is enough where another one
(the `tables` job of Compose) has migrated before.
"""

import time
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from shared.errors import Refused

_ROOT = Path(__file__).resolve().parent.parent.parent
_VAULT = _ROOT / "shared" / "vault" / "migrations"
_SCRIPTS = Path(__file__).resolve().parent / "migrations"
WAIT_S_FIRST, WAIT_S_MAX = 0.25, 10.0
# What Postgres says while it starts or stops; no code at all: nobody listens. And what SQLite says,
# whatever its timeout, while another process makes the same new file.
_PASSING = ("57P", "53300", "08", "SQLITE_BUSY")


def migrate(engine: Engine, service: str) -> None:
    """Wait for the database, then upgrade to the newest tables; several may start at once.

    Tables of a newer version are left alone: during an upgrade the old program runs on them.
    Raises `Refused` when the login may not make tables, or is not let in.
    """
    await_database(engine)
    config = alembic_config(service)
    if _up_to_date(engine, ScriptDirectory.from_config(config)):
        return
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                _in_turn(connection, service)
            config.attributes["connection"] = connection
            command.upgrade(config, "heads")
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", "") != "42501":
            raise
        raise Refused(
            "tables_missing",
            f"The tables of {service} are not there, or old, and this login may not make them.",
            "Run the `tables` job (docker compose run --rm tables).",
        ) from None


def await_database(engine: Engine) -> None:
    """Return when the database answers, however long it takes; says so while it waits.

    Raises `Refused` when it answers and does not let us in.
    """
    wait_s = WAIT_S_FIRST
    while True:
        try:
            with engine.connect():
                return
        except OperationalError as error:
            code = _code(error)
            if _refused(code, str(error.orig)):
                raise _not_let_in(code) from None
            log = structlog.get_logger()
            log.warning("waiting_for_database", code=code, again_in_s=wait_s)
            time.sleep(wait_s)
            wait_s = min(wait_s * 2, WAIT_S_MAX)


def _code(error: OperationalError) -> str:
    """Postgres' code, or SQLite's; empty: there is none."""
    codes = (getattr(error.orig, name, None) for name in ("sqlstate", "sqlite_errorname"))
    return next((code for code in codes if code), "")


def _refused(code: str, words: str) -> bool:
    # psycopg gives no code for what is said before the login is through.
    said_no = any(said in words for said in ("password authentication failed", "does not exist"))
    return said_no or (bool(code) and not code.startswith(_PASSING))


def _not_let_in(code: str) -> Refused:
    if code.startswith("SQLITE"):
        hint = "Look at KULANSE_STATE_DIR, and whether its files may be written."
        return Refused("database_refused", f"The ledger's file cannot be opened ({code}).", hint)
    hint = "Look at KULANSE_DATABASE_URL, and whether the login was made (the `tables` job)."
    said = f"The database does not let us in ({code or 'login'})."
    return Refused("database_refused", said, hint)


def alembic_config(service: str) -> Config:
    """Where a service's migrations lie: the stage's own, and the service's; or the vault's."""
    places = [_SCRIPTS / "versions", _ROOT / "services" / service / "migrations"]
    if service == "vault":
        places = [_VAULT]  # no stage: none of a stage's tables
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.set_main_option(
        "version_locations", "\n".join(str(place) for place in places if place.is_dir())
    )
    config.set_main_option("path_separator", "newline")
    return config


def _up_to_date(engine: Engine, script: ScriptDirectory) -> bool:
    """Whether nothing is to be done: every table is there, or newer than we know."""
    with engine.connect() as connection:
        there = set(MigrationContext.configure(connection).get_current_heads())
    newer = there - {revision.revision for revision in script.walk_revisions()}
    if newer:
        structlog.get_logger().warning("tables_are_newer", revisions=sorted(newer))
    return bool(newer) or there == set(script.get_heads())


def _in_turn(connection: Connection, service: str) -> None:
    """Two workers starting at once: the second waits, then finds nothing to do."""
    lock = text("SELECT pg_advisory_xact_lock(hashtext(:name))")
    connection.execute(lock, {"name": service})
    if service not in inspect(connection).get_schema_names():
        connection.execute(text(f"CREATE SCHEMA {service}"))
