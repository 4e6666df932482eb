"""The vault on a real Postgres: who may make keys, who may only read them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from services.cli.provisioning.files import LOGINS
from services.cli.provisioning.tables import prepare
from shared.settings import Settings
from shared.vault.opening import open_vault
from tests.core.test_vault import KEY, registered
from tests.postgres import postgres

__all__ = ["postgres"]
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
