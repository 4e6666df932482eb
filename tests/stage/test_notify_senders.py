"""Ways out, against a real SMTP server and a real folder: sent once, or known not to be."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from services.notify.senders.letter import letter
from services.notify.senders.outbox import Outbox
from services.notify.senders.smtp import Smtp
from services.notify.senders.staff import StaffOutbox
from shared.stage.effects import Claimed
from tests.stage.smtp_faults import serving

FROM = "kundeservice@example.com"
TIMEOUT_S = 2.0


def effect(kind: str = "mail", **changes: object) -> Claimed:
    """A mail to Siv."""
    payload = {
        "notice_id": "0f0e0d0c-0000-5000-8000-000000000001",
        "to": "siv@example.com",
        "subject": "Vi har fått meldingen din [K-1]",
        "body": "Hei, Siv.\n\n.En linje med punktum først\nog æøå",
        "written_form": "nb",
        "channel": "email",
        "in_reply_to": "<m1@example.com>",
        "thread": None,
    }
    payload.update(changes)  # type: ignore[arg-type]  # JSON values, by the tests' own care
    at = datetime(2026, 11, 16, 9, 12, tzinfo=UTC)
    return Claimed("key", kind, "c1", payload, 0, at)


def files(folder: Path) -> dict[str, bytes]:
    """What lies in a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class Relay:
    """An SMTP handler that takes mail, or answers as it is told."""

    def __init__(self, *, rcpt: str = "250 OK", data: str = "250 OK") -> None:
        """Answer so to RCPT and to the end of DATA."""
        self.rcpt, self.data, self.mails = rcpt, data, list[Envelope]()

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        rcpt_options: list[str],  # signature: aiosmtpd
    ) -> str:
        """Take the recipient, or not."""
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(  # noqa: N802 -- aiosmtpd's name
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,  # signature: aiosmtpd
    ) -> str:
        """Take the mail, or not."""
        if self.data.startswith("250"):
            self.mails.append(envelope)
        return self.data


@asynccontextmanager
async def dropping(*, after: bytes) -> AsyncIterator[str]:
    """A server that speaks SMTP until it has read `after`, and then hangs up without a word."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready\r\n")
        inside = False
        while line := await reader.readline():
            if line == after:
                break
            inside = inside or line == b"DATA\r\n"
            if line == b"DATA\r\n":
                writer.write(b"354 go on\r\n")
            elif not inside:
                writer.write(b"250 OK\r\n")
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    async with server:
        yield f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_a_mail_arrives_whole_and_once() -> None:
    """Headers, threading or letters would be lost, or a line that begins with a stop."""
    taking = Relay()
    with serving(taking) as url:
        outcome = await Smtp(url, mail_from=FROM).perform(effect())
    assert outcome.state == "posted"
    (envelope,) = taking.mails
    assert envelope.rcpt_tos == ["siv@example.com"]
    assert isinstance(envelope.content, bytes)
    mail = message_from_bytes(envelope.content, policy=default)
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["Content-Language"] == "nb"  # a reader aloud would take another voice
    assert mail["In-Reply-To"] == "<m1@example.com>"
    assert mail["Message-ID"] == "<0f0e0d0c-0000-5000-8000-000000000001.c1@example.com>"
    assert mail["Subject"] == "Vi har fått meldingen din [K-1]"
    assert mail["Message-ID"] == outcome.provider_reference
    plain, html = (part.get_content().replace("\r\n", "\n") for part in mail.iter_parts())
    assert plain == "Hei, Siv.\n\n.En linje med punktum først\nog æøå\n"
    assert "<p>.En linje med punktum først<br>og æøå</p>" in html


async def test_what_people_wrote_is_no_html() -> None:
    """A complainant's words would run as a page in somebody's mail reader."""
    taking = Relay()
    with serving(taking) as url:
        await Smtp(url, mail_from=FROM).perform(
            effect(body="- <script>x</script>\n- http://x.example")
        )
    (envelope,) = taking.mails
    assert isinstance(envelope.content, bytes)
    mail = message_from_bytes(envelope.content, policy=default)
    html = [part.get_content() for part in mail.iter_parts()][1]
    assert "<li>&lt;script&gt;x&lt;/script&gt;</li>" in html
    assert "<a " not in html


def test_a_second_attempt_has_the_same_bytes() -> None:
    """A relay that knows a mail by its content would take the second for another one."""
    assert (
        letter(effect(), mail_from=FROM).as_bytes() == letter(effect(), mail_from=FROM).as_bytes()
    )


@pytest.mark.parametrize(
    "subject", ["Svar [K-1]", "Æ [K-1]", "a  b", "=?utf-8?q?x?=", "x" * 69, "x" * 70, "ord " * 40]
)
def test_what_seems_plain_is_written_as_the_library_writes_it(subject: str) -> None:
    """A header that is not read would be longer than a line, or say something else."""
    theirs = EmailMessage(policy=policy.SMTP)
    theirs["Subject"] = subject
    line = theirs.as_bytes().removesuffix(b"\r\n")
    assert line in letter(effect(subject=subject), mail_from=FROM).as_bytes()


def test_what_one_letter_says_stands_in_no_other() -> None:
    """Headers that mails say alike are read once: one mail would come as another's, or to them."""
    said = (("siv", FROM), ("ola", f"other.{FROM}"), ("siv", FROM))
    letters = [
        letter(effect(to=f"{who}@example.com", notice_id=who), mail_from=sender).as_bytes()
        for who, sender in said
    ]
    first, other, again = (
        (mail["From"], mail["To"], mail.get_boundary())
        for mail in (message_from_bytes(each, policy=default) for each in letters)
    )
    assert first == again == (FROM, "siv@example.com", "kulanse-siv")
    assert other == (f"other.{FROM}", "ola@example.com", "kulanse-ola")


