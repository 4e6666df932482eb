"""What Faust's own timing would hand us of the wrong place: each moment made by hand."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import IllegalStateError
from faust.types import TP, AppT

from shared.stage.reread import Reread
from shared.stage.transport import (
    NO_CLAIM,
    BatchConsumer,
    BatchThread,
    BatchTransport,
    Fetched,
    Sought,
)

HERE = TP("complaints.registered", 1)
LAST_DONE = 8641
FOUND = {HERE: ["a record"]}


@dataclass
class App:
    """What the transport asks of Faust's app."""

    consumer_generation_id: int = 3


@dataclass
class Kafka:
    """Stands for aiokafka's consumer: where it reads on, and what a fetch meets while it waits."""

    meanwhile: Callable[[], None] = lambda: None
    positions: dict[TP, int] = field(default_factory=dict)
    _closed: bool = False

    def seek(self, tp: TP, position: int) -> None:
        """Read on here."""
        self.positions[tp] = position

    @property
    def _fetcher(self) -> SimpleNamespace:
        async def fetched(asked: set[TP], *_args: object, **_more: object) -> dict[TP, list[str]]:
            self.meanwhile()
            return {tp: found for tp, found in FOUND.items() if tp in asked or not asked}

        context = SimpleNamespace(fetch_context=nullcontext)
        return SimpleNamespace(_closed=False, _subscriptions=context, fetched_records=fetched)


class Thread(BatchThread):
    """The thread, run in the test's own."""

    def __init__(self, app: App, kafka: Kafka) -> None:
        """No thread is started."""
        self.app, self.kafka = cast("AppT", app), kafka
        reading = SimpleNamespace(flow_active=True, reread=Reread({}))
        self.consumer = cast("BatchConsumer", reading)

    def _ensure_consumer(self) -> Kafka:
        return self.kafka

    def joins_by(self, routine: "asyncio.Task[object]") -> None:
        """Its consumer has started; this keeps it in its group."""
        coordinator = SimpleNamespace(_coordination_task=routine)
        self._consumer = cast("AIOKafkaConsumer", SimpleNamespace(_coordinator=coordinator))

    async def call_thread(
        self, fun: Callable[..., Awaitable[object]], *args: object, **kwargs: object
    ) -> object:
        """At once."""
        return await fun(*args, **kwargs)

    async def fetch(self) -> Fetched:
        """As the fetcher asks."""
        return await self._fetch_records(self.kafka, {HERE}, timeout=1.0)


class Consumer(BatchConsumer):
    """The consumer, with a log that holds a little; `moved` is the generation it comes to."""

    def __init__(self, app: App, thread: Thread, *, moved: int | None = None) -> None:
        """Nothing runs."""
        self.app, self._thread, self.moved = cast("AppT", app), thread, moved
        self.claimed: list[int] = []
        self.transport = cast("BatchTransport", SimpleNamespace(claim=self._claim))
        self._read_offset, self._committed_offset = {}, {}
        self.taken_away = False

    async def position(self, tp: TP) -> int:
        """As aiokafka answers."""
        if self.taken_away:
            raise IllegalStateError(tp)
        return LAST_DONE

    async def _claim(self, _logs: object, claim: int) -> Mapping[tuple[str, int], int]:
        self.claimed.append(claim)
        return {(HERE.topic, HERE.partition): LAST_DONE}

    def assignment(self) -> set[TP]:
        """One partition is ours."""
        return {HERE}

    async def seek_to_committed(self) -> dict[TP, int]:
        """Kafka was told of less than was done; a rebalance may end meanwhile."""
        if self.moved is not None:
            self.app.consumer_generation_id = self.moved
        return {HERE: 8592}

    async def earliest_offsets(self, *partitions: TP) -> dict[TP, int]:
        """From the beginning."""
        return dict.fromkeys(partitions, 0)

    async def highwaters(self, *partitions: TP) -> dict[TP, int]:
        """And on."""
        return dict.fromkeys(partitions, 9000)


@pytest.fixture
def app() -> App:
    """In the group's third generation."""
    return App()


async def test_nothing_counts_before_the_seek(app: App) -> None:
    """Records from the group's own offsets, done long ago, would look like a log that jumped."""
    thread = Thread(app, Kafka())
    assert await thread.fetch() == {}
    consumer = Consumer(app, thread)
    await consumer.perform_seek()
    assert thread.kafka.positions == {HERE: LAST_DONE}
    found = await thread.fetch()
    assert (found, found.sought) == (FOUND, Sought(NO_CLAIM + 1, generation=3))


