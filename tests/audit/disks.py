"""A small disk of its own for a part of an installation: a tmpfs, which only root may mount."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from tests.audit.database import Database, fresh

KAFKA, LOGS, LEDGER = "kafka", "logs", "ledger"
# Enough for a case, and full within a second.
SIZE_MB = {KAFKA: 256, LOGS: 8, LEDGER: 64}
FILLER = "filler"
PIECE = b"\0" * (64 << 10)


@contextmanager
def small_disk(folder: Path, *, size_mb: int, owner: Path) -> Iterator[Path]:
    """The folder on a disk of so many MB that belongs to `owner`'s owner, where that can be had."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    whose = owner.stat()
    options = f"size={size_mb}m,mode=700,uid={whose.st_uid},gid={whose.st_gid}"
    done = _run("mount", "-t", "tmpfs", "-o", options, "kulanse-audit", str(folder))
    try:
        yield folder
    finally:
        if done:
            _run("umount", "--lazy", str(folder))


@contextmanager
def lying(server_url: str, *, small: bool) -> Iterator[Database]:
    """A fresh database; `small`: its tables, not what Postgres writes ahead, on a small disk."""
    if not small or not server_url:
        yield fresh(server_url)
        return
    socket = Path(str(make_url(server_url).query["host"]))
    above = Path(tempfile.mkdtemp(prefix="kulanse-audit-disk-"))
    above.chmod(0o755)  # Postgres may be somebody else
    with small_disk(above / LEDGER, size_mb=SIZE_MB[LEDGER], owner=socket) as folder:
        database = fresh(server_url, folder=folder)
        try:
            yield database
        finally:
            _dropped(server_url, database)


def fill(folder: Path) -> None:
    """Take all that is left of this disk."""
    try:
        with (folder / FILLER).open("ab", buffering=0) as filler:
            while filler.write(PIECE):
                pass
    except OSError:
        return


def left_bytes(folder: Path) -> int:
    """How much more fits on this disk."""
    told = os.statvfs(folder)
    return told.f_bavail * told.f_frsize


def _dropped(server_url: str, database: Database) -> None:
    name = make_url(database.url).database
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        connection.execute(text(f"DROP TABLESPACE {name}"))
    engine.dispose()


def _run(*command: str) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
