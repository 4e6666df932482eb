"""The file outbox: one .eml a message, named by its notice, so that writing twice is one file."""

import asyncio
import os
import tempfile
from pathlib import Path

from services.notify.senders.letter import letter
from shared.errors import Invalid
from shared.stage.effects import Claimed, Outcome


class Outbox:
    """Writes messages into a folder, for a mail reader or a channel to fetch."""

    def __init__(self, folder: Path, *, mail_from: str, way: str = "outbox") -> None:
        """Know the folder; it is made when the first message comes."""
        self._folder, self._mail_from, self._way = folder, mail_from, way

    async def perform(self, effect: Claimed) -> Outcome:
        """Write the message; a full disk or a missing folder is tried again."""
        try:
            content = letter(effect, mail_from=self._mail_from).as_bytes()
        except Invalid as refused:
            return Outcome("failed", code=refused.first.code, detail={"way": self._way})
        path = self._path(effect)
        try:
            await asyncio.to_thread(write_whole, path, content)
        except OSError:
            return Outcome("again", code="outbox_not_writable", detail={"way": self._way})
        return Outcome("posted", provider_reference=path.name, detail={"way": self._way})

    async def ask(self, effect: Claimed) -> Outcome:
        """Whether the message is there; if not it is safe to write it."""
        path = self._path(effect)
        if await asyncio.to_thread(path.exists):
            return Outcome("posted", provider_reference=path.name, detail={"way": self._way})
        return Outcome("again", code="not_written", detail={"way": self._way})

    def _path(self, effect: Claimed) -> Path:
        return self._folder / f"{effect.payload['notice_id']}.eml"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it: beside it first, then in its place.

    It is there for good when this returns, its name too.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    _keep_names(path.parent)


def _keep_names(folder: Path) -> None:
    """A file's own fsync says nothing of the folder that names it."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
