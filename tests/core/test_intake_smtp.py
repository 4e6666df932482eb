"""The SMTP door: taken when the broker has it, refused with a reason, and never a relay."""

import asyncio
import smtplib
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from services.intake.decode import make_decode
from services.intake.doors.admit import Admission
from services.intake.doors.smtp import listen
from services.intake.doors.taking import Taking
from services.intake.model import Received
from services.intake.policy import load
from services.intake.robots import is_robot
from shared.contracts.envelope import Record
from shared.errors import Transient
from tests.core.test_intake_http import SECRET, FakeOut

POLICY = load()[0]
AT = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
RULES = POLICY.intake.doors.mail.model_copy(update={"recipients": ("kundeservice@example.com",)})
TO = "kundeservice@example.com"


@pytest.fixture
def out() -> FakeOut:
    """Where the door sends."""
    return FakeOut()


@pytest.fixture
async def port(out: FakeOut) -> AsyncIterator[int]:
    """An open SMTP door."""
    listener = socket.create_server(("127.0.0.1", 0))
    taking = Taking(Admission(POLICY, SECRET), out, now=lambda: AT)
    server = await listen(taking, RULES, listener=listener)
    yield listener.getsockname()[1]
    server.close()


def mail(text: str = "Setet kom aldri, og støvelen er feil.") -> bytes:
    """A plain mail from Ingrid."""
    made = EmailMessage()
    made["From"], made["Subject"] = "Ingrid <ingrid@example.com>", "Klage"
    made["Message-ID"] = "<m1@example.com>"
    made.set_content(text)
    return made.as_bytes()


async def sent(port: int, raw: bytes, *, sender: str = "ingrid@example.com", to: str = TO) -> int:
    """The code that a mail server hears in the end."""

    def session() -> int:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
            try:
                client.sendmail(sender, [to], raw)
            except smtplib.SMTPRecipientsRefused as refused:
                return next(iter(refused.recipients.values()))[0]
            except smtplib.SMTPResponseException as refused:
                return refused.smtp_code
        return 250

    return await asyncio.to_thread(session)


def received(out: FakeOut) -> Received:
    """What the stage makes of the last mail."""
    last = out.sent[-1]
    record = Record(
        last.topic, 0, 0, int(AT.timestamp() * 1000), last.key, last.value, last.headers
    )
    return make_decode(SECRET, POLICY)(record).data


async def test_a_mail_is_taken_in_once(port: int, out: FakeOut) -> None:
    """A mail that its server hands over twice would be two complaints."""
    assert [await sent(port, mail()) for _ in range(2)] == [250, 250]
    first, again = out.sent
    assert first.key == again.key
    assert received(out).submitted.text == "Setet kom aldri, og støvelen er feil."
    assert received(out).source == "mail"


async def test_an_empty_return_path_is_a_robots(port: int, out: FakeOut) -> None:
    """A bounce whose own headers say nothing would be answered."""
    assert await sent(port, mail(), sender="") == 250
    assert is_robot(received(out).submitted, POLICY.intake.robots)
    assert await sent(port, mail("Hei")) == 250
    assert not is_robot(received(out).submitted, POLICY.intake.robots)


async def test_it_is_no_relay(port: int, out: FakeOut) -> None:
    """Strangers would send their own mails through us."""
    assert await sent(port, mail(), to="someone@example.org") == 550
    assert out.sent == []


async def test_what_cannot_be_a_complaint_is_told_to_its_sender(port: int, out: FakeOut) -> None:
    """A mail would vanish without a word."""
    assert await sent(port, b"Subject: Hei\r\n\r\nHei") == 550
    assert await sent(port, mail("a" * 11_000_000)) == 552
    assert out.sent == []


async def test_a_silent_broker_is_temporary(port: int, out: FakeOut) -> None:
    """The mail server would give up a mail that we never took."""
    out.failure = Transient("TimeoutError")
    assert await sent(port, mail()) == 451
    out.failure = None
    assert await sent(port, mail()) == 250
