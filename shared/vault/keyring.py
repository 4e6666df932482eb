"""The vault's rows as processes use them: keys by complainant, made, looked up, destroyed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, Row, delete, select, update

from shared.contracts.identity import derived
from shared.errors import Refused
from shared.ledger.engine import among, insert_if_absent, now
from shared.vault.box import NotOurs, new_key, unwrap, wrap
from shared.vault.tables import files, keys


@dataclass(slots=True)
class Keyring:
    """One complainant's keys. `live` None: the last one was destroyed, and none came after it."""

    generation: int = -1
    live: str | None = None
    forgotten_at: datetime | None = None
    keys: dict[str, bytes] = field(default_factory=dict)
    destroyed: set[str] = field(default_factory=set)

    def for_time(self, at: datetime) -> str | None:
        """The id of the key that seals what was said then; None: it was to be forgotten."""
        if self.forgotten_at is not None and at < self.forgotten_at:
            return None
        return self.live


def id_of(record_key: str, generation: int) -> str:
    """A key's id is derived: it is the same after a restore, and stays forgotten."""
    return derived("vault", record_key, generation)


def keyrings(
    engine: Engine, wanted: Iterable[str], *, master: bytes, gone: Mapping[str, datetime]
) -> dict[str, Keyring]:
    """The keys of these record keys; absent: never had one.

    `gone`: keys that `controls` says were destroyed, whatever a restored table still holds.
    """
    names = sorted(set(wanted))
    found: dict[str, Keyring] = defaultdict(Keyring)
    with engine.execution_options(read_only=True).begin() as connection:
        rows = connection.execute(
            select(keys)
            .where(among(keys.c.record_key, names, engine=engine))
            .order_by(keys.c.generation)
        ).all()
    for row in rows:
        _add(found[row.record_key], row, master=master, gone=gone)
    for name in names if gone else ():
        _add_gone(found, name, gone=gone)
    return dict(found)


def _add(
    ring: Keyring, row: Row[tuple[object, ...]], *, master: bytes, gone: Mapping[str, datetime]
) -> None:
    ring.generation = row.generation
    ring.live = None
    if row.key_id in gone or row.wrapped is None:
        ring.forgotten_at = gone.get(row.key_id) or datetime.fromtimestamp(row.forgotten_at, UTC)
        ring.destroyed.add(row.key_id)
        return
    try:
        ring.keys[row.key_id] = unwrap(master, row.wrapped, key_id=row.key_id)
    except NotOurs:
        raise Refused(
            "vault_secret_differs",
            "The vault's keys were wrapped by another secret.",
            "Give every service the same KULANSE_VAULT_SECRET, the one they began with.",
        ) from None
    ring.live = row.key_id


def _add_gone(found: dict[str, Keyring], name: str, *, gone: Mapping[str, datetime]) -> None:
    """Keys destroyed after the backup was made that this table comes from."""
    generation = found[name].generation + 1 if name in found else 0
    while (at := gone.get(id_of(name, generation))) is not None:
        ring = found[name]
        ring.generation, ring.live, ring.forgotten_at = generation, None, at
        ring.destroyed.add(id_of(name, generation))
        generation += 1


def make_keys(engine: Engine, wanted: Mapping[str, Keyring | None], *, master: bytes) -> None:
    """A new key for each of these record keys; of two workers the first one's counts."""
    rows = []
    for name, ring in sorted(wanted.items()):
        generation = 0 if ring is None else ring.generation + 1
        key_id = id_of(name, generation)
        wrapped = wrap(master, new_key(), key_id=key_id)
        rows.append(
            {
                "key_id": key_id,
                "record_key": name,
                "generation": generation,
                "wrapped": wrapped,
            }
        )
    if rows:
        with engine.begin() as connection:
            at_s = now(connection)
            connection.execute(
                insert_if_absent(keys, engine), [{**row, "made_at": at_s} for row in rows]
            )


def live_keys(connection: Connection, record_key: str) -> Iterator[str]:
    """The ids of this complainant's keys that still open something."""
    mine = (keys.c.record_key == record_key) & keys.c.wrapped.is_not(None)
    yield from connection.execute(select(keys.c.key_id).where(mine)).scalars()


def destroy(engine: Engine, gone: Mapping[str, datetime]) -> int:
    """Destroy these keys, and the files they seal, where they still lie; how many keys did."""
    with engine.begin() as connection:
        count = sum(
            connection.execute(
                update(keys)
                .where((keys.c.key_id == key_id) & keys.c.wrapped.is_not(None))
                .values(wrapped=None, forgotten_at=at.timestamp())
            ).rowcount
            for key_id, at in sorted(gone.items())
        )
        mine = among(files.c.key_id, sorted(gone), engine=engine)
        count_files = connection.execute(delete(files).where(mine)).rowcount
    if (count or count_files) and engine.dialect.name == "sqlite":
        _empty_wal(engine)
    return count


def _empty_wal(engine: Engine) -> None:
    """SQLite's log of pages still holds what the page itself has no more."""
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        raw.close()
