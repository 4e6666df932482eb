"""End to end: complaints go in by Kafka, and it is over when what had to be said has left.

Counted from the records' own times: from a complaint's record to the last message about it that is
said to have left (`notification.sent`). What waits on purpose is left out, and how many those
complaints are is told: a message that a timer brought about (a pause, a night, a promise). Who
names an order that nobody knows waits for a few looks: done, but not of the latencies.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import quantiles
from typing import NamedTuple, TypeAlias

import orjson
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from benchmarks.figures import Whole
from benchmarks.installed import Place
from services.cli.demo.feed import Feed
from services.cli.demo.ledgers import orders_known
from services.cli.demo.script import Script, script
from services.cli.demo.sending import Sender, record_of
from shared.contracts.codec import decode
from shared.contracts.inbox import EffectOutcome, TimerDue
from shared.contracts.notifications import NotificationRequested, NotificationSent
from shared.contracts.registered import ComplaintRegistered
from shared.contracts.topics import NOTIFICATIONS, NOTIFY_INBOX, RECOVERY_INBOX, REGISTERED
from shared.settings import Settings
from shared.stage.fetched import record_of as fetched
from shared.stage.producer import KafkaSink

TAILED = (REGISTERED.name, NOTIFICATIONS.name, NOTIFY_INBOX.name, RECOVERY_INBOX.name)
TICK_S = 0.02
QUIET_S = 4.0
LATE_S_MAX = 45.0  # a load that is not through so long after it ended is measured as it is then
BURST_S_EACH = 0.02
LOOK_MS = 250
MIDDLE = 0.05  # of a burst, without its first and last twentieth
ORDER_UNKNOWN = "order_unknown"
Raw: TypeAlias = "ConsumerRecord[bytes | None, bytes | None]"


class Done(NamedTuple):
    """A complaint's way: written, its last message gone; `looked`: its order is known to nobody."""

    began_ms: int
    ended_ms: int
    looked: bool


@dataclass(slots=True)
class Tail:
    """What came on the topics, unread until the load is over: reading costs the same two cores."""

    settings: Settings
    records: list[Raw] = field(default_factory=list)
    moved_s: float = field(default_factory=time.monotonic)

    async def follow(self, ready: asyncio.Event) -> None:
        """For ever."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.settings.bootstrap)
        await consumer.start()
        try:
            count = self.settings.partitions
            consumer.assign([TopicPartition(name, p) for name in TAILED for p in range(count)])
            await consumer.seek_to_end()
            ready.set()
            while True:
                for found in (await consumer.getmany(timeout_ms=LOOK_MS)).values():
                    self.records += found
                    self.moved_s = time.monotonic()
        finally:
            await consumer.stop()


async def loaded(place: Place, many: int, *, per_s: float | None, mark: str) -> Whole:
    """Send so many complaints, at this rate or (None) as fast as they can be written."""
    told = script(many, datetime.now(UTC), mark=mark)
    await _orders(place.settings, told)
    tail, ready = Tail(place.settings), asyncio.Event()
    following = asyncio.create_task(tail.follow(ready))
    await ready.wait()
    before, began_s = place.cpu_s(), time.monotonic()
    sent_ms = await _sent(place.settings, told, per_s=per_s)
    sending_s = time.monotonic() - began_s
    await _through(tail, LATE_S_MAX + (0 if per_s else many * BURST_S_EACH))
    after = place.cpu_s()
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    done = _done(tail.records, sent_ms)
    latencies_ms = sorted(one.ended_ms - one.began_ms for one in done if not one.looked) or [0]
    cut = quantiles(latencies_ms, n=100) if len(latencies_ms) > 1 else latencies_ms * 99
    return Whole(
        offered_per_s=per_s,
        sent_per_s=round(len(sent_ms) / sending_s, 1),
        complaints=len(sent_ms),
        done=len(done),
        looked=sum(one.looked for one in done),
        done_per_s=round(_pace(sorted(one.ended_ms for one in done)), 1),
        p50_ms=round(cut[49]),
        p95_ms=round(cut[94]),
        p99_ms=round(cut[98]),
        cpu_us={n: round((after[n] - before[n]) * 1e6 / len(sent_ms), 1) for n in after},
        rss_mb=place.rss_mb(),
    )


async def _orders(settings: Settings, told: Script) -> None:
    """The shop's own facts first, and recovery has them: money moves on nothing else."""
    known = await asyncio.to_thread(orders_known, settings)
    async with Sender(settings, intake_url="", api_key="", feed=Feed()) as shop:
        await shop.confirm_orders(told.orders)
    deadline_s = time.monotonic() + LATE_S_MAX
    while await asyncio.to_thread(orders_known, settings) < known + len(told.orders):
        if time.monotonic() > deadline_s:
            print("  recovery did not take all orders; going on", flush=True)
            return
        await asyncio.sleep(LOOK_MS / 1000)