async def test_a_fetch_that_outlives_its_generation_counts_nothing(app: App) -> None:
    """Records of the old place would come as the new claim's, and those between be lost."""
    thread = Thread(app, Kafka())
    await Consumer(app, thread).perform_seek()

    def rebalanced() -> None:
        app.consumer_generation_id = 4

    thread.kafka.meanwhile = rebalanced
    assert await thread.fetch() == {}


async def test_a_fetch_that_ends_while_the_flow_is_stopped_counts_nothing(app: App) -> None:
    """It began before the rebalance; the claim that follows reads those records again."""
    thread = Thread(app, Kafka())
    await Consumer(app, thread).perform_seek()

    def revoked() -> None:
        thread.consumer.flow_active = False

    thread.kafka.meanwhile = revoked
    assert await thread.fetch() == {}


async def test_an_assignment_that_is_over_is_not_claimed(app: App) -> None:
    """Two claims in one generation: what the first had in hand would overtake the second."""
    thread = Thread(app, Kafka())
    consumer = Consumer(app, thread, moved=4)
    await consumer.perform_seek()
    assert (consumer.claimed, thread.kafka.positions) == ([], {})
    await consumer.perform_seek()
    assert (consumer.claimed, thread.sought) == ([1], Sought(1, generation=4))


async def test_a_claim_that_was_given_up_is_seen(app: App) -> None:
    """Faust gives up a seek that takes long: the worker would read on, for nobody, for ever."""
    thread = Thread(app, Kafka())
    consumer = Consumer(app, thread)
    assert not consumer.reads_for_a_claim()
    await consumer.perform_seek()
    assert consumer.reads_for_a_claim()
    app.consumer_generation_id = 4
    assert not consumer.reads_for_a_claim()
    await consumer.perform_seek()
    consumer.claims += 1  # the next one began, and never came to its seek
    assert not consumer.reads_for_a_claim()


async def test_a_routine_of_the_group_that_ended_is_seen(app: App) -> None:
    """It ends when a starting broker knows no broker: the worker would idle for ever."""
    thread = Thread(app, Kafka())
    consumer = Consumer(app, thread)
    assert consumer.is_in_its_group()  # it has not started yet
    routine: asyncio.Task[object] = asyncio.create_task(asyncio.Event().wait())
    thread.joins_by(routine)
    assert consumer.is_in_its_group()
    routine.cancel()
    await asyncio.wait([routine])
    assert not consumer.is_in_its_group()
    # What it is called there is nobody's promise.
    assert "self._coordination_task = " in inspect.getsource(GroupCoordinator)


async def test_each_claim_has_a_number_of_its_own(app: App) -> None:
    """Kafka gives a static member that joins again the same generation."""
    thread = Thread(app, Kafka())
    consumer = Consumer(app, thread)
    await consumer.perform_seek()
    before = await thread.fetch()
    await consumer.perform_seek()
    after = await thread.fetch()
    assert (before.sought, after.sought) == (Sought(1, generation=3), Sought(2, generation=3))


async def test_what_waits_for_its_time_is_not_fetched_on(app: App) -> None:
    """After a restore a topic that runs ahead would lie in memory whole."""
    thread = Thread(app, Kafka())
    await Consumer(app, thread).perform_seek()
    assert (await thread.fetch()) == FOUND
    thread.consumer.reread = Reread({HERE: 9000})
    thread.consumer.reread.take(HERE, ["a record"])
    assert (await thread.fetch()) == {}


async def test_what_is_read_again_stays_in_hand_when_it_is_assigned_anew(app: App) -> None:
    """The worker would end over a partition that is another's now."""
    thread = Thread(app, Kafka())
    consumer = Consumer(app, thread)
    consumer.flow_active = True
    await consumer.perform_seek()
    consumer.reread = Reread({HERE: 9000})
    fetched = await thread.fetch()
    consumer.taken_away = True
    assert [part async for part in consumer.in_order({}, fetched.sought)] == []
    consumer.reread = Reread({HERE: LAST_DONE})
    consumer.taken_away = False
    assert [part async for part in consumer.in_order({}, fetched.sought)] == []
    assert not consumer.reread.has(HERE)
