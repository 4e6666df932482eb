"""Who comes in by HTTP: pace, Idempotency-Key, signatures, status, keys that end, OpenAPI."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from standardwebhooks import Webhook

from services.intake.doors.admit import Admission
from services.intake.doors.documented import FILE, document, render
from services.intake.doors.entrance import Entrance
from services.intake.doors.http import make_app
from services.intake.doors.keys import Keys, end_key, kept_keys, mint_key
from services.intake.doors.links import Links
from services.intake.doors.pace import Paces
from services.intake.doors.pages import load_pages
from services.intake.doors.signatures import Signatures, new_secret
from services.intake.doors.taking import Taking
from services.intake.ledger import DoorLedger
from services.intake.policy import Pace, load
from shared.contracts.export import EXAMPLES
from shared.contracts.submitted import ComplaintSubmitted
from shared.ledger.engine import insert_if_absent, open_engine
from shared.ledger.tables import reserves
from shared.settings import Settings
from tests.core.hostile import said
from tests.core.test_intake_http import AT, JSON, SECRET, FakeOut, problems

POLICY = load()[0]
PATH = "/v1/complaints"
KEPT_S = 3600.0


@dataclass
class House:
    """A door with everything, where it keeps things, and clocks that the test turns."""

    folder: Path
    out: FakeOut = field(default_factory=FakeOut)
    now: datetime = AT
    tick_s: float = 0.0

    def __post_init__(self) -> None:
        """Make a key of the shop and one of another."""
        self.settings = Settings(state_dir=self.folder, database_url="")
        self.key = mint_key(self.folder, "shop")
        self.other = mint_key(self.folder, "other")
        self.ledger = DoorLedger(lambda: open_engine(self.settings, "intake"), KEPT_S)

    @asynccontextmanager
    async def opened(self, pace: Pace | None = None) -> AsyncIterator[httpx.AsyncClient]:
        """A client with the shop's key."""
        entrance = Entrance(
            Keys(self.folder, lambda: self.now).caller,
            Signatures(self.folder),
            Paces(pace, lambda: self.tick_s) if pace else None,
            self.ledger,
        )
        app = make_app(Taking(Admission(POLICY, SECRET), self.out, now=lambda: AT), entrance)
        headers = {"Authorization": f"Bearer {self.key}", **JSON}
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://door.example.com", headers=headers
        ) as client:
            yield client


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A door of the test's own."""
    return House(tmp_path)


async def test_too_many_are_asked_to_wait(house: House) -> None:
    """One source's loop would keep all the others out."""
    async with house.opened(Pace(complaints_per_s=2, burst=3)) as door:
        answers = [await door.post(PATH, content=said()) for _ in range(4)]
        assert [a.status_code for a in answers] == [202, 202, 202, 429]
        assert problems(answers[3]) == [("too_many", "")]
        assert answers[3].headers["retry-after"] == "1"
        other = {"Authorization": f"Bearer {house.other}"}
        assert (await door.post(PATH, content=said(), headers=other)).status_code == 202
        house.tick_s = 1.0
        lines = {"Content-Type": "application/x-ndjson"}
        batch = await door.post(f"{PATH}:batch", content=said() + b"\n" + said(), headers=lines)
        assert batch.status_code == 200
        assert (await door.post(PATH, content=said())).status_code == 429


async def test_a_request_key_binds_one_body(house: House) -> None:
    """A channel that reuses its keys would think that other words were taken."""
    key = {"Idempotency-Key": "order-17/retry"}
    async with house.opened() as door:
        first, again = [await door.post(PATH, content=said(), headers=key) for _ in range(2)]
        assert (first.status_code, again.json()) == (202, first.json())
        other = await door.post(PATH, content=said(text="Noe annet."), headers=key)
        assert other.status_code == 409
        assert problems(other) == [("request_key_reused", "idempotency-key")]
        theirs = {**key, "Authorization": f"Bearer {house.other}"}
        assert (await door.post(PATH, content=said(), headers=theirs)).status_code == 202
        assert len(house.out.sent) == 3


