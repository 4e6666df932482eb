"""Whoever is forgotten is read nowhere: topics, ledgers, dead letters, logs, a restored backup.

The whole of Kulanse on a log in memory and real ledgers. Two people complain; one is forgotten.
"""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from sqlalchemy import select

from services.cli.forgetting import told
from services.desk.ledger import events
from services.desk.stored import opened
from services.intake.secret import key_secret
from shared.contracts.codec import decode
from shared.contracts.contract import Sealed
from shared.contracts.controls import KeyForgotten
from shared.contracts.envelope import Outgoing, Record
from shared.contracts.identity import record_key
from shared.contracts.registered import ComplaintRegistered
from shared.contracts.topics import DAY_MS, DEAD_LETTERS, SUBMITTED, TOPICS
from shared.ledger.engine import open_engine
from shared.settings import Settings
from shared.stage.deadletter import WHOSE, opened_letter
from shared.vault.files import reference_of, sha256_of
from shared.vault.keyring import destroy, live_keys
from shared.vault.opening import open_files, open_vault, vault_engine
from shared.vault.tables import keys
from tests.everybody import BEGAN_MS, Everybody

MAIL, OTHER_MAIL = "ragnhild.plantet@example.com", "siv.tangerud@example.com"
# What tells who she is, or is hers: each is in what she sends, once or more.
CANARIES = ("Ragnhild Plantet", MAIL, "41 55 66 77", "uvanlegordet", "Bestemor Plantet")
WORDS = "Hei! Kaffetrakteren uvanlegordet lekker, og eg vil ha pengane att."
# What she attached: sealed like her words, and gone with them.
PICTURE = b"\xff\xd8\xff uvanlegordet, rett inn i biletet" * 50
AFTER = datetime.fromtimestamp(BEGAN_MS / 1000 + 3600, UTC)


def complaint(mail: str, name: str, *, number: int, text: str) -> dict[str, object]:
    """What a web shop would send."""
    return {
        "channel": "email",
        "channel_message_id": f"<m{number}@example.com>",
        "complainant": {"email": mail, "name": name, "phone": "41 55 66 77"},
        "subject": f"Klage {text[:30]}",
        "text": text,
        "order": {
            "id": f"o-{number}",
            "buyer": name,
            "payments": [{"reference": f"p-{number}", "amount_minor": 49900, "currency": "NOK"}],
        },
    }


HERS = [
    complaint(MAIL, "Ragnhild Plantet", number=1, text=WORDS),
    {**complaint(MAIL, "Ragnhild Plantet", number=2, text=WORDS), "on_behalf_of": CANARIES[-1]},
]
# Two that no stage takes; she can be told from the second alone by what else she wrote.
BAD = [
    {**complaint(MAIL, "Ragnhild Plantet", number=3, text=WORDS), "channel": "pigeon"},
    {**complaint(MAIL, "Ragnhild Plantet", number=4, text=WORDS), "nickname": "uvanlegordet"},
]
THEIRS = complaint(OTHER_MAIL, "Siv Tangerud", number=5, text="Skoene er for små, og jeg er lei.")


