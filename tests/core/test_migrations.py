"""Old and new programs run side by side during an upgrade: every migration only adds.

Each revision's tables, as the database itself describes them, are held against those before it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, Inspector, inspect, text

from shared.ledger.engine import sqlite_engine
from shared.ledger.migrate import alembic_config, migrate
from tests.everybody import APPS


@dataclass(frozen=True, slots=True)
class Shape:
    """A table: its columns' own words, by name; the columns that a row may leave out; its rules."""

    columns: dict[str, str]
    optional: frozenset[str]
    rules: frozenset[str]


Tables = dict[str, Shape]


def shapes(engine: Engine) -> Tables:
    """Every table there is, as the database tells it."""
    triggers = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table")
    with engine.connect() as connection:
        look = inspect(connection)
        names = [name for name in look.get_table_names() if name != "alembic_version"]
        return {
            name: _shape(
                look, name, triggers=connection.execute(triggers, {"table": name}).scalars()
            )
            for name in names
        }


def _shape(look: Inspector, table: str, *, triggers: Iterable[str]) -> Shape:
    columns = look.get_columns(table)
    rules = [f"primary key {look.get_pk_constraint(table)['constrained_columns']}"]
    rules += [f"unique {each['column_names']}" for each in look.get_unique_constraints(table)]
    rules += [f"unique {each['name']}" for each in look.get_indexes(table) if each["unique"]]
    rules += [f"check {each['sqltext']}" for each in look.get_check_constraints(table)]
    rules += [f"refers to {each['referred_table']}" for each in look.get_foreign_keys(table)]
    rules += [f"trigger {name}" for name in triggers]
    return Shape(
        {each["name"]: f"{each['type']} nullable={each['nullable']}" for each in columns},
        frozenset(each["name"] for each in columns if each["nullable"] or each["default"]),
        frozenset(rules),
    )


def narrowed(before: Tables, after: Tables) -> list[str]:
    """What a program that knows only the tables of before would stumble over."""
    found = [f"{table}: is gone" for table in before if table not in after]
    for table in before.keys() & after.keys():
        old, new = before[table], after[table]
        found += [
            f"{table}.{name}: was {said}, is {new.columns.get(name, 'gone')}"
            for name, said in old.columns.items()
            if new.columns.get(name) != said
        ]
        found += [
            f"{table}.{name}: the old program does not fill it"
            for name in new.columns.keys() - old.columns.keys() - new.optional
        ]
        found += [f"{table}: another rule: {rule}" for rule in old.rules ^ new.rules]
    return sorted(found)


def histories(service: str, engine: Engine) -> Iterator[tuple[str, Tables]]:
    """Each revision of a service's tables, oldest first, and the tables once it has run."""
    config = alembic_config(service)
    for revision in reversed(list(ScriptDirectory.from_config(config).walk_revisions())):
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision.revision)
        yield revision.revision, shapes(engine)


@pytest.mark.parametrize("service", APPS)
def test_a_migration_only_adds(service: str, tmp_path: Path) -> None:
    """An old worker would fail on the new tables, and its partitions stand during the upgrade."""
    known: Tables = {}
    engine = sqlite_engine(str(tmp_path / f"{service}.db"))
    for revision, tables in histories(service, engine):
        assert (revision, narrowed(known, tables)) == (revision, [])
        known = tables
    assert {"checkpoints", "history", "effects"} <= known.keys()


LOOSER = """
CREATE TABLE other (name TEXT PRIMARY KEY, why TEXT, since DOUBLE NOT NULL);
DROP TABLE holds;
ALTER TABLE other RENAME TO holds
"""
NO_MORE = "CREATE TRIGGER shut BEFORE INSERT ON holds BEGIN SELECT RAISE(ABORT, 'no') END"
WAS = "was TEXT nullable=False, is"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("DROP TABLE holds", "holds: is gone"),
        (
            "ALTER TABLE reserves DROP COLUMN used",
            "reserves.used: was BIGINT nullable=False, is gone",
        ),
        ("ALTER TABLE holds RENAME COLUMN why TO reason", f"holds.why: {WAS} gone"),
        (LOOSER, f"holds.why: {WAS} TEXT nullable=True"),
        ("CREATE UNIQUE INDEX one ON effects (complaint_id)", "effects: another rule: unique one"),
        (NO_MORE, "holds: another rule: trigger shut"),
    ],
)
def test_a_migration_that_takes_away_is_seen(change: str, expected: str, *, tmp_path: Path) -> None:
    """The check above could not fail."""
    engine = sqlite_engine(str(tmp_path / "triage.db"))
    migrate(engine, "triage")
    before = shapes(engine)
    with engine.begin() as connection:
        for statement in change.split(";"):
            connection.execute(text(statement.replace(") END", "); END")))
    assert expected in narrowed(before, shapes(engine))


def test_a_column_that_must_be_filled_is_seen() -> None:
    """The old program's rows would be refused."""
    before = {"holds": Shape({"name": "TEXT"}, frozenset(), frozenset())}
    after = {"holds": Shape({"name": "TEXT", "who": "TEXT"}, frozenset(), frozenset())}
    assert narrowed(before, after) == ["holds.who: the old program does not fill it"]
