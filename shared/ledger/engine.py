"""Open a service's ledger: its own SQLite file, or its own schema in Postgres."""

import sqlite3
from functools import cache

import orjson
from sqlalchemy import (
    BigInteger,
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Insert,
    Select,
    bindparam,
    create_engine,
    event,
    func,
    select,
    type_coerce,
)
from sqlalchemy import any_ as any_of
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.schema import Table
from sqlalchemy.types import Double, Text

from shared.ledger.tables import reserves
from shared.settings import Settings

BUSY_TIMEOUT_MS = 20_000  # longer than the longest batch another process may hold the file
LOCK_TIMEOUT_MS = 20_000
# A worker that froze in a transaction lets go of its rows: whoever takes over waits for them.
IDLE_TIMEOUT_MS = 10_000
# SQLite: days since the Julian epoch to seconds since 1970, in milliseconds' precision.
_JULIAN_1970, _DAY_S = 2440587.5, 86_400.0
_WANTED = "wanted"


def open_engine(settings: Settings, service: str) -> Engine:
    """The engine of a service's ledger; makes the state folder, not the tables (see `migrate`)."""
    if settings.database_url:
        given = {
            "search_path": service,
            "lock_timeout": LOCK_TIMEOUT_MS,
            "idle_in_transaction_session_timeout": IDLE_TIMEOUT_MS,
        }
        options = " ".join(f"-c {name}={value}" for name, value in given.items())
        return create_engine(settings.database_url, connect_args={"options": options})
    settings.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    return sqlite_engine(str(settings.state_dir / f"{service}.db"))


def sqlite_engine(path: str) -> Engine:
    """A SQLite file as we need it: WAL, durable commits, transactions that begin as writers.

    A reader says so (`engine.execution_options(read_only=True)`) and never waits for a writer.
    """
    engine = create_engine(f"sqlite:///{path}")
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin)
    return engine


def now_s(engine: Engine) -> ColumnElement[float]:
    """The database's clock in epoch seconds: leases trust no other."""
    return _now_s(engine.dialect.name)


def _now_s(dialect: str) -> ColumnElement[float]:
    if dialect == "sqlite":
        return (func.julianday("now") - _JULIAN_1970) * _DAY_S
    return func.extract("epoch", func.clock_timestamp()).cast(Double)


def now(connection: Connection) -> float:
    """What the database's clock says, in epoch seconds."""
    return connection.execute(_clock(connection.dialect.name)).scalar_one()


# What every batch asks is built once: building a statement costs more than SQLite's answer.
@cache
def _clock(dialect: str) -> Select[tuple[float]]:
    return select(_now_s(dialect))


def among(column: Column[str], values: list[str], *, engine: Engine) -> ColumnElement[bool]:
    """`column IN values` as one parameter, so that every batch size is the same statement."""
    (given,) = wanted(values, engine=engine).values()
    return _is_in(column, bindparam(None, given), dialect=engine.dialect.name)


def one_of(column: Column[str], dialect: str) -> ColumnElement[bool]:
    """`among` without its values, for a statement that is built once: `wanted` gives them."""
    return _is_in(column, bindparam(_WANTED), dialect=dialect)


def wanted(values: list[str], *, engine: Engine) -> dict[str, object]:
    """The parameter of a statement with `one_of` in it."""
    as_text = engine.dialect.name == "sqlite"
    return {_WANTED: orjson.dumps(values).decode() if as_text else values}


def _is_in(
    column: Column[str], values: BindParameter[object], *, dialect: str
) -> ColumnElement[bool]:
    if dialect == "sqlite":
        return column.in_(select(func.json_each(values).table_valued("value").c.value))
    return column == any_of(type_coerce(values, ARRAY(Text)))


def insert_if_absent(table: Table, engine: Engine) -> Insert:
    """`INSERT … ON CONFLICT DO NOTHING` for either dialect."""
    return _insert_if_absent(table, engine.dialect.name)


@cache
def _insert_if_absent(table: Table, dialect: str) -> Insert:
    if dialect == "sqlite":
        return sqlite_insert(table).on_conflict_do_nothing()
    return postgres_insert(table).on_conflict_do_nothing()


def add_within_limit(engine: Engine) -> Insert:
    """Add `used` to a shared row unless that takes it above `most`; a new row starts at `used`."""
    return _add_within_limit(engine.dialect.name)


@cache
def _add_within_limit(dialect: str) -> Insert:
    insert = sqlite_insert if dialect == "sqlite" else postgres_insert
    statement = insert(reserves).values(name=bindparam("name"), used=bindparam("used"))
    total = reserves.c.used + statement.excluded.used
    return statement.on_conflict_do_update(
        index_elements=[reserves.c.name],
        set_={"used": total},
        where=total <= bindparam("most", type_=BigInteger),
    )


def _prepare_sqlite(connection: sqlite3.Connection, _entry: object) -> None:
    # The driver must not begin transactions itself: a deferred one that turns writer fails at
    # once with BUSY_SNAPSHOT, whatever the timeout (MONEY.md).
    connection.isolation_level = None
    cursor = connection.cursor()
    # FULL: a commit that was answered survives a power cut; it carries money.
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
