"""E-mail by SMTP. SMTP has no idempotency key, so silence after the final dot stays unknown.

Before the final dot a failure is safe to try again; a 4xx answer asks for it, a 5xx forbids it.
After it, without an answer, the message may have arrived: it is never sent again by a machine.
"""

import re
from dataclasses import replace
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from services.notify.senders.letter import letter
from shared.errors import Invalid
from shared.stage.effects import Answer, Claimed, Outcome

TIMEOUT_S = 30.0  # a relay that is slower than that is down; the lease outlives it
_PERMANENT = 500
_START_INPUT = 354
_NOBODY_THERE = frozenset({550, 551, 553})  # RFC 5321 4.2.3: no such mailbox, moved, not a name
_LEADING_DOT = re.compile(rb"(?m)^\.")
_WAY = {"way": "smtp"}


class Smtp:
    """One relay; one connection and one recipient a message."""

    def __init__(self, url: str, *, mail_from: str, timeout_s: float = TIMEOUT_S) -> None:
        """Read the relay's address: smtp://user:password@host:port, or smtps:// for TLS at once."""
        self._parts, self._mail_from, self._timeout_s = urlsplit(url), mail_from, timeout_s

    async def perform(self, effect: Claimed) -> Outcome:
        """Send it once."""
        try:
            message = letter(effect, mail_from=self._mail_from)
            content = message.as_bytes()
        except Invalid as refused:
            return _outcome("failed", refused.first.code)
        except UnicodeEncodeError:
            return _outcome("failed", "address_not_ascii")
        client = self._client()
        try:
            return await self._send(client, message, content=content)
        finally:
            client.close()

    async def ask(self, effect: Claimed) -> Outcome:
        """SMTP cannot be asked."""
        del effect
        return _outcome("unknown", "smtp_cannot_tell")

    async def _send(self, client: SMTP, message: EmailMessage, *, content: bytes) -> Outcome:
        try:
            await client.connect()
            await client.mail(self._mail_from)
            try:
                await client.rcpt(message["To"].addresses[0].addr_spec)
            except SMTPResponseException as refused:
                return _answered(refused.code, of_address=True)
            ready = await client.execute_command(b"DATA")
        except SMTPAuthenticationError as refused:
            return _outcome("again", f"login_{refused.code}")  # our settings' fault
        except SMTPResponseException as refused:
            return _answered(refused.code)
        except (SMTPException, OSError) as failed:
            return _outcome("again", type(failed).__name__)
        if ready.code != _START_INPUT:
            return _answered(ready.code)
        return await self._content(client, content)

    async def _content(self, client: SMTP, content: bytes) -> Outcome:
        """From here on silence means that we do not know."""
        if client.protocol is None or client.transport is None:
            return _outcome("again", "SMTPServerDisconnected")
        stuffed = _LEADING_DOT.sub(b"..", content)
        try:
            # A WriteTransport: aiosmtplib's annotation says less than it is.
            client.transport.write(stuffed + b".\r\n")  # type: ignore[attr-defined]
            answer = await client.protocol.read_response(timeout=self._timeout_s)
        except (SMTPServerDisconnected, SMTPException, OSError):
            return _outcome("unknown", "silence_after_the_dot")
        if answer.code >= 400:  # noqa: PLR2004 -- RFC 5321: 4 and 5 refuse
            return _answered(answer.code)
        return Outcome("posted", provider_reference=str(message_id(content)), detail=dict(_WAY))

    def _client(self) -> SMTP:
        parts = self._parts
        tls = parts.scheme == "smtps"
        return SMTP(
            hostname=parts.hostname or "localhost",
            port=parts.port or (465 if tls else 25),
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=tls,
            timeout=self._timeout_s,
        )


def message_id(content: bytes) -> str:
    """The Message-ID of a finished message: what the relay's log knows it by."""
    found = re.search(rb"(?m)^Message-ID: (\S+)", content)
    return found[1].decode("ascii", "replace") if found else ""


def _answered(code: int, *, of_address: bool = False) -> Outcome:
    """A refusal; for ever and of the recipient means that nobody lives there."""
    dead = of_address and code in _NOBODY_THERE
    outcome = _outcome("failed" if code >= _PERMANENT else "again", f"smtp_{code}")
    return replace(outcome, detail={**_WAY, "dead_address": True}) if dead else outcome


def _outcome(state: Answer, code: str) -> Outcome:
    return Outcome(state, code=code, detail=dict(_WAY))
