"""Files in the vault: sealed, kept once, and gone with their complainant's key."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from shared.settings import Settings
from shared.vault.files import Files, reference_of, sha256_of
from shared.vault.keyring import destroy, live_keys
from shared.vault.opening import open_files, open_vault, vault_engine
from shared.vault.tables import files

AT = datetime(2026, 11, 16, 8, tzinfo=UTC)
HERS, THEIRS = "0f" * 16, "1e" * 16
PICTURE = b"\xff\xd8\xff uvanlegordet " * 40
REFERENCE = reference_of(HERS, sha256_of(PICTURE))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation of one folder."""
    return Settings(state_dir=tmp_path / "now", database_url="")


@pytest.fixture
def shelf(settings: Settings) -> Iterator[Files]:
    """Its files: hers and theirs, the same picture."""
    found = open_files(settings)
    for key in (HERS, THEIRS):
        found.put(key, [PICTURE, PICTURE])
    yield found
    found.close()


def forgotten(settings: Settings) -> dict[str, datetime]:
    """Her keys, destroyed."""
    engine = vault_engine(settings)
    with engine.connect() as connection:
        gone = dict.fromkeys(live_keys(connection, HERS), AT)
    destroy(engine, gone)
    engine.dispose()
    return gone


def lying(folder: Path) -> int:
    """In how many files of the vault the picture can be read."""
    return sum(b"uvanlegordet" in path.read_bytes() for path in folder.glob("*.db*"))


def test_a_file_is_sealed_and_lies_there_once(settings: Settings, shelf: Files) -> None:
    """Whoever copies the database would see her pictures; each mail again would fill it."""
    assert shelf.of(HERS) == (REFERENCE,)
    assert shelf.get(HERS, REFERENCE) == PICTURE
    assert lying(settings.state_dir) == 0


def test_a_file_is_nobody_elses(settings: Settings, shelf: Files) -> None:
    """A row moved to another's name would open, or a known reference lead to it."""
    (theirs,) = shelf.of(THEIRS)
    assert shelf.get(THEIRS, REFERENCE) is None
    engine = vault_engine(settings)
    with engine.begin() as connection:
        moved = update(files).where(files.c.reference == theirs)
        connection.execute(moved.values(reference="x", sealed=b"short"))
    engine.dispose()
    assert shelf.get(THEIRS, "x") is None


def test_with_the_key_the_files_go(settings: Settings, shelf: Files) -> None:
    """Who was forgotten would still be seen in her pictures; or others be forgotten with her."""
    forgotten(settings)
    assert (shelf.of(HERS), shelf.get(HERS, REFERENCE)) == ((), None)
    assert len(shelf.of(THEIRS)) == 1
    shelf.put(HERS, [PICTURE])
    assert shelf.get(HERS, REFERENCE) == PICTURE, "who writes anew is heard anew"


def test_a_restored_copy_forgets_the_files_too(
    settings: Settings, shelf: Files, tmp_path: Path
) -> None:
    """Last night's copy would bring her pictures back."""
    assert shelf.of(HERS), "the copy holds her picture"
    shutil.copytree(settings.state_dir, tmp_path / "backup")
    gone = forgotten(settings)
    copy = Settings(state_dir=tmp_path / "backup", database_url="")
    assert open_vault(copy, "intake", gone=gone).destroy_again() == 1
    restored = open_files(copy)
    assert (restored.of(HERS), len(restored.of(THEIRS))) == ((), 1)
    restored.close()