async def test_a_refused_body_binds_no_key(house: House) -> None:
    """Whoever mends a fault and sends again under the same key would be told 409."""
    key = {"Idempotency-Key": "k"}
    async with house.opened() as door:
        assert (await door.post(PATH, content=b"{}", headers=key)).status_code == 422
        assert (await door.post(PATH, content=said(), headers=key)).status_code == 202


async def test_a_request_key_used_by_two_at_once_binds_one(house: House) -> None:
    """Two requests that race under one key would both be taken with different words."""
    key = {"Idempotency-Key": "race"}
    async with house.opened() as door:
        sent = [door.post(PATH, content=said(text=f"Nr. {n}."), headers=key) for n in range(5)]
        statuses = sorted(answer.status_code for answer in await asyncio.gather(*sent))
    assert statuses == [202, 409, 409, 409, 409]


@pytest.mark.parametrize("given", ["", " ", "a" * 256, "æ", "a\tb"])
async def test_no_key_is_no_request_key(house: House, given: str) -> None:
    """An empty key would bind all requests to the first one's body."""
    async with house.opened() as door:
        headers = [(b"Idempotency-Key", given.encode())]
        answer = await door.post(PATH, content=said(), headers=headers)
        assert answer.status_code == 400
        assert problems(answer) == [("request_key", "idempotency-key")]


async def test_what_became_of_a_complaint_is_told_to_its_source_alone(house: House) -> None:
    """A source could look into another's complaints, or never learn that one was registered."""
    async with house.opened() as door:
        url = (await door.post(PATH, content=said())).headers["location"]
        assert (await door.get(url)).json()["state"] == "accepted"
        complaint_id = url.split("/")[3].split("?")[0]
        engine = open_engine(house.settings, "intake")
        with engine.begin() as connection:
            row = {"name": f"complaint:{complaint_id}", "used": 1}
            connection.execute(insert_if_absent(reserves, engine).values(row))
        assert (await door.get(url)).json() == {
            "complaint_id": complaint_id,
            "state": "registered",
        }
        foreign = {"Authorization": f"Bearer {house.other}"}
        for answer in (
            await door.get(url, headers=foreign),
            await door.get(url.split("?")[0]),
            await door.get(url + "0"),
            await door.get(f"{PATH}/../../etc?seal=x"),
        ):
            assert answer.status_code == 404


async def test_a_key_ends_when_it_says(house: House) -> None:
    """A key given for a month would open the door for ever."""
    async with house.opened() as door:
        (key_id,) = (i for i, kept in kept_keys(house.folder).items() if kept.source == "shop")
        end_key(house.folder, key_id, at=AT + timedelta(hours=1))
        assert (await door.post(PATH, content=said())).status_code == 202
        house.now = AT + timedelta(hours=1)
        answer = await door.post(PATH, content=said())
        assert problems(answer) == [("key_unknown", "authorization")]


def signed(secret: str, body: bytes, *, name: str = "m-1", age_s: float = 0) -> dict[str, str]:
    """The headers of a signed request."""
    at = datetime.now(UTC) - timedelta(seconds=age_s)
    signature = Webhook(secret).sign(name, at, body.decode())
    stamp = str(int(at.timestamp()))
    return {"webhook-id": name, "webhook-timestamp": stamp, "webhook-signature": signature}


SIGNED = "/v1/sources/partner/complaints"


async def test_a_partner_may_sign_instead_of_carrying_a_key(house: House) -> None:
    """A partner that sends webhooks could not complain; a new secret would cut it off at once."""
    old = new_secret(house.folder, "partner")
    new = new_secret(house.folder, "partner")
    async with house.opened() as door:
        for number, secret in enumerate((old, new)):
            headers = signed(secret, said(), name=str(number))
            answer = await door.post(SIGNED, content=said(), headers=headers)
            assert answer.status_code == 202
        new_secret(house.folder, "partner")
        answer = await door.post(SIGNED, content=said(), headers=signed(old, said()))
        assert answer.status_code == 401