@pytest.mark.parametrize(
    ("faults", "state", "code"),
    [
        ({"rcpt": "450 later"}, "again", "smtp_450"),
        ({"rcpt": "550 nobody"}, "failed", "smtp_550"),
        ({"data": "451 later"}, "again", "smtp_451"),
        ({"data": "554 no"}, "failed", "smtp_554"),
    ],
)
async def test_a_refusal_says_whether_to_try_again(
    faults: dict[str, str], state: str, code: str
) -> None:
    """A dead address would be tried for ever, or a busy relay would lose the mail."""
    with serving(Relay(**faults)) as url:
        outcome = await Smtp(url, mail_from=FROM).perform(effect())
    assert (state, code) == (outcome.state, outcome.code)


async def test_a_drop_before_the_content_is_safe_to_try_again() -> None:
    """A mail would count as unknown that cannot have left."""
    async with dropping(after=b"DATA\r\n") as url:
        outcome = await Smtp(url, mail_from=FROM, timeout_s=TIMEOUT_S).perform(effect())
    assert outcome.state == "again"


async def test_a_drop_after_the_dot_is_unknown_and_stays_so() -> None:
    """The same mail would be sent twice."""
    async with dropping(after=b".\r\n") as url:
        sender = Smtp(url, mail_from=FROM, timeout_s=TIMEOUT_S)
        outcome = await sender.perform(effect())
        asked = await sender.ask(effect())
    assert [outcome.state, asked.state] == ["unknown", "unknown"]


async def test_a_relay_that_is_down_is_tried_again() -> None:
    """An outage of the relay would lose mails."""
    outcome = await Smtp("smtp://127.0.0.1:1", mail_from=FROM).perform(effect())
    assert outcome.state == "again"


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Hei\r\nBcc: other@example.com"},
        {"to": "siv@example.com\r\nBcc: other@example.com"},
        {"to": "a@example.com, b@example.com"},
        {"to": ""},
    ],
)
async def test_a_header_cannot_be_smuggled_in(changes: dict[str, str]) -> None:
    """A complainant could make us send mail to somebody else."""
    taking = Relay()
    with serving(taking) as url:
        outcome = await Smtp(url, mail_from=FROM).perform(effect(**changes))
    assert (outcome.state, outcome.code) == ("failed", "header_refused")
    assert taking.mails == []


async def test_a_false_thread_is_left_out() -> None:
    """What a stranger called their message would stand as a header of ours."""
    taking = Relay()
    with serving(taking) as url:
        await Smtp(url, mail_from=FROM).perform(effect(in_reply_to="x\r\nBcc: b@example.com"))
    (envelope,) = taking.mails
    assert isinstance(envelope.content, bytes)
    assert None is message_from_bytes(envelope.content, policy=default)["In-Reply-To"]


async def test_the_outbox_writes_one_file_however_often(tmp_path: Path) -> None:
    """A retry after a crash would put the same message out twice."""
    outbox = Outbox(tmp_path, mail_from=FROM)
    assert (await outbox.ask(effect())).state == "again"
    first = await outbox.perform(effect())
    before = files(tmp_path)
    second = await outbox.perform(effect())
    assert (first, "posted") == (second, (await outbox.ask(effect())).state)
    assert len(before) == 1
    assert files(tmp_path) == before


async def test_an_outbox_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    """A full disk would lose messages."""
    (tmp_path / "file").write_text("in the way")
    outcome = await Outbox(tmp_path / "file" / "mail", mail_from=FROM).perform(effect())
    assert outcome.state == "again"


async def test_a_colleagues_notice_names_the_role(tmp_path: Path) -> None:
    """A notice to the safety officer would look like mail to nobody."""
    box = StaffOutbox(tmp_path)
    outcome = await box.perform(effect("staff", to="role:safety"))
    assert (outcome.state, outcome.detail) == ("posted", {"way": "staff"})
    (content,) = files(tmp_path).values()
    mail = message_from_bytes(content, policy=default)
    assert (mail["X-Kulanse-Staff"], mail["To"]) == ("role:safety", None)
