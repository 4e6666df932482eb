"""Logins on a real Postgres: who makes keys, who only reads them, what the console may write."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, delete, make_url, text
from sqlalchemy.exc import ProgrammingError

from services.cli.provisioning.files import LOGINS
from services.cli.provisioning.tables import prepare
from services.cli.signing_in import bind_to, link_for
from services.desk.web import accounts, bindings, looks, sessions, tables, trips
from services.desk.web.keeping import Keeping
from shared.ledger.engine import open_engine
from shared.settings import Settings
from shared.vault.keyring import destroy, live_keys
from shared.vault.opening import open_files, open_vault, vault_engine
from tests.core.console_world import CONSOLE
from tests.core.test_vault import KEY, registered
from tests.postgres import postgres

__all__ = ["postgres"]
PERSON = "agent-bjork"
NOW = datetime.now(UTC)
SECRET = "a long secret, forty characters or so it is"


@pytest.fixture(scope="module")
def logins(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An installation as the jobs of Compose make it: the address of each login."""
    folder = tmp_path_factory.mktemp("secrets")
    ours = make_url(postgres).set(database="vault_rights")  # other tests use the schemas' names
    addresses = {"admin": ours.render_as_string(hide_password=False)}
    for name in LOGINS:
        made = ours.set(username=f"kulanse_{name}", password="word")
        addresses[name] = made.render_as_string(hide_password=False)
    for name, address in addresses.items():
        (folder / name).mkdir()
        (folder / name / "database_url").write_text(address)
    # This server lets everybody in from here, so that the job would take each login for made.
    admin = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE vault_rights")
        for name in LOGINS:
            connection.exec_driver_sql(f"CREATE ROLE kulanse_{name} LOGIN PASSWORD 'word'")
    admin.dispose()
    list(prepare(folder))
    return addresses


def _settings(address: str, folder: Path) -> Settings:
    return Settings.model_validate(
        {"state_dir": folder, "database_url": address, "vault_secret": SECRET}
    )


def test_intake_makes_keys_and_the_others_read_them(logins: dict[str, str], tmp_path: Path) -> None:
    """Nothing could be sealed in containers, or nobody could read it."""
    event = registered()
    maker = open_vault(_settings(logins["intake"], tmp_path), "intake", gone={})
    maker.know([event])
    sealed = maker.sealed(event)
    maker.close()
    for name in ("triage", "recovery", "notify", "desk"):
        reader = open_vault(_settings(logins[name], tmp_path), name, gone={})
        reader.know([sealed])
        assert reader.opened(sealed) == event, name
        reader.close()


def test_intake_keeps_files_the_desk_shows_them_and_nobody_else_reads_any(
    logins: dict[str, str], tmp_path: Path
) -> None:
    """In containers no picture could be kept or seen; or every service could look at them all."""
    keeper = open_files(_settings(logins["intake"], tmp_path))
    keeper.put(KEY, [b"picture"])
    (reference,) = keeper.of(KEY)
    reader = open_files(_settings(logins["desk"], tmp_path))
    assert reader.get(KEY, reference) == b"picture"
    keeper.close()
    reader.close()
    for name in ("triage", "recovery", "notify"):
        other = open_files(_settings(logins[name], tmp_path))
        with pytest.raises(ProgrammingError, match="permission denied"):
            other.get(KEY, reference)
        other.close()


def test_ops_forgets_files_with_their_key(logins: dict[str, str], tmp_path: Path) -> None:
    """`kulanse forget` would fail half way, or leave the pictures."""
    name = "f" * 32
    keeper = open_files(_settings(logins["intake"], tmp_path))
    keeper.put(name, [b"picture"])
    engine = vault_engine(_settings(logins["ops"], tmp_path))
    with engine.connect() as connection:
        gone = dict.fromkeys(live_keys(connection, name), datetime.now(UTC))
    assert destroy(engine, gone) == 1
    assert keeper.of(name) == ()
    engine.dispose()
    keeper.close()


@pytest.fixture
def engines(logins: dict[str, str]) -> Iterator[dict[str, Engine]]:
    """A connection for each login."""
    made = {name: create_engine(address) for name, address in logins.items()}
    yield made
    for engine in made.values():
        engine.dispose()