async def test_a_signature_that_does_not_hold_opens_nothing(house: House) -> None:
    """Anybody could complain in the partner's name, or send its old requests again."""
    secret, foreign = new_secret(house.folder, "partner"), new_secret(house.folder, "another")
    good = signed(secret, said(), name="good")
    body = said()
    bent = {
        "one bit": (body.replace(b"aldri", b"aldrj"), good),
        "old": (body, signed(secret, body, age_s=360)),
        "from the future": (body, signed(secret, body, age_s=-360)),
        "another's": (body, signed(foreign, body)),
        "reordered": (json.dumps(dict(reversed(json.loads(body).items()))).encode(), good),
        "no id": (body, {**good, "webhook-id": ""}),
        "no base64": (body, {**good, "webhook-signature": "v1,%%%"}),
        "no comma": (body, {**good, "webhook-signature": "v1"}),
        "other time": (body, {**good, "webhook-timestamp": "nan"}),
        "not UTF-8": (b"\xff", good),
        "none": (body, {}),
    }
    async with house.opened() as door:
        for name, (content, headers) in bent.items():
            answer = await door.post(SIGNED, content=content, headers=headers)
            assert (name, answer.status_code) == (name, 401)
        unknown = await door.post("/v1/sources/nobody/complaints", content=body, headers=good)
        assert unknown.status_code == 401
        assert house.out.sent == []
        taken = await door.post(SIGNED, content=body, headers=good)
        again = await door.post(SIGNED, content=body, headers=good)
        assert (taken.status_code, problems(again)) == (202, [("replayed", "webhook-signature")])
        retry = signed(secret, body, name="good", age_s=10)
        assert (await door.post(SIGNED, content=body, headers=retry)).status_code == 202


def test_no_secret_lies_open_to_others(tmp_path: Path) -> None:
    """Another login on the machine could sign in the partner's name."""
    new_secret(tmp_path, "partner")
    assert (tmp_path / "signing.json").stat().st_mode & 0o077 == 0


UNPUBLISHED = {"/health", "/ready", "/openapi.json"}


async def test_no_other_site_may_ask_in_a_visitors_name(house: House) -> None:
    """A page anywhere could send complaints from a visitor's browser, or read of them."""
    headers = {"Origin": "https://elsewhere.example.com", "Access-Control-Request-Method": "POST"}
    async with house.opened() as door:
        asked = await door.options(PATH, headers=headers)
        shown = await door.get("/health", headers=headers)
    told = {name.lower() for answer in (asked, shown) for name in answer.headers}
    assert asked.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert not any(name.startswith("access-control-") for name in told)


async def test_a_proxys_headers_name_nobody(house: House) -> None:
    """Whoever names another host or address would be told links there, or be somebody else."""
    forwarded = {
        "X-Forwarded-For": "10.0.0.1",
        "X-Forwarded-Host": "elsewhere.example.com",
        "X-Forwarded-Proto": "http",
        "Forwarded": "for=10.0.0.1;host=elsewhere.example.com",
    }
    async with house.opened() as door:
        plain = await door.post(PATH, content=said())
        by_proxy = await door.post(PATH, content=said(), headers=forwarded)
    assert (plain.status_code, by_proxy.status_code) == (202, 202)
    assert by_proxy.headers["Location"] == plain.headers["Location"]
    assert by_proxy.headers["Location"].startswith("/v1/complaints/")


def test_the_published_interface_is_the_doors_own(house: House) -> None:
    """A channel team would read of a door that is not there, or of examples that are refused."""
    assert FILE.read_text(encoding="utf-8") == render()
    links = Links(b"a secret of the tests, 32 bytes or more", load_pages())
    taking = Taking(Admission(POLICY, SECRET), house.out)
    app = make_app(taking, Keys(house.folder).caller, links=links)
    inner = getattr(app, "_app", None)
    assert isinstance(inner, FastAPI)
    routes = {route.path for route in inner.routes if isinstance(route, APIRoute)}
    paths = document()["paths"]
    assert isinstance(paths, dict)
    assert set(paths) == routes - UNPUBLISHED
    for form in ("nb", "nn", "en", "minimal"):
        example = (EXAMPLES / ComplaintSubmitted.TYPE / f"good-{form}.json").read_bytes()
        assert ComplaintSubmitted.model_validate_json(example).text
