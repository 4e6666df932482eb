"""A real SMTP server with a script of faults, and a journal of what it took."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from time import time
from typing import Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from shared.embedded.probe import free_port

# later, never: refused at RCPT · late_later: 451 after the dot · dropped: hung up before the dot ·
# lost, silent: hung up after the dot, not taken and taken · tarpit: no answer to DATA.
Fault = Literal["later", "never", "late_later", "dropped", "lost", "silent", "tarpit"]
TARPIT_S = 20.0


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that the server has: to whom, which, and when."""

    to: str
    message_id: str
    subject: str
    at_s: float


@dataclass
class Faults:
    """What befalls each address, first to last; after that its mails are taken."""

    script: Mapping[str, Sequence[Fault]]
    taken: list[Taken] = field(default_factory=list)
    met: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def fault(self, address: str) -> Fault | None:
        """The fault of this attempt; "never" stays."""
        told = self.script.get(address, ())
        number = self.met[address]
        return told[number] if number < len(told) else None

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        rcpt_options: list[str],  # signature: aiosmtpd
    ) -> str:
        """Take the recipient, or not."""
        if self.fault(address) == "never":
            return "550 5.1.1 nobody here"
        if self.fault(address) == "later":
            self.met[address] += 1
            return "450 4.2.1 later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 -- aiosmtpd's name
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,  # signature: aiosmtpd
    ) -> str:
        """Take the mail, or hang up after its final dot."""
        address = envelope.rcpt_tos[0]
        fault = self.fault(address)
        if fault is not None:
            self.met[address] += 1
        if fault in (None, "silent"):
            assert isinstance(envelope.content, bytes)
            mail = message_from_bytes(envelope.content, policy=default)
            one = Taken(address, str(mail["Message-ID"]), str(mail["Subject"]), time())
            self.taken.append(one)
        if fault in ("lost", "silent"):
            _hangs_up(server)
        return "451 4.3.0 later" if fault == "late_later" else "250 OK"


def _hangs_up(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


class _Faulty(SMTP):
    """aiosmtpd, but it may hang up or fall asleep where the content should come."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 -- aiosmtpd's name
        assert isinstance(self.event_handler, Faults)
        assert self.envelope is not None
        address = self.envelope.rcpt_tos[0] if self.envelope.rcpt_tos else ""
        fault = self.event_handler.fault(address)
        if fault in ("dropped", "tarpit"):
            self.event_handler.met[address] += 1
            if fault == "tarpit":
                await asyncio.sleep(TARPIT_S)
            _hangs_up(self)
            return
        await super().smtp_DATA(arg)


class _Server(Controller):
    def factory(self) -> SMTP:
        """One connection."""
        return _Faulty(self.handler, hostname="relay.example.com")


@contextmanager
def faulty(faults: Faults) -> Iterator[str]:
    """A server that fails as it is told; gives its address."""
    with serving(faults, _Server) as url:
        yield url


@contextmanager
def serving(handler: object, kind: type[Controller] = Controller) -> Iterator[str]:
    """A real server on a port of its own, with one of aiosmtpd's handlers; gives its address."""
    port = free_port()
    server = kind(handler, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield f"smtp://127.0.0.1:{port}"
    finally:
        server.stop()