@pytest.mark.parametrize("wish", ["DELETE FROM vault.keys", "UPDATE vault.keys SET wrapped = NULL"])
@pytest.mark.parametrize("name", ["triage", "recovery", "notify", "desk"])
def test_who_only_reads_destroys_nothing(engines: dict[str, Engine], name: str, wish: str) -> None:
    """A fault in one service would make every complainant's words unreadable for all."""
    with pytest.raises(ProgrammingError, match="permission denied"), engines[name].begin() as one:
        one.execute(text(wish))


@pytest.mark.parametrize("name", [*LOGINS])
def test_no_row_can_be_taken_away(engines: dict[str, Engine], name: str) -> None:
    """A key whose row is gone could be made anew for what is to stay forgotten."""
    with pytest.raises(ProgrammingError, match="permission denied"), engines[name].begin() as one:
        one.execute(text("DELETE FROM vault.keys WHERE record_key = :key"), {"key": KEY})


async def test_the_desk_keeps_who_is_signed_in_and_who_looked(
    logins: dict[str, str], tmp_path: Path
) -> None:
    """In containers nobody could sign in to the console, or a look could be made undone."""
    keeping = Keeping(open_engine(_settings(logins["desk"], tmp_path), "desk"))
    now, rules = datetime.now(UTC), CONSOLE.rules
    # Whoever runs it makes the link, with the login of ops; the desk's door lets her in.
    made = link_for(_settings(logins["ops"], tmp_path), PERSON, url="http://127.0.0.1")
    secret = made.address.rpartition("/")[2]
    assert await keeping.write(lambda c: accounts.use_link(c, secret, now=now)) == PERSON
    assert await keeping.write(lambda c: accounts.use_link(c, secret, now=now)) is None
    cookie = await keeping.write(lambda c: sessions.begin(c, PERSON, now=now, rules=rules))
    signed_in = await keeping.read(lambda c: sessions.found(c, cookie, now=now, rules=rules))
    assert signed_in is not None
    await keeping.write(
        lambda c: accounts.was_wrong(c, PERSON, address="192.0.2.1", now=now, rules=rules)
    )
    await keeping.write(lambda c: looks.note(c, looks.Look(now, PERSON, "case", "k-1")))
    seen = await keeping.read(
        lambda c: looks.lines(c, person=PERSON, case_id="", limit=9, offset=0)
    )
    assert [each.case_id for each in seen] == ["k-1"]
    with pytest.raises(ProgrammingError, match="permission denied"):
        await keeping.write(lambda c: c.execute(delete(tables.looks)))
    keeping.engine.dispose()


async def test_the_desk_lets_a_provider_vouch_for_whom_ops_bound(
    logins: dict[str, str], tmp_path: Path
) -> None:
    """In containers `kulanse console bind` is denied its rows, or nobody comes back from there."""
    issuer, address, now, rules = "https://id.example.com", "192.0.2.1", NOW, CONSOLE.rules
    ops = _settings(logins["ops"], tmp_path).model_copy(update={"oidc_issuer": issuer})
    bind_to(ops, PERSON, subject="8f14e45f")
    keeping = Keeping(open_engine(_settings(logins["desk"], tmp_path), "desk"))
    trip = await keeping.write(
        lambda c: trips.begin(c, then="/cases", address=address, now=now, rules=rules)
    )
    assert await keeping.write(lambda c: trips.end(c, trip, now=now)) == "/cases"
    assert await keeping.write(lambda c: trips.end(c, trip, now=now)) is None
    whose = await keeping.read(lambda c: bindings.whose(c, issuer=issuer, subject="8f14e45f"))
    assert whose == PERSON
    strict = rules.model_copy(update={"attempts_per_address": 1})
    may = [await keeping.read(lambda c: trips.may_begin(c, address=address, now=now, rules=strict))]
    await keeping.write(lambda c: trips.arrived(c, address=address))
    may += [
        await keeping.read(lambda c: trips.may_begin(c, address=address, now=now, rules=strict))
    ]
    assert may == [False, True]
    keeping.engine.dispose()
