"""Signed HTTP out: to partners, chat, SMS and colleagues; never to where it must not go."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.notify.senders.guard import checked, is_public, resolved
from services.notify.senders.hook import Hook, Receiver
from shared.errors import Invalid
from shared.stage.effects import Claimed

SECRETS = ("whsec_bmV3IGV4YW1wbGU=", "whsec_b2xkIGV4YW1wbGU=")
WAITS_S = (0.0, 5.0, 300.0)
NOTICE = "0f0e0d0c-0000-5000-8000-000000000001"
NOW_S = 1_795_000_000.0


@dataclass
class Partner:
    """An HTTP server that answers as told, one status after the other, and keeps what came."""

    answers: list[str]
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, one answer; "silence" hangs up without one."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = [line.split(": ", 1) for line in head.split("\r\n")[1:] if line]
        headers = {name.lower(): value for name, value in lines}
        body = await reader.readexactly(int(headers["content-length"]))
        self.came.append((headers, body))
        answer = self.answers.pop(0) if self.answers else "200 OK"
        if answer != "silence":
            more = f"Location: http://127.0.0.1:{self.port}/other\r\n" if "302" in answer else ""
            text = f"HTTP/1.1 {answer}\r\n{more}Content-Length: 0\r\nConnection: close\r\n\r\n"
            writer.write(text.encode())
        writer.close()


@asynccontextmanager
async def partner(*answers: str) -> AsyncIterator[Partner]:
    """A receiver on a port of its own."""
    told = Partner(list(answers))
    server = await asyncio.start_server(told.serve, "127.0.0.1", 0)
    told.port = int(server.sockets[0].getsockname()[1])
    async with server:
        yield told


def hook(port: int, folder: Path, *, name: str = "shop") -> Hook:
    """A sender to one receiver in our own network."""
    receiver = Receiver(name, f"http://127.0.0.1:{port}/in", SECRETS, inside=True)
    return Hook([receiver], waits_s=WAITS_S, folder=folder, clock=lambda: NOW_S)


def effect(kind: str = "hook", *, to: str = "shop", attempts: int = 1) -> Claimed:
    """A reply in a partner's chat."""
    payload = {"notice_id": NOTICE, "to": to, "subject": "Svar", "body": "Hei, Siv.",
               "written_form": "nb", "channel": "chat", "thread": "m1"}  # fmt: skip
    return Claimed("key", kind, "c1", payload, attempts, datetime(2026, 11, 16, 9, 12, tzinfo=UTC))


async def test_a_message_is_signed_with_every_secret(tmp_path: Path) -> None:
    """A partner could not tell our message from a stranger's, or not while a secret is changed."""
    async with partner() as told:
        outcome = await hook(told.port, tmp_path).perform(effect())
    ((headers, body),) = told.came
    content = f"{NOTICE}.{int(NOW_S)}.".encode() + body
    keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in SECRETS]
    macs = [hmac.new(key, content, hashlib.sha256).digest() for key in keys]
    expected = " ".join(f"v1,{base64.b64encode(mac).decode()}" for mac in macs)
    assert headers["webhook-signature"] == expected
    assert (headers["webhook-id"], outcome.state) == (NOTICE, "posted")
    data = json.loads(body)["data"]
    assert (data["thread"], data["body"], data["complaint_id"]) == ("m1", "Hei, Siv.", "c1")


async def test_a_repeated_message_has_the_same_id_and_body(tmp_path: Path) -> None:
    """The receiver could not tell a second attempt from a second message."""
    async with partner("silence") as told:
        sender = hook(told.port, tmp_path)
        first = await sender.perform(effect())
        asked = await sender.ask(effect(attempts=2))
    assert (first.state, asked.state) == ("unknown", "posted")
    assert [h["webhook-id"] for h, _ in told.came] == [NOTICE, NOTICE]
    assert told.came[0][1] == told.came[1][1]


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("503 Busy", "again"),
        ("429 Slow", "again"),
        ("500 Oops", "unknown"),
        ("400 No", "failed"),
        ("302 There", "failed"),
    ],
)
async def test_an_answer_says_whether_it_has_the_message(
    answer: str, state: str, tmp_path: Path
) -> None:
    """A message that may have arrived would go a second way, or a redirect would lead us inside."""
    async with partner(answer) as told:
        outcome = await hook(told.port, tmp_path).perform(effect())
    assert (state, 5.0, 1) == (outcome.state, outcome.again_in_s, len(told.came))


