"""The vault: what it seals can be read with its key alone, and with a destroyed key by nobody."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.event import listen

from shared.contracts.contract import Contract, Sealed
from shared.contracts.envelope import Event
from shared.contracts.registered import ComplaintRegistered, Personal
from shared.contracts.submitted import Order
from shared.errors import Invalid, Refused
from shared.settings import Settings
from shared.vault.box import NotOurs, master_of, new_key, seal, unseal, unwrap, wrap
from shared.vault.keyring import Keyring, destroy, id_of
from shared.vault.opening import vault_engine
from shared.vault.rings import Rings
from shared.vault.tables import keys
from shared.vault.vault import Vault

AT = datetime(2026, 11, 16, 8, tzinfo=UTC)
LATER = AT + timedelta(days=2)
MASTER = master_of(b"a long secret, forty characters or so it is")
WORDS = "Kaffetrakteren lekker ut over hele benken."
KEY = "0f" * 16


def registered(key: str = KEY, *, at: datetime = AT) -> Event[ComplaintRegistered]:
    """A complaint of one person, with a name on its order."""
    data = ComplaintRegistered(
        complaint_id="c-1",
        source="web-shop",
        channel="web",
        channel_message_id="m-1",
        received_at=at,
        order=Order(id="o-1", buyer="Siv Tangerud"),
        order_state="claimed",
        personal=Personal(name="Siv Tangerud", email="siv@example.com", text=WORDS),
    )
    return Event("e-1", "kulanse/intake", key, at, data, topic="complaints.registered")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """The vault's own file."""
    made = vault_engine(Settings(state_dir=tmp_path, database_url=""))
    yield made
    made.dispose()


def vault(engine: Engine, event: Event[Contract], *, makes: bool = False) -> Vault:
    """A process's vault that knows of this event."""
    made = Vault(engine, MASTER, makes=makes)
    made.know([event])
    return made


def test_a_value_is_read_with_its_own_key_and_id_alone() -> None:
    """Another complainant's key, or a block moved to another key's name, would open it."""
    key = new_key()
    sealed = seal(key, b"words", key_id="k-1")
    assert unseal(key, sealed, key_id="k-1") == b"words"
    for other, name in ((new_key(), "k-1"), (key, "k-2")):
        with pytest.raises(NotOurs):
            unseal(other, sealed, key_id=name)
    for broken in (
        "",
        "!",
        sealed[:-8],
        "A" + sealed[1:] if sealed[0] != "A" else "B" + sealed[1:],
    ):
        with pytest.raises(NotOurs):
            unseal(key, broken, key_id="k-1")


def test_the_same_value_is_sealed_as_the_same_bytes() -> None:
    """A decision made again after a crash would send other bytes under the same id."""
    key = new_key()
    assert seal(key, b"words", key_id="k") == seal(key, b"words", key_id="k")
    assert seal(key, b"words", key_id="k")[:16] != seal(key, b"other", key_id="k")[:16]


def test_a_wrapped_key_needs_its_master() -> None:
    """A dump of the table would open everything."""
    key = new_key()
    wrapped = wrap(MASTER, key, key_id="k")
    assert key not in wrapped
    assert unwrap(MASTER, wrapped, key_id="k") == key
    with pytest.raises(NotOurs):
        unwrap(master_of(b"another long secret, forty characters"), wrapped, key_id="k")


def test_what_intake_seals_every_service_opens(engine: Engine) -> None:
    """Triage would read nothing, or a topic would show a name, an address or a buyer."""
    event = registered()
    sealed = vault(engine, event, makes=True).sealed(event)
    assert isinstance(sealed.data.personal, Sealed)
    told = sealed.data.model_dump_json()
    assert [w for w in ("Siv", "siv@example.com", "lekker") if w in told] == []
    assert event == vault(engine, sealed).opened(sealed)


def test_a_forgotten_person_is_read_by_nobody(engine: Engine) -> None:
    """Forgetting would be a promise that the next process breaks."""
    event = registered()
    sealed = vault(engine, event, makes=True).sealed(event)
    assert destroy(engine, {id_of(KEY, 0): LATER}) == 1
    assert vault(engine, sealed).opened(sealed) == sealed


def test_what_was_written_before_is_never_sealed_anew(engine: Engine) -> None:
    """Reading the log again would bring a forgotten person's words back under a fresh key."""
    event = registered()
    vault(engine, event, makes=True)
    destroy(engine, {id_of(KEY, 0): LATER})
    again = vault(engine, event, makes=True).sealed(event)
    assert again.data.personal == Sealed(sealed="", key_id="forgotten")
    assert vault(engine, again).opened(again) == again


def test_whoever_comes_back_gets_a_new_key(engine: Engine) -> None:
    """A new complaint of a person who was forgotten once could be read by nobody."""
    old = registered()
    before = vault(engine, old, makes=True).sealed(old)
    destroy(engine, {id_of(KEY, 0): LATER})
    new = registered(at=LATER + timedelta(minutes=1))
    sealed = vault(engine, new, makes=True).sealed(new)
    process = vault(engine, sealed)
    assert process.opened(sealed) == new
    assert process.opened(before) == before