async def _sent(settings: Settings, told: Script, *, per_s: float | None) -> dict[str, int]:
    """When each was written, in ms, by the channel's own id."""
    once = {str(each.submitted["channel_message_id"]): each for each in told.told}
    waiting = [
        (name, record_of(each.id, orjson.dumps(each.submitted))) for name, each in once.items()
    ]
    sink, sent_ms = KafkaSink(settings), dict[str, int]()
    await sink.start()
    began_s = time.monotonic()
    sending = []
    while waiting:
        due = 1_000 if per_s is None else int((time.monotonic() - began_s) * per_s) - len(sent_ms)
        part, waiting = waiting[: max(0, due)], waiting[max(0, due) :]
        sent_ms.update({name: time.time_ns() // 1_000_000 for name, _ in part})
        sending.append(asyncio.create_task(sink.send([record for _, record in part])))
        await asyncio.sleep(0 if per_s is None else TICK_S)
    await asyncio.gather(*sending)
    await sink.stop()
    return sent_ms


async def _through(tail: Tail, seconds: float) -> None:
    """Wait until nothing more comes."""
    deadline_s = time.monotonic() + seconds
    while min(deadline_s, tail.moved_s + QUIET_S) > time.monotonic():  # noqa: ASYNC110 -- a clock
        await asyncio.sleep(LOOK_MS / 1000)


def _done(records: Sequence[Raw], sent_ms: dict[str, int]) -> list[Done]:
    """Those all of whose messages left."""
    began, timers, looked = dict[str, int](), set[str](), set[str]()
    asked: list[NotificationRequested] = []
    causes, left = dict[str, str | None](), dict[str, int]()
    for raw in records:
        event = decode(fetched(raw))
        match event.data:
            case ComplaintRegistered() as data if data.channel_message_id in sent_ms:
                began[data.complaint_id] = sent_ms[data.channel_message_id]
            case TimerDue():
                timers.add(event.id)
            case EffectOutcome(code=str(code)) as data if code == ORDER_UNKNOWN:
                looked.add(data.complaint_id)
            case NotificationRequested() as data:
                asked.append(data)
                causes[data.notice_id] = event.causation_id
            case NotificationSent() as data:
                left[data.notice_id] = raw.timestamp
    at_once = [one for one in asked if causes[one.notice_id] not in timers]
    return [
        Done(began[complaint], ended_ms, complaint in looked)
        for complaint, ended_ms in _ends(at_once, left).items()
        if complaint in began
    ]


def _ends(asked: Sequence[NotificationRequested], left: dict[str, int]) -> dict[str, int]:
    """When the last message about a complaint left; who waits for one still is not there."""
    ends: dict[str, int] = {}
    open_ = {one.complaint_id for one in asked if one.notice_id not in left}
    for one in asked:
        if one.complaint_id not in open_:
            ends[one.complaint_id] = max(ends.get(one.complaint_id, 0), left[one.notice_id])
    return ends


def _pace(ends_ms: list[int]) -> float:
    """Complaints a second over the middle of the run."""
    edge = int(len(ends_ms) * MIDDLE)
    middle = ends_ms[edge : len(ends_ms) - edge]
    if len(middle) < 2:
        return 0.0
    return (len(middle) - 1) * 1000 / max(1, middle[-1] - middle[0])
