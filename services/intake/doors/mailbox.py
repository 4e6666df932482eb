"""The mailbox door: fetches mails by IMAP (RFC 3501) and moves each aside when it is taken in.

Nothing is ever deleted: a taken mail is moved (RFC 6851) to `taken`, one that cannot be a
complaint to `unreadable`, where a person finds it. A crash between taking and moving takes the
mail again, and the same mail is the same complaint; so the folder itself is the checkpoint. While
the broker is silent the mails wait where they are.
"""

import asyncio
import contextlib
import imaplib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import structlog
from imap_tools import BaseMailBox, MailBox, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from services.intake.channels import email
from services.intake.doors.keys import Caller
from services.intake.doors.problems import Turned
from services.intake.doors.taking import Taking
from services.intake.policy import MailDoor
from shared.errors import Refused, Transient
from shared.settings import Settings

WAIT_S = 30.0  # for each of the server's answers
PORTS = {"imaps": 993, "imap": 143}


class Box(Protocol):
    """A folder of mails."""

    def uids(self) -> list[str]:
        """Those that lie there, oldest first."""

    def raw(self, uid: str) -> bytes:
        """A mail as it came, its head alone when it is too long; nothing is marked as read."""

    def move(self, uid: str, folder: str) -> None:
        """Put it into another folder."""


@dataclass(frozen=True, slots=True)
class Access:
    """Where the mailbox is, and how to be let in: a password, or a token (XOAUTH2) in a file."""

    scheme: str
    host: str
    port: int
    user: str
    folder: str
    password: str
    token_file: Path | None


def access_of(settings: Settings) -> Access:
    """What `KULANSE_IMAP_URL` and its neighbours say; raises `Refused`."""
    parts = urlsplit(settings.imap_url)
    if parts.scheme not in PORTS or not parts.hostname or not parts.username:
        hint = "Set KULANSE_IMAP_URL to imaps://user@host/INBOX."
        raise Refused("imap_url", "The mailbox's address cannot be read.", hint)
    return Access(
        parts.scheme,
        parts.hostname,
        parts.port or PORTS[parts.scheme],
        unquote(parts.username),
        parts.path.strip("/") or "INBOX",
        settings.imap_password.get_secret_value(),
        settings.imap_token_file,
    )


class ImapBox:
    """A folder on an IMAP server."""

    def __init__(self, box: BaseMailBox) -> None:
        """`box` is logged in, with the folder chosen; raises `Transient` when it cannot move."""
        self._box = box
        _, told = box.client.capability()
        if b"MOVE" not in told[0].upper().split():
            raise Transient("the server knows no MOVE, and we delete nothing")

    def uids(self) -> list[str]:
        """Those that lie there, oldest first."""
        return sorted(self._box.uids("ALL"), key=int)

    def raw(self, uid: str) -> bytes:
        """A mail as it came; one byte more than we take tells that it is too long."""
        wanted = f"(BODY.PEEK[]<0.{email.BYTES_MAX + 1}>)"
        _, found = self._box.client.uid("FETCH", uid, wanted)
        return next((bytes(part[1]) for part in found if isinstance(part, tuple)), b"")

    def move(self, uid: str, folder: str) -> None:
        """Put it into another folder, made if need be."""
        if not self._box.folder.exists(folder):
            self._box.folder.create(folder)
        answered, _ = self._box.client.uid("MOVE", uid, f'"{folder}"')
        if answered != "OK":
            raise Transient(f"MOVE: {answered}")


@contextlib.contextmanager
def opened(access: Access) -> Iterator[ImapBox]:
    """A mailbox that is logged in; raises `Transient`."""
    kind = MailBox if access.scheme == "imaps" else MailBoxUnencrypted
    try:
        box = kind(access.host, access.port, timeout=WAIT_S)
        try:
            _enter(box, access)
        except BaseException:
            box.client.shutdown()  # each round would leave a line open
            raise
        with box:
            yield ImapBox(box)
    except (OSError, ImapToolsError, imaplib.IMAP4.error) as error:
        raise Transient(type(error).__name__) from None


def _enter(box: BaseMailBox, access: Access) -> None:
    if access.token_file is None:
        box.login(access.user, access.password, access.folder)
        return
    token = access.token_file.read_text(encoding="utf-8").strip()
    box.xoauth2(access.user, token, access.folder)


def emptied(box: Box, take: Callable[[bytes], None], *, rules: MailDoor) -> int:
    """Take in all that lies there; how many. Raises `Transient` when the broker is silent."""
    count = 0
    for uid in box.uids():
        try:
            take(box.raw(uid))
        except Turned as turned:
            code = turned.faults[0].code
            structlog.get_logger().info("turned_away", status=turned.status.value, code=code)
            if turned.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise Transient(code) from None
            box.move(uid, rules.unreadable)
            continue
        box.move(uid, rules.taken)
        count += 1
    return count


async def fetch(taking: Taking, rules: MailDoor, *, access: Access) -> None:
    """Empty the mailbox, again and again, until cancelled."""
    loop = asyncio.get_running_loop()
    shape, caller = taking.shapes()[email.MEDIA_TYPE], Caller(rules.source, frozenset())

    def take(raw: bytes) -> None:
        taken = taking.take(raw, shape, caller=caller)
        asyncio.run_coroutine_threadsafe(taken, loop).result()

    def one_round() -> None:
        with opened(access) as box:
            emptied(box, take, rules=rules)

    while True:
        try:
            await asyncio.to_thread(one_round)
        except Transient as silent:
            structlog.get_logger().warning("mailbox_away", error=str(silent))
        await asyncio.sleep(rules.poll_s)
