"""Whoever is forgotten while everything runs is forgotten everywhere, also after a restore.

A real broker, the ledgers and logs of a real installation: what `test_forgotten.py` shows on a log
in memory, as whoever runs it would look for her.
"""

import asyncio
import json
import shutil
import sqlite3
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from services.cli import bus
from services.cli.running import need
from shared.contracts.envelope import Record
from shared.contracts.topics import DEAD_LETTERS, SUBMITTED, TOPICS
from shared.settings import Settings
from shared.vault.opening import vault_engine
from shared.vault.tables import files, keys
from tests.people import Person, up, within, written
from tests.stage.test_forgotten import BAD, CANARIES, MAIL, OTHER_MAIL, PICTURE, WORDS, held, shown

ANSWERED_S_MAX = 120.0


def mail_of(address: str, name: str, *, words: str) -> EmailMessage:
    """A complaint with a picture."""
    mail = EmailMessage()
    mail["From"], mail["To"] = f"{name} <{address}>", "klage@example.com"
    mail["Subject"], mail["Message-ID"] = "Klage", f"<klage.{len(address)}@example.com>"
    mail.set_content(words)
    mail.add_attachment(PICTURE, maintype="image", subtype="jpeg", filename=f"{name}.jpg")
    return mail


def sent(person: Person, mail: EmailMessage) -> str:
    """The id of the complaint that a mail became."""
    file = person.state_dir.parent / "complaint.eml"
    file.write_bytes(mail.as_bytes())
    (answer,) = person.does("send", str(file)).splitlines()
    return str(json.loads(answer)["complaint_id"])


def records(person: Person) -> list[Record]:
    """All that lies with the broker, but what was submitted: that goes by itself, in 30 days."""
    ours = Settings(state_dir=person.state_dir, database_url="")
    names = [topic.name for topic in TOPICS if topic is not SUBMITTED]

    async def read() -> list[Record]:
        bootstrap = need(ours).bootstrap
        partitions = await bus.there(bootstrap, names)
        async with bus.reader(bootstrap) as consumer:
            return [record async for record in bus.lying(consumer, partitions)]

    return asyncio.run(read())


def logged(folder: Path) -> list[tuple[str, str]]:
    """Which log shows which canary: those of the services, and what `up` said."""
    logs = [*(folder / "logs").glob("*.log"), folder.parent / f"{folder.name}.said"]
    assert len(logs) > 1
    return [(log.name, c) for log in logs for c in CANARIES if c in log.read_text()]


def kept(folder: Path) -> tuple[int, int]:
    """How many keys, and how many files, the vault still holds."""
    engine = vault_engine(Settings(state_dir=folder, database_url=""))
    with engine.connect() as connection:
        wrapped = connection.execute(select(keys.c.wrapped)).scalars().all()
        number = len(connection.execute(select(files.c.reference)).all())
    engine.dispose()
    return sum(key is not None for key in wrapped), number


def copied(folder: Path, to: Path) -> None:
    """Last night's backup of the vault, taken while it is in use."""
    with (
        closing(sqlite3.connect(folder / "vault.db")) as now,
        closing(sqlite3.connect(to)) as copy,
    ):
        now.backup(copy)


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    """Two complained with a picture each, one also what no stage takes; she is forgotten."""
    folder = tmp_path / "state"
    with up(folder) as eik:
        hers = sent(eik, mail_of(MAIL, "Ragnhild Plantet", words=WORDS))
        sent(eik, mail_of(OTHER_MAIL, "Siv Tangerud", words="Skoene er for små, og jeg er lei."))
        bad = tmp_path / "bad.jsonl"
        bad.write_text("\n".join(json.dumps(each) for each in BAD), encoding="utf-8")
        eik.does("send", str(bad), "--kafka")
        addresses = {MAIL, OTHER_MAIL}
        heard = within(
            ANSWERED_S_MAX, lambda: {a for a in addresses if a in written(folder)}, wanted=addresses
        )
        assert heard == addresses, "she was answered, at her own address"
        assert kept(folder) == (2, 2)
        copied(folder, tmp_path / "backup.db")
        told = json.loads(eik.does("forget", f"K-{hers[:8].upper()}", "--actor", "x", "--yes"))
        assert (len(told["keys"]), told["really"]) == (1, True)
        found = records(eik)
        assert DEAD_LETTERS.name in {record.topic for record in found}
        assert shown(found) == []
        assert "Skoene er for" in eik.types("export", "--complainant", OTHER_MAIL).out
        assert "uvanlegordet" not in eik.types("export", "--complainant", hers).out
    return folder


@pytest.mark.long
def test_whoever_is_forgotten_is_found_nowhere(state_dir: Path, tmp_path: Path) -> None:
    """A topic, a ledger, a log or last night's backup would still tell who she was."""
    assert kept(state_dir) == (1, 1)
    assert held(state_dir) == []
    assert logged(state_dir) == []
    for old in state_dir.glob("vault.db*"):
        old.unlink()
    shutil.copy(tmp_path / "backup.db", state_dir / "vault.db")
    assert kept(state_dir) == (2, 2), "the backup still knows her"
    with up(state_dir):
        assert within(ANSWERED_S_MAX, lambda: kept(state_dir), wanted=(1, 1)) == (1, 1)
    assert held(state_dir) == []
    assert logged(state_dir) == []
