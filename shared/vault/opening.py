"""Open the vault of an installation: its table and the secret that wraps its keys."""

import sqlite3
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Engine, event

from shared.ledger.engine import open_engine
from shared.ledger.migrate import migrate
from shared.secret import shared_secret
from shared.settings import Settings
from shared.vault.box import master_of
from shared.vault.files import Files
from shared.vault.vault import Vault

VAULT = "vault"
FILE = "vault_secret"
MAKER = "intake"


def vault_secret(settings: Settings) -> bytes:
    """The master key. Embedded, its secret is made once, and kept in the state folder.

    Raises `Refused` when it is too short to be one.
    """
    return master_of(shared_secret(settings.vault_secret, settings.state_dir / FILE))


def vault_engine(settings: Settings) -> Engine:
    """The vault's own file or schema, its table made."""
    engine = open_engine(settings, VAULT)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _overwrite)
    migrate(engine, VAULT)
    return engine


def open_vault(settings: Settings, service: str, *, gone: Mapping[str, datetime]) -> Vault:
    """The vault as this service uses it; intake alone makes keys."""
    engine, master = vault_engine(settings), vault_secret(settings)
    return Vault(engine, master, makes=service == MAKER, gone=gone)


def open_files(settings: Settings) -> Files:
    """The files that came with messages; intake alone puts some."""
    return Files(vault_engine(settings), vault_secret(settings))


def _overwrite(connection: sqlite3.Connection, _entry: object) -> None:
    """What is destroyed is overwritten in the file, not only let go."""
    connection.execute("PRAGMA secure_delete=ON").close()
