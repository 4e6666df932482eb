"""Files that came with a message, sealed with their complainant's key; gone when the key goes.

They lie in the vault beside the keys, so that one transaction forgets both and one backup holds
both. A file is named by its content and its complainant: the same one twice lies there once, and
nobody reaches another's by knowing its name.
"""

import hashlib
from collections.abc import Sequence

from sqlalchemy import Engine, select

from shared.contracts.identity import derived
from shared.ledger.engine import insert_if_absent, now
from shared.vault.box import NotOurs, seal_file, unseal_file
from shared.vault.keyring import Keyring, keyrings, make_keys
from shared.vault.tables import files


def sha256_of(content: bytes) -> str:
    """The digest that events carry, in hex."""
    return hashlib.sha256(content).hexdigest()


def reference_of(record_key: str, sha256: str) -> str:
    """What events carry of a file of this complainant."""
    return derived("file", record_key, sha256)


class Files:
    """The files of an installation. Whoever puts some may also make keys: intake alone."""

    def __init__(self, engine: Engine, master: bytes) -> None:
        """`engine` and `master`: the vault's."""
        self._engine, self._master = engine, master

    def put(self, record_key: str, contents: Sequence[bytes]) -> None:
        """Keep these; what lies there already is left as it is."""
        key_id, key = self._live(record_key)
        rows = []
        for content in contents:
            reference = reference_of(record_key, sha256_of(content))
            sealed = seal_file(key, content, key_id=_bound(key_id, reference))
            row = {"reference": reference, "record_key": record_key, "key_id": key_id}
            rows.append({**row, "sealed": sealed})
        with self._engine.begin() as connection:
            at_s = now(connection)
            put = insert_if_absent(files, self._engine)
            connection.execute(put, [{**row, "kept_at": at_s} for row in rows])

    def get(self, record_key: str, reference: str) -> bytes | None:
        """The file of this complainant; None: there is none, or it was forgotten."""
        mine = (files.c.record_key == record_key) & (files.c.reference == reference)
        with self._engine.execution_options(read_only=True).begin() as connection:
            row = connection.execute(select(files).where(mine)).one_or_none()
        key = self._ring(record_key).keys.get(row.key_id) if row else None
        if row is None or key is None:
            return None
        try:
            return unseal_file(key, row.sealed, key_id=_bound(row.key_id, reference))
        except NotOurs:
            return None

    def of(self, record_key: str) -> tuple[str, ...]:
        """The references of all that is kept of this complainant."""
        mine = select(files.c.reference).where(files.c.record_key == record_key)
        with self._engine.execution_options(read_only=True).begin() as connection:
            return tuple(connection.execute(mine.order_by(files.c.reference)).scalars())

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _ring(self, record_key: str) -> Keyring:
        found = keyrings(self._engine, [record_key], master=self._master, gone={})
        return found.get(record_key) or Keyring()

    def _live(self, record_key: str) -> tuple[str, bytes]:
        ring = self._ring(record_key)
        if ring.live is None:
            make_keys(self._engine, {record_key: ring}, master=self._master)
            ring = self._ring(record_key)
        key_id = ring.live or ""
        return key_id, ring.keys[key_id]


def _bound(key_id: str, reference: str) -> str:
    """Sealed for this key and this name: a row moved to another name opens nothing."""
    return f"{key_id}/{reference}"