async def test_the_schedule_ends(tmp_path: Path) -> None:
    """A receiver that is away for good would be called for ever."""
    async with partner("503 Busy", "503 Busy") as told:
        sender = hook(told.port, tmp_path)
        second = await sender.perform(effect(attempts=2))
        last = await sender.perform(effect(attempts=3))
    assert (second.state, second.again_in_s, last.state) == ("again", 300.0, "failed")


async def test_gone_is_not_called_again(tmp_path: Path) -> None:
    """Whoever said that nobody is there would be called at every message, and after restarts."""
    async with partner("410 Gone") as told:
        first = await hook(told.port, tmp_path).perform(effect())
        second = await hook(told.port, tmp_path).perform(effect())
    assert ([first.code, second.code], 1) == (["hook_410", "hook_disabled"], len(told.came))


async def test_sms_goes_to_its_gateway_and_never_to_a_sources_hook(tmp_path: Path) -> None:
    """A number named as a source's hook would carry one person's message to another's partner."""
    async with partner() as told:
        gateway = hook(told.port, tmp_path, name="sms")
        sent = await gateway.perform(effect("sms", to="+4740000001"))
        shop = await hook(told.port, tmp_path).perform(effect("sms", to="shop"))
    assert (sent.state, shop.state, shop.code) == ("posted", "failed", "no_hook")


INSIDE = (
    "https://127.0.0.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/",
    "https://127.1/", "https://10.0.0.8/", "https://172.16.0.1/", "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data/", "https://100.64.0.1/", "https://0.0.0.0/",
    "https://[::1]/", "https://[::]/", "https://[fe80::1]/", "https://[fc00::1]/",
    "https://[::ffff:127.0.0.1]/", "https://[::ffff:a9fe:a9fe]/", "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/", "https://localhost/", "https://224.0.0.1/",
    "https://255.255.255.255/",
)  # fmt: skip
NO_HOOK = (
    "http://93.184.216.34/", "https://user:pass@93.184.216.34/", "https://93.184.216.34:22/",
    "file:///etc/passwd", "gopher://93.184.216.34/", "https:///nowhere", "//93.184.216.34/",
)  # fmt: skip


@pytest.mark.parametrize("url", [*INSIDE, *NO_HOOK])
async def test_a_hook_never_leads_inside(url: str) -> None:
    """A partner's address would make us read our own machines for him (SSRF)."""
    with pytest.raises(Invalid):
        await resolved(checked(url, inside=False), inside=False)


async def test_the_checked_address_is_the_one_connected_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that answers otherwise the second time would lead past the check."""
    asked: list[str] = []
    loop = asyncio.get_running_loop()
    real = loop.getaddrinfo

    async def rebinding(host: str, port: int, **more: int) -> object:
        asked.append(host)
        return await real("127.0.0.1" if host == "hooks.example.com" else host, port, **more)

    monkeypatch.setattr(loop, "getaddrinfo", rebinding)
    async with partner() as told:
        url = f"http://hooks.example.com:{told.port}/in"
        receiver = Receiver("shop", url, SECRETS, inside=True)
        outcome = await Hook([receiver], waits_s=WAITS_S, folder=tmp_path).perform(effect())
    assert (outcome.state, asked.count("hooks.example.com")) == ("posted", 1)
    assert told.came[0][0]["host"] == f"hooks.example.com:{told.port}"


def test_the_open_internet_is_allowed() -> None:
    """Nobody's hook would ever be called."""
    from ipaddress import ip_address  # noqa: PLC0415 -- the one test that needs it

    assert [is_public(ip_address(a)) for a in ("93.184.216.34", "2606:4700::1111")] == [True] * 2