def test_a_process_that_knew_the_key_forgets_it_when_told(engine: Engine) -> None:
    """A stage that runs would read on until somebody restarts it."""
    event = registered()
    gone: dict[str, datetime] = {}
    process = Vault(engine, MASTER, makes=True, gone=gone)
    process.know([event])
    sealed = process.sealed(event)
    assert process.opened(sealed) == event
    gone[id_of(KEY, 0)] = LATER
    assert process.opened(sealed) == sealed
    process.know([sealed])
    assert process.sealed(event).data.personal == Sealed(sealed="", key_id="forgotten")


@pytest.mark.parametrize("backup", ["with the key", "older than the key"])
def test_a_restored_vault_stays_forgetful(tmp_path: Path, engine: Engine, backup: str) -> None:
    """Restoring last night's copy would undo what was promised this morning."""
    event = registered()
    sealed = vault(engine, event, makes=True).sealed(event)
    restored = engine
    if backup == "older than the key":
        restored = vault_engine(Settings(state_dir=tmp_path / "older", database_url=""))
    process = Vault(restored, MASTER, makes=True, gone={id_of(KEY, 0): LATER})
    process.know([event, sealed])
    assert process.opened(sealed) == sealed
    assert process.sealed(event).data.personal == Sealed(sealed="", key_id="forgotten")
    process.destroy_again()
    with restored.connect() as connection:
        left = connection.execute(select(keys.c.wrapped)).scalars().all()
    assert set(left) <= {None}
    restored.dispose()


def test_a_destroyed_key_is_not_in_the_file(tmp_path: Path, engine: Engine) -> None:
    """Whoever copies the file could still take the key out of a free page."""
    vault(engine, registered(), makes=True)
    with engine.connect() as connection:
        wrapped = connection.execute(select(keys.c.wrapped)).scalar_one()
    files = list(tmp_path.glob("vault.db*"))
    assert any(wrapped in each.read_bytes() for each in files)
    destroy(engine, {id_of(KEY, 0): LATER})
    assert [each.name for each in tmp_path.glob("vault.db*") if wrapped in each.read_bytes()] == []


def test_another_secret_than_the_first_is_refused(engine: Engine) -> None:
    """A mistyped secret would seal new words with keys that nobody else can unwrap."""
    vault(engine, registered(), makes=True)
    with pytest.raises(Refused) as refused:
        Vault(engine, master_of(b"another long secret, forty characters")).know([registered()])
    assert refused.value.code == "vault_secret_differs"


def test_a_key_that_is_only_missing_is_no_forgetting(engine: Engine, tmp_path: Path) -> None:
    """Restored without its newest keys, the vault would make complaints vanish without a word."""
    event = registered()
    sealed = vault(engine, event, makes=True).sealed(event)
    older = vault_engine(Settings(state_dir=tmp_path / "older", database_url=""))
    with pytest.raises(Invalid) as missing:
        vault(older, sealed).opened(sealed)
    assert missing.value.first.code == "key_missing"
    older.dispose()


def test_a_person_without_a_key_is_passed_on_as_she_came(engine: Engine) -> None:
    """What lay in the log before sealing began could not be worked on."""
    event = registered()
    assert vault(engine, event).sealed(event) == event


def test_memories_and_messages_are_sealed_too(engine: Engine) -> None:
    """A ledger's backup would hold names and letters in the open."""
    event = registered()
    process = vault(engine, event, makes=True)
    seen = process.sealed_memory(event, {"what": "registered", "personal": {"name": "Siv"}})
    payload = process.sealed_payload(event, {"to": "siv@example.com", "body": WORDS})
    assert "Siv" not in str(seen)
    assert "example.com" not in str(payload)
    assert process.opened_memory(KEY, seen) == {"what": "registered", "personal": {"name": "Siv"}}
    assert process.opened_payload(KEY, payload) == {"to": "siv@example.com", "body": WORDS}
    destroy(engine, {id_of(KEY, 0): LATER})
    after = vault(engine, replace(event, id="e-2"))
    assert after.opened_memory(KEY, seen) == {"what": "registered"}
    assert after.opened_payload(KEY, payload) == payload


def test_keys_looked_up_anew_are_never_away_meanwhile(engine: Engine) -> None:
    """A batch planned beside a mail on its way: its words would pass for unreadable, or go open."""
    asked = registered()
    intake = vault(engine, asked, makes=True)
    sealed = intake.sealed(asked)
    notify = vault(engine, asked)
    seen: list[tuple[str, bool]] = []

    def another_thread(*_statement: object) -> None:
        opened = notify.opened(sealed).data.personal
        assert isinstance(opened, Personal)
        seen.append((str(opened.text), isinstance(notify.sealed(asked).data.personal, Sealed)))

    listen(engine, "before_cursor_execute", another_thread)
    notify.know_keys([KEY])
    assert set(seen) == {(WORDS, True)}


def test_what_a_batch_uses_is_not_dropped_for_others() -> None:
    """A busy door would push out the keys of the batch in hand: its words would go out open."""
    rings, mine = Rings(4), Keyring(live="mine")
    rings.put({"me": mine})
    for wave in ("a", "b", "c"):
        rings.use(["me"])
        rings.put({f"{wave}{n}": Keyring(live=wave) for n in range(4)})
        assert rings.get("me") is mine
    held = [n for n in (f"{wave}{n}" for wave in "abc" for n in range(4)) if rings.get(n)]
    assert held == ["c0", "c1", "c2", "c3"]
