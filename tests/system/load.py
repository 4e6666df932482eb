"""Complaints from outside, by HTTP and Kafka, and the count of what became of them.

Whoever sends does what any channel should: try again until it is taken. Sending twice is safe.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Self

import httpx
import orjson

from services.cli.demo.feed import Feed, Reader
from services.cli.demo.ledgers import orders_known
from services.cli.demo.run import Counted, count, finished
from services.cli.demo.script import Told, script
from services.cli.demo.sending import Sender, mail_of, record_of
from shared.settings import Settings
from shared.stage.producer import KafkaSink

SENDERS = 8
QUIET_S = 2.0
LOOK_S = 0.5
AGAIN_S = 0.3
PATIENCE_S = 240.0


class Load:
    """A channel team: sends, reads along, and counts at the end. Use as a context."""

    def __init__(self, settings: Settings, api_key: str) -> None:
        """Nothing is sent yet."""
        self._settings = settings
        self._reader, self._sink = Reader(settings), KafkaSink(settings)
        self._http = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{settings.intake_port}",
            headers={"Authorization": f"Bearer {api_key}"},
            timeout=10,
        )
        self._began_s = time.monotonic()
        self.tried_again = 0

    @property
    def feed(self) -> Feed:
        """What was read so far."""
        return self._reader.feed

    async def __aenter__(self) -> Self:
        """Connect; only what comes from now on is counted."""
        await self._sink.start()
        await self._reader.start(at_end=True)
        self._reading = asyncio.create_task(self._reader.run())
        return self

    async def __aexit__(self, *_ended: object) -> None:
        """Leave."""
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        await self._reader.stop()
        await self._sink.stop()
        await self._http.aclose()

    async def confirm_orders(self, many: int, *, mark: str) -> None:
        """What the shop itself says of these complaints' orders: money moves on nothing else."""
        orders = script(many, datetime.now(UTC), mark=mark).orders
        known = await asyncio.to_thread(orders_known, self._settings)
        async with Sender(self._settings, intake_url="", api_key="", feed=self.feed) as shop:
            await shop.confirm_orders(orders)
        deadline_s = time.monotonic() + PATIENCE_S
        while await asyncio.to_thread(orders_known, self._settings) < known + len(orders):
            assert time.monotonic() < deadline_s, "recovery did not take the orders"
            await asyncio.sleep(LOOK_S)

    async def send(self, many: int, *, mark: str, pause_s: float = 0.0) -> int:
        """Send so many complaints of the demo's list; how many records that is."""
        told = list(script(many, datetime.now(UTC), mark=mark).told)
        waiting = iter(told)

        async def sender() -> None:
            for each in waiting:
                await self._until_taken(each)
                await asyncio.sleep(pause_s)

        await asyncio.gather(*(sender() for _ in range(SENDERS)))
        return len(told)

    async def _until_taken(self, told: Told) -> None:
        if told.via == "kafka":
            value = orjson.dumps(told.submitted)
            await self._sink.send([record_of(told.id, value)])
            return
        mail = told.via == "mail"
        body = mail_of(told) if mail else orjson.dumps(told.submitted)
        headers = {"Content-Type": "message/rfc822" if mail else "application/json"}
        while not await self._posted(body, headers):
            self.tried_again += 1
            await asyncio.sleep(AGAIN_S)

    async def _posted(self, body: bytes, headers: dict[str, str]) -> bool:
        try:
            answer = await self._http.post("/v1/complaints", content=body, headers=headers)
        except httpx.HTTPError:
            return False  # the door is away: nobody said yes
        assert answer.status_code in (202, 503), answer.text
        return answer.status_code == httpx.codes.ACCEPTED

    async def counted(self) -> Counted:
        """Wait until everything has come to an end of its own, then count."""
        deadline_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline_s and not self._reading.done():
            if self.feed.quiet_s > QUIET_S and await asyncio.to_thread(finished, self.feed):
                break
            await asyncio.sleep(LOOK_S)
        seconds = time.monotonic() - self._began_s
        return await asyncio.to_thread(
            lambda: count(self.feed, self._settings, refused=0, seconds=seconds)
        )


async def meanwhile(sending: Awaitable[int], doing: Callable[[], object]) -> int:
    """Do something while complaints come in; how many records were sent."""
    sent = asyncio.ensure_future(sending)
    await asyncio.to_thread(doing)
    return await sent


def check_balanced(counted: Counted, sent: int) -> None:
    """Nothing lost, nothing twice, every complaint at an end of its own."""
    undone = [(each.complaint_id, each.end, each.why) for each in counted.tally.undone][:5]
    assert (counted.lost, counted.double_effects, undone) == (0, 0, []), undone
    assert counted.books.why == ()
    # An idempotent producer and a door that says yes once: a resend may add one, never take away.
    assert counted.submitted >= sent
    assert counted.good