@dataclass
class World:
    """All services, what lies in their folder, and who she is."""

    everybody: Everybody
    folder: Path

    @property
    def settings(self) -> Settings:
        """Where it all lies."""
        return Settings(state_dir=self.folder, database_url="")

    @property
    def her_key(self) -> str:
        """Her record key."""
        return record_key(key_secret(self.settings), MAIL)

    def put_picture(self) -> None:
        """What the mail door does before her message leaves."""
        files = open_files(self.settings)
        files.put(self.her_key, [PICTURE])
        files.close()

    def picture(self) -> bytes | None:
        """What she attached, as the desk would hand it out."""
        files = open_files(self.settings)
        try:
            return files.get(self.her_key, reference_of(self.her_key, sha256_of(PICTURE)))
        finally:
            files.close()

    def forget(self) -> None:
        """What `kulanse forget` does: every process is told, then the key is destroyed."""
        engine = vault_engine(self.settings)
        with engine.begin() as connection:
            found = tuple(live_keys(connection, self.her_key))
        for output in told(found, actor="someone", at=AFTER):
            self.everybody.log.append(output)
        hear(self.everybody, self.everybody.log.all("controls"))
        destroy(engine, dict.fromkeys(found, AFTER))
        engine.dispose()

    def records(self) -> list[Record]:
        """All that lies in the log, but what was submitted: that goes by itself, in 30 days."""
        names = [topic.name for topic in TOPICS if topic is not SUBMITTED]
        return [record for name in names for record in self.everybody.log.all(name)]

    def opened(self) -> tuple[set[str], set[str]]:
        """Whose sealed words can be opened, and whose cannot: record keys."""
        vault = open_vault(self.settings, "audit", gone={})
        can, cannot = set[str](), set[str]()
        for record in self.records():
            if record.topic == DEAD_LETTERS.name:
                whose = dict(record.headers).get(WHOSE, b"").decode()
                vault.know_keys([whose])
                (can if opened_letter(record, vault) else cannot).add(whose)
                continue
            event = decode(record)
            if isinstance(getattr(event.data, "personal", None), Sealed):
                vault.know_keys([event.key])
                left = getattr(vault.opened(event).data, "personal", None)
                (cannot if isinstance(left, Sealed) else can).add(event.key)
        return can, cannot


def hear(everybody: Everybody, controls: Iterable[Record]) -> None:
    """What each process does with `controls`."""
    for record in controls:
        data = decode(record).data
        assert isinstance(data, KeyForgotten)
        for service in everybody.services.values():
            service.stage.switches.forget(data)


def held(folder: Path, canaries: Iterable[str] = CANARIES) -> list[tuple[str, str]]:
    """Which files of the ledgers hold which canary, written anyhow."""
    files = sorted(folder.glob("*.db*"))
    words = [(c, c.encode()) for c in canaries]
    words += [(c, orjson.dumps(c)[1:-1]) for c in canaries]
    return [(f.name, c) for f in files for c, raw in words if raw in f.read_bytes()]


def shown(records: Iterable[Record]) -> list[tuple[str, str]]:
    """Which topics show which canary."""
    return [
        (record.topic, canary)
        for record in records
        for canary in CANARIES
        if canary.encode()
        in (record.value or b"") + (record.key or b"") + str(record.headers).encode()
    ]


@pytest.fixture
async def world(tmp_path: Path) -> World:
    """Both have complained, and have been answered."""
    made = World(Everybody(tmp_path / "now"), tmp_path / "now")
    await made.everybody.start()
    made.put_picture()
    attached = {"name": "Bestemor Plantet.jpg", "sha256": sha256_of(PICTURE)}
    attached["reference"] = reference_of(made.her_key, attached["sha256"])
    for message in ({**HERS[0], "attachments": [attached]}, *HERS[1:], *BAD, THEIRS):
        made.everybody.submit(message)
    await made.everybody.work()
    return made


async def test_no_topic_and_no_ledger_ever_shows_a_person(world: World) -> None:
    """Whoever reads a topic or copies a ledger would read who wrote what."""
    assert shown(world.records()) == []
    assert held(world.folder) == []
    can, cannot = world.opened()
    assert len(can) == 2, "both can be read while nobody is forgotten"
    assert cannot == set()
    mails = b"".join(f.read_bytes() for f in (world.folder / "outbox" / "mail").iterdir())
    assert MAIL.encode() in mails, "she was answered, at her own address"
    assert world.picture() == PICTURE


async def test_whoever_is_forgotten_can_be_opened_nowhere(world: World) -> None:
    """A promise to a person would not be kept, or kept for everybody else too."""
    world.forget()
    can, cannot = world.opened()
    assert cannot == {world.her_key}
    assert len(can) == 1
    assert world.picture() is None


