"""Sends the demo's complaints over the real ways in: HTTP, mail and Kafka."""

import asyncio
import time
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Self

import httpx
import orjson
from pydantic import JsonValue

from services.cli.demo.feed import Feed
from services.cli.demo.script import PREFIX, Broken, Node, Script, Told
from shared.contracts.codec import SPEC_VERSION, encode
from shared.contracts.envelope import Event, Outgoing
from shared.contracts.identity import derived
from shared.contracts.orders import OrderFact
from shared.contracts.registered import ComplaintRegistered
from shared.contracts.submitted import ComplaintSubmitted, Order
from shared.contracts.topics import ORDERS_FACTS, SUBMITTED
from shared.contracts.triaged import ComplaintTriaged
from shared.errors import Refused
from shared.settings import Settings
from shared.stage.producer import KafkaSink

SOURCE = "demo"
MAIL_DOMAIN = "demo.example.com"
EARLIER_S_MAX = 60.0
LOOK_S = 0.05
_TAKEN = 202


class Sender:
    """Sends in order; of one person, a message only when the one before was read."""

    def __init__(self, settings: Settings, *, intake_url: str, api_key: str, feed: Feed) -> None:
        """Use as a context."""
        self._sink, self._feed = KafkaSink(settings), feed
        headers = {"Authorization": f"Bearer {api_key}"}
        self._http = httpx.AsyncClient(base_url=intake_url, headers=headers, timeout=30)
        self._before: dict[str, str] = {}
        self._patience_s = EARLIER_S_MAX
        self.refused = 0

    async def __aenter__(self) -> Self:
        """Connect."""
        await self._sink.start()
        return self

    async def __aexit__(self, *_ended: object) -> None:
        """Leave."""
        await self._sink.stop()
        await self._http.aclose()

    async def confirm_orders(self, orders: tuple[Node, ...]) -> None:
        """The shop's own facts, on `orders.facts`."""
        now = datetime.now(UTC)
        facts = [Order.model_validate_json(orjson.dumps(order)) for order in orders]
        await self._sink.send([encode(_fact(order, now)) for order in facts])

    async def send_all(self, script: Script) -> None:
        """Everything; what is broken in the middle, where it would disturb most."""
        middle = len(script.told) // 2
        for place, told in enumerate(script.told):
            if place == middle:
                for broken in script.broken:
                    await self._break(broken)
            await self._send(told)

    async def _send(self, told: Told) -> None:
        person = _person(told.submitted)
        if not told.again:
            await self._after(self._before.get(person))
        self._before[person] = message_id(told)
        if told.via == "kafka":
            await self._sink.send([record_of(told.id, orjson.dumps(told.submitted))])
        elif told.via == "mail":
            await self._post(told.id, mail_of(told), media_type="message/rfc822")
        else:
            await self._post(told.id, orjson.dumps(told.submitted), media_type="application/json")

    async def _break(self, broken: Broken) -> None:
        if broken.via == "kafka":
            await self._sink.send([record_of(broken.id, broken.raw)])
            return
        headers = {"Content-Type": "application/json"}
        answer = await self._http.post("/v1/complaints", content=broken.raw, headers=headers)
        self.refused += answer.is_client_error

    async def _post(self, name: str, body: bytes, *, media_type: str) -> None:
        headers = {"Content-Type": media_type}
        try:
            answer = await self._http.post("/v1/complaints", content=body, headers=headers)
        except httpx.HTTPError as error:
            why = f"The door did not answer ({type(error).__name__})."
            raise Refused("not_sent", f"{name} was not sent.", why) from None
        if answer.status_code != _TAKEN:
            why = f"The door answered {answer.status_code}: {answer.text[:300]}"
            raise Refused("not_taken", f"{name} was not taken.", why)

    async def _after(self, channel_message_id: str | None) -> None:
        """Wait until an earlier message of the same person was read."""
        deadline_s = time.monotonic() + self._patience_s
        while channel_message_id is not None and self._patience_s:
            ids = complaint_ids(self._feed)
            data = (event.data for event in self._feed.events)
            read = {d.complaint_id for d in data if isinstance(d, ComplaintTriaged)}
            if ids.get(channel_message_id) in read:
                return
            if time.monotonic() > deadline_s:
                self._patience_s = 0.0  # something hangs: send on, the count will tell
            await asyncio.sleep(LOOK_S)


def complaint_ids(feed: Feed) -> dict[str, str]:
    """Our ids by the channels' own."""
    found = (event.data for event in feed.events)
    return {
        data.channel_message_id: data.complaint_id
        for data in found
        if isinstance(data, ComplaintRegistered)
    }


def names_of(feed: Feed) -> dict[str, str]:
    """The demo's ids ("d07", whatever the round) by ours."""
    return {id_: _name(message) for message, id_ in complaint_ids(feed).items()}


def _name(channel_message_id: str) -> str:
    return channel_message_id.strip("<>").partition("@")[0].removeprefix(PREFIX).partition("-")[0]


def message_id(told: Told) -> str:
    """The channel's own id of a complaint, as intake will read it."""
    if told.via == "mail":
        return f"<{told.submitted['channel_message_id']}@{MAIL_DOMAIN}>"
    return str(told.submitted["channel_message_id"])


def mail_of(told: Told) -> bytes:
    """A mail as its writer's program would send it."""
    who = told.submitted["complainant"]
    assert isinstance(who, dict)  # noqa: S101 -- the demo's file, checked by its tests
    mail = EmailMessage()
    mail["From"] = f"{who['name']} <{who['email']}>"
    mail["To"] = f"kundeservice@{MAIL_DOMAIN}"
    mail["Subject"] = str(told.submitted.get("subject", ""))
    mail["Message-ID"] = message_id(told)
    mail.set_content(str(told.submitted["text"]))
    return mail.as_bytes()


def record_of(name: str, value: bytes) -> Outgoing:
    """As a channel team's own producer writes it: CloudEvents in binary mode, no proof."""
    said = {
        "ce_specversion": SPEC_VERSION,
        "ce_id": name,
        "ce_source": SOURCE,
        "ce_type": ComplaintSubmitted.TYPE,
        "ce_time": datetime.now(UTC).isoformat(),
        "content-type": "application/json",
    }
    headers = tuple((n, v.encode()) for n, v in said.items())
    return Outgoing(SUBMITTED.name, name.encode(), value, headers)


def _fact(order: Order, now: datetime) -> Event[OrderFact]:
    assert order.id is not None  # noqa: S101 -- the demo's file, checked by its tests
    return Event(
        id=derived(SOURCE, order.id, now.isoformat()),
        source=SOURCE,
        key=order.id,
        time=now,
        data=OrderFact(order_id=order.id, order=order, at=now),
        topic=ORDERS_FACTS.name,
    )


def _person(submitted: Node) -> str:
    who: JsonValue = submitted["complainant"]
    known = who if isinstance(who, dict) else {}
    return str(known.get("email") or known.get("id") or known.get("phone"))
