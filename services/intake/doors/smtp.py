"""The SMTP door (RFC 5321): a mail server hands mails over here; nothing is ever relayed.

250 is said only when the broker has the mail. A mail that cannot be a complaint is refused with
the reason, so that its sender is told by her own mail server; a silent broker is 451, and the
mail server tries again by itself. The same mail twice is the same complaint.
"""

import asyncio
import socket
from collections.abc import Sequence

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session

from services.intake.channels import email
from services.intake.doors.keys import Caller
from services.intake.doors.problems import Turned
from services.intake.doors.taking import Taking
from services.intake.policy import MailDoor

OK = "250 OK"
IDLE_S = 60.0  # RFC 5321, 4.5.3.2 allows minutes; our own mail server is next door
WRAPPED = 998  # a line of an answer


class Handler:
    """What aiosmtpd asks for each mail."""

    def __init__(self, taking: Taking, rules: MailDoor) -> None:
        """Takes mails for the addresses of `rules`; without any, for every address."""
        self._taking, self._caller = taking, Caller(rules.source, frozenset())
        self._shape = taking.shapes()[email.MEDIA_TYPE]
        self._ours = frozenset(address.lower() for address in rules.recipients)

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self,
        server: SMTP,  # noqa: ARG002 -- aiosmtpd's signature
        session: Session,  # noqa: ARG002 -- aiosmtpd's signature
        envelope: Envelope,
        address: str,
        rcpt_options: Sequence[str],  # noqa: ARG002 -- aiosmtpd's signature
    ) -> str:  # signature: aiosmtpd
        """Only our own addresses: this is no relay."""
        if self._ours and address.lower() not in self._ours:
            return "550 5.1.1 no such mailbox here"
        envelope.rcpt_tos.append(address)
        return OK

    async def handle_DATA(  # noqa: N802 -- aiosmtpd's name
        self,
        server: SMTP,  # noqa: ARG002 -- aiosmtpd's signature
        session: Session,  # noqa: ARG002 -- aiosmtpd's signature
        envelope: Envelope,
    ) -> str:  # signature: aiosmtpd
        """Take the mail in."""
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
        # What the envelope says: an empty path is a robot's (RFC 3834), whatever the mail says.
        path = "".join((envelope.mail_from or "").split()).strip("<>")
        whole = f"Return-Path: <{path}>\r\n".encode("utf-8", "replace") + raw
        try:
            admitted = await self._taking.take(whole, self._shape, caller=self._caller)
        except Turned as turned:
            return _refused(turned)
        structlog.get_logger().info(
            "complaint_taken", source=self._caller.source, complaint_id=admitted.complaint_id
        )
        return f"250 2.0.0 taken as {admitted.complaint_id}"


def _refused(turned: Turned) -> str:
    first = turned.faults[0]
    structlog.get_logger().info("turned_away", status=turned.status.value, code=first.code)
    if turned.status >= 500:  # noqa: PLR2004 -- ours: the mail server tries again
        return "451 4.3.0 try again later"
    words = f"{first.hint} [{first.code}]".encode("ascii", "replace").decode()
    return f"550 5.6.0 {words}"[:WRAPPED]


async def listen(taking: Taking, rules: MailDoor, *, listener: socket.socket) -> asyncio.Server:
    """Open the door on a listening socket; the caller closes it."""

    def protocol() -> SMTP:
        return SMTP(
            Handler(taking, rules),
            data_size_limit=email.BYTES_MAX,
            enable_SMTPUTF8=True,
            ident="Kulanse",
            timeout=IDLE_S,
            command_call_limit={"*": 100},
        )

    return await asyncio.get_running_loop().create_server(protocol, sock=listener)