async def test_what_lay_on_its_way_says_nothing_more(world: World) -> None:
    """A message to somebody forgotten would still leave, or bring her name back."""
    before = len(world.records())
    world.forget()
    world.everybody.submit(HERS[0])
    world.everybody.submit({**HERS[0], "channel_message_id": "<late@example.com>"})
    await world.everybody.work()
    after = world.records()
    assert len(after) > before
    assert shown(after) == []
    assert held(world.folder) == []
    assert world.her_key in world.opened()[1]
    assert world.her_key not in world.opened()[0]


async def test_a_restored_backup_stays_forgetful(world: World, tmp_path: Path) -> None:
    """Last night's copy, with her key in it, would undo what was promised this morning."""
    backup = tmp_path / "backup"
    shutil.copytree(world.folder, backup)
    world.forget()
    restored = Everybody(backup)
    hear(restored, world.everybody.log.all("controls"))
    switches = restored.services["intake"].stage.switches
    settings = Settings(state_dir=backup, database_url="")
    assert open_vault(settings, "intake", gone=switches.gone).destroy_again() == 1
    with vault_engine(settings).connect() as connection:
        hers = select(keys.c.wrapped).where(keys.c.record_key == world.her_key)
        assert connection.execute(hers).scalars().all() == [None]
    copy = World(world.everybody, backup)
    assert copy.opened()[1] == {world.her_key}
    assert len(copy.opened()[0]) == 1
    assert copy.picture() is None


async def test_reading_the_whole_log_again_brings_nobody_back(world: World, tmp_path: Path) -> None:
    """From empty ledgers, with what she once sent still in the log, she would be known again."""
    world.forget()
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    for secret in ("key_secret", "vault_secret"):
        shutil.copy(world.folder / secret, fresh / secret)
    again = World(Everybody(fresh), fresh)
    hear(again.everybody, world.everybody.log.all("controls"))
    await again.everybody.start()
    for record in world.everybody.log.all(SUBMITTED.name):
        again.everybody.log.append(Outgoing(SUBMITTED.name, None, record.value or b"", partition=0))
    await again.everybody.work()
    assert shown(again.records()) == []
    assert held(fresh) == []
    can, cannot = again.opened()
    assert world.her_key not in can
    assert world.her_key in cannot
    assert counted(again) == counted(world)


async def test_a_lost_key_loses_no_complaint(world: World, tmp_path: Path) -> None:
    """All ledgers restored from before the first complaint: what was sealed since is lost, and
    every stage would stop at it, or pass over it as if its writer had been forgotten.
    """
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    for secret in ("key_secret", "vault_secret"):
        shutil.copy(world.folder / secret, fresh / secret)
    again = World(Everybody(fresh), fresh)
    for topic in TOPICS:
        for record in world.everybody.log.all(topic.name):
            place = (record.topic, record.key, record.value or b"", record.headers)
            again.everybody.log.append(Outgoing(*place, partition=record.partition))
    await again.everybody.start()
    await again.everybody.work()
    assert all(
        service.worker.runner.stopped is None for service in again.everybody.services.values()
    )
    assert read(again) == read(world)


def read(world: World) -> set[str]:
    """The complaints that the desk can show with their words."""
    vault = open_vault(world.settings, "audit", gone={})
    with open_engine(world.settings, "desk").connect() as connection:
        bodies = connection.execute(select(events.c.body)).scalars().all()
        found = opened(connection.execution_options(vault=vault), bodies)
    taken = [e.data for e in found if isinstance(e.data, ComplaintRegistered)]
    return {data.complaint_id for data in taken if not isinstance(data.personal, Sealed)}


def counted(world: World) -> dict[str, int]:
    """How much of everything there is: pseudonyms, ids and sums stay."""
    names = ("complaints.registered", "dead-letters")
    return {name: len(world.everybody.log.all(name)) for name in names}


def test_what_was_submitted_is_gone_within_a_month() -> None:
    """What comes in by Kafka lies there as its sender wrote it; no key of ours seals it."""
    assert 0 < SUBMITTED.retention_ms <= 30 * DAY_MS
