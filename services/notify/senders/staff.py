"""Notices to colleagues and call scripts: files in the staff outbox, named by their notice."""

import asyncio
from pathlib import Path

from services.notify.senders.letter import letter
from services.notify.senders.outbox import write_whole
from shared.errors import Invalid
from shared.stage.effects import Claimed, Outcome

# Colleagues read it by role; a reply goes nowhere, so the sender is a reserved address.
STAFF_FROM = "kulanse@staff.invalid"


class StaffOutbox:
    """One file a notice; the role or people it is for, or the number to ring, in a header."""

    def __init__(self, folder: Path, *, way: str = "staff") -> None:
        """Know the folder; it is made when the first notice comes."""
        self._folder, self._way = folder, way

    async def perform(self, effect: Claimed) -> Outcome:
        """Write the notice; a full disk is tried again."""
        try:
            content = letter(effect, mail_from=STAFF_FROM).as_bytes()
            await asyncio.to_thread(write_whole, self._path(effect), content)
        except Invalid as refused:
            return Outcome("failed", code=refused.first.code, detail={"way": self._way})
        except OSError:
            return Outcome("again", code="outbox_not_writable", detail={"way": self._way})
        return self._posted(effect)

    async def ask(self, effect: Claimed) -> Outcome:
        """Whether the notice is there; if not it is safe to write it."""
        if await asyncio.to_thread(self._path(effect).exists):
            return self._posted(effect)
        return Outcome("again", code="not_written", detail={"way": self._way})

    def _posted(self, effect: Claimed) -> Outcome:
        name = self._path(effect).name
        return Outcome("posted", provider_reference=name, detail={"way": self._way})

    def _path(self, effect: Claimed) -> Path:
        return self._folder / f"{effect.payload['notice_id']}.eml"
