"""Complaints from outside, by HTTP and Kafka, and the count of what became of them.

Whoever sends does what any channel should: try again until it is taken. Sending twice is safe.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

import httpx
import orjson
from aiokafka.errors import KafkaError
from sqlalchemy import select

from services.cli.demo.feed import Feed, Reader
from services.cli.demo.ledgers import orders_known
from services.cli.demo.run import Counted, count
from services.cli.demo.script import Script, Told, script
from services.cli.demo.sending import Sender, mail_of, record_of
from shared.contracts.envelope import Outgoing
from shared.ledger.engine import open_engine
from shared.ledger.tables import effects
from shared.settings import Settings
from shared.stage.producer import KafkaSink

SENDERS = 8
QUIET_S = 2.0
LOOK_S = 0.5
AGAIN_S = 0.3
PATIENCE_S = 240.0
# While something is done to the installation: some four complaints a second, for two minutes.
MANY_WHILE, PAUSE_S = 500, 2.0


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel team: how it reaches an installation, and its key."""

    settings: Settings
    api_key: str


class Load:
    """What a channel team sends; it reads along, and counts at the end. Use as a context."""

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
        self.sent = 0

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

    def script(self, many: int, mark: str) -> Script:
        """What is sent: the demo's list."""
        return script(many, datetime.now(UTC), mark=mark)

    async def confirm_orders(self, many: int, *, mark: str) -> None:
        """What the shop itself says of these complaints' orders: money moves on nothing else."""
        orders = self.script(many, mark).orders
        known = await asyncio.to_thread(orders_known, self._settings)
        async with Sender(self._settings, intake_url="", api_key="", feed=self.feed) as shop:
            await shop.confirm_orders(orders)
        deadline_s = time.monotonic() + PATIENCE_S
        while await asyncio.to_thread(orders_known, self._settings) < known + len(orders):
            assert time.monotonic() < deadline_s, "recovery did not take the orders"
            await asyncio.sleep(LOOK_S)

    async def send(self, many: int, *, mark: str, pause_s: float = 0.0) -> int:
        """Send so many complaints of the demo's list; how many records that is."""
        return await self._send(many, mark=mark, pause_s=pause_s, enough=lambda: False)

    async def send_while(
        self, doing: Callable[[], object], *, mark: str, many: int = MANY_WHILE
    ) -> int:
        """Do something, and let complaints come until it is done; how many records were sent."""
        await self.confirm_orders(many, mark=mark)
        done = asyncio.ensure_future(asyncio.to_thread(doing))
        sent = await self._send(many, mark=mark, pause_s=PAUSE_S, enough=done.done)
        await done
        return sent

    async def _send(
        self, many: int, *, mark: str, pause_s: float, enough: Callable[[], bool]
    ) -> int:
        before = self.sent
        waiting = iter(self.script(many, mark).told)

        async def sender() -> None:
            for each in waiting:
                await self._until_taken(each)
                self.sent += 1
                await asyncio.sleep(pause_s)
                if enough():
                    return

        await asyncio.gather(*(sender() for _ in range(SENDERS)))
        return self.sent - before

    async def quiet(self) -> None:
        """Wait until nothing more comes on any topic."""
        deadline_s = time.monotonic() + PATIENCE_S
        while self.feed.quiet_s < QUIET_S:
            assert time.monotonic() < deadline_s, "the topics never came to rest"
            await asyncio.sleep(LOOK_S)

    async def produce(self, records: Sequence[Outgoing]) -> None:
        """Write records straight to their topics, whatever they hold."""
        await self._sink.send(records)

    async def _until_taken(self, told: Told) -> None:
        if told.via == "kafka":
            while not await self._produced(told):
                self.tried_again += 1
                await asyncio.sleep(AGAIN_S)
            return
        mail = told.via == "mail"
        body = mail_of(told) if mail else orjson.dumps(told.submitted)
        headers = {"Content-Type": "message/rfc822" if mail else "application/json"}
        while not await self._posted(body, headers):
            self.tried_again += 1
            await asyncio.sleep(AGAIN_S)

    async def _produced(self, told: Told) -> bool:
        try:
            await self._sink.send([record_of(told.id, orjson.dumps(told.submitted))])
        except KafkaError:
            return False  # the broker is away: nobody said yes
        return True

    async def _posted(self, body: bytes, headers: dict[str, str]) -> bool:
        try:
            answer = await self._http.post("/v1/complaints", content=body, headers=headers)
        except httpx.HTTPError:
            return False  # the door is away: nobody said yes
        return self.answered(answer)

    def answered(self, answer: httpx.Response) -> bool:
        """Whether the door said yes."""
        assert answer.status_code in (202, 503), answer.text
        return answer.status_code == httpx.codes.ACCEPTED

    async def counted(self) -> Counted:
        """Wait until everything has come to an end of its own, then count.

        A message whose fate nobody knows (`unknown_fates`) is not waited for.
        """
        deadline_s = time.monotonic() + PATIENCE_S
        while True:
            await asyncio.sleep(LOOK_S)
            if self.feed.quiet_s > QUIET_S or time.monotonic() > deadline_s:
                counted = await asyncio.to_thread(self._count)
                undone = {each.complaint_id for each in counted.tally.undone}
                undone -= await asyncio.to_thread(unknown_fates, self._settings)
                if (not undone and not counted.lost) or time.monotonic() > deadline_s:
                    return counted

    def _count(self) -> Counted:
        seconds = time.monotonic() - self._began_s
        return count(self.feed, self._settings, refused=0, seconds=seconds)


def unknown_fates(settings: Settings) -> frozenset[str]:
    """The complaints whose message was on its way when its worker was killed: a person sees to it.

    A mail relay cannot be asked, and nobody is written to twice.
    """
    engine = open_engine(settings, "notify")
    try:
        with engine.execution_options(read_only=True).connect() as connection:
            found = select(effects.c.complaint_id).where(effects.c.state.in_(("unknown", "manual")))
            return frozenset(connection.execute(found).scalars())
    finally:
        engine.dispose()


def check_balanced(counted: Counted, sent: int, *, unknown: frozenset[str] = frozenset()) -> None:
    """Nothing lost, nothing twice, every complaint at an end of its own but the `unknown`."""
    undone = [
        (each.complaint_id, each.end, each.why)
        for each in counted.tally.undone
        if each.complaint_id not in unknown
    ]
    assert (counted.lost, counted.double_effects, undone[:5]) == (0, 0, [])
    assert counted.books.why == ()
    # An idempotent producer and a door that says yes once: a resend may add one, never take away.
    assert counted.submitted >= sent
    assert counted.good or unknown
