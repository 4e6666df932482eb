"""Faust's Kafka transport, in batches: one Faust event is the records of one partition and poll.

Measured (DESIGN.md 5): a Faust event costs 676 µs, a record within a batch about 100. The
overrides are of Faust 0.15: `getmany` and `perform_seek` (claim instead of committed offsets; what
a restore reads again comes in order: `reread.py`), `_fetch_records` (Faust lets the flow go on
before it seeks, and a fetch may return after the next rebalance: only what was fetched from the
claim's positions counts), `_add_gap` and `_new_offset` (batches of a partition are acked in order,
so that the next offset is the highest acked + 1; Faust's own book-keeping wants consecutive offsets
and falls behind). The conformance suite guards them.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, NamedTuple, cast

import aiokafka
from aiokafka.errors import IllegalStateError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from shared.contracts.envelope import Record
from shared.stage.batch import LogEnds
from shared.stage.fetched import record_of
from shared.stage.reread import Place, Reread, marks_of

# One partition's share of a round.
RECORDS_MAX = 500
IDLE_S = 0.05
Logs = Mapping[int, Mapping[str, LogEnds]]
Positions = Mapping[Place, int]
ClaimPartitions = Callable[[Logs, int], Awaitable[Positions]]


NO_CLAIM = 0


class Sought(NamedTuple):
    """From whose positions is read: the number of the claim, and the group's generation."""

    claim: int
    generation: int


class Fetched(dict[TP, list[Any]]):
    """The records of one poll, and from whose positions they were read."""

    def __init__(self, records: Mapping[TP, list[Any]], sought: Sought) -> None:
        """`records`: by partition, in the order of the log."""
        super().__init__(records)
        self.sought = sought


class Part(NamedTuple):
    """What one Faust event carries: records of one partition, and the claim they were read for."""

    records: list[Record]
    claim: int


class BatchThread(driver.AIOKafkaConsumerThread):
    """The thread that talks to Kafka; it never shows what an upstream transaction took back."""

    consumer: "BatchConsumer"
    sought = Sought(NO_CLAIM, generation=-1)

    async def seek_all(self, positions: Mapping[TP, int], sought: Sought) -> None:
        """Read on from here, for this claim."""
        await self.call_thread(self._seek_all, positions, sought)

    async def _seek_all(self, positions: Mapping[TP, int], sought: Sought) -> None:
        # Nothing is awaited: no fetch ends between the first seek and the last.
        consumer = self._ensure_consumer()
        for tp, position in positions.items():
            consumer.seek(tp, position)
        self.sought = sought

    async def _fetch_records(
        self, consumer: Any, active_partitions: set[TP], *args: Any, **kwargs: Any
    ) -> Fetched:  # signature: faust
        wanted = active_partitions - self.consumer.reread.full()
        if not wanted:  # aiokafka would take none for all
            await asyncio.sleep(IDLE_S)
            return Fetched({}, self.sought)
        records = await super()._fetch_records(consumer, wanted, *args, **kwargs)
        # A rebalance that begins while a fetch waits ends in another claim, which seeks anew.
        current = self.sought.generation == self.app.consumer_generation_id
        return Fetched(records if current and self.consumer.flow_active else {}, self.sought)

    def _create_worker_consumer(self, transport: driver.Transport) -> aiokafka.AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        # Faust sets it only in its own transactions; aiokafka reads it when the consumer starts.
        consumer._isolation_level = "read_committed"
        return consumer


class BatchConsumer(driver.Consumer):
    """Yields batches, and starts where the ledger says."""

    transport: "BatchTransport"
    _thread: BatchThread
    claims = NO_CLAIM
    reread = Reread({})

    def _new_consumer_thread(self) -> BatchThread:
        return BatchThread(self, loop=self.loop, beacon=self.beacon)

    async def perform_seek(self) -> None:
        """After every assignment: claim, then seek where the claim says."""
        generation = self.app.consumer_generation_id
        assigned = set(self.assignment())
        if not assigned:
            return
        committed = await self.seek_to_committed()
        first = await self.earliest_offsets(*assigned)
        end = await self.highwaters(*assigned)
        logs: dict[int, dict[str, LogEnds]] = {}
        for tp in assigned:
            ends = LogEnds(first[tp], end[tp], _known(committed[tp]))
            logs.setdefault(tp.partition, {})[tp.topic] = ends
        if self.app.consumer_generation_id != generation:
            return  # assigned anew meanwhile: that claim follows, and this one would be another's
        self.claims += 1
        sought = Sought(self.claims, generation)
        positions = await self.transport.claim(logs, sought.claim)
        wanted = {tp: positions[tp.topic, tp.partition] for tp in assigned}
        self.reread = Reread(marks_of(logs, positions))
        await self._thread.seek_all(wanted, sought)
        for tp, position in wanted.items():
            self._read_offset[tp] = position if position > 0 else None
            self._committed_offset[tp] = logs[tp.partition][tp.topic].committed

    # Faust names its parameters and passes them so.
    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Any]]:  # noqa: ASYNC109
        """One message per topic partition and poll; its value is the list of records."""
        records, active = await self._wait_next_records(timeout)
        if not isinstance(records, Fetched):
            return
        ours = {tp: found for tp, found in records.items() if active is None or tp in active}
        async for found in self.in_order(ours, records.sought):
            for start in range(0, len(found), RECORDS_MAX):
                if not self._current(records.sought):
                    return
                part = found[start : start + RECORDS_MAX]
                self.transport.fetched(len(part))
                message = _message(part, sought=records.sought)
                yield message.tp, message

    async def in_order(
        self, records: Mapping[TP, list[Any]], sought: Sought
    ) -> AsyncIterator[list[Any]]:
        """What may be decided now; of what is read again, the rest stays in hand."""
        reread = self.reread
        for tp, found in records.items():
            if not reread.has(tp):
                yield found
            elif self._current(sought):
                reread.take(tp, found)
        try:
            stands = {each: await self.position(TP(*each)) or 0 for each in reread.empty()}
        except IllegalStateError:
            return  # assigned anew meanwhile: that claim begins again
        for found in reread.ordered(stands):
            yield found

    def _current(self, sought: Sought) -> bool:
        return self.flow_active and sought == self._wanted()

    def _wanted(self) -> Sought:
        return Sought(self.claims, self.app.consumer_generation_id)

    def is_in_its_group(self) -> bool:
        """Whether aiokafka's routine that joins the group still runs.

        It ends on what it did not expect (a broker that starts, and knows of no broker yet).
        Who has no partitions then fetches nothing, and would never hear of it.
        """
        consumer = self._thread._consumer
        coordinator = consumer._coordinator if consumer is not None else None
        routine = getattr(coordinator, "_coordination_task", None)
        return routine is None or not routine.done()

    def reads_for_a_claim(self) -> bool:
        """Whether it reads from the positions of a claim of this generation.

        If not, a claim is on its way. Faust gives one up after its request timeout without a word:
        what is fetched then counts for nobody, though the positions move on.
        """
        return self._thread.sought == self._wanted()

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:  # signature: faust
        """Missing offsets are normal (transactions, compaction); nothing to remember."""

    def _new_offset(self, tp: TP) -> int | None:
        acked = self._acked[tp]
        if not acked:
            return None
        highest = max(acked)
        acked.clear()
        self._acked_index[tp].clear()
        return highest + 1

    def forget(self, message: ConsumerMessage) -> None:
        """A batch of an older claim: nobody waits for its ack any more."""
        self._unacked_messages.discard(message)


class BatchTransport(driver.Transport):
    """The transport of a stage; its attributes are set before the app starts."""

    Consumer = BatchConsumer
    claim: ClaimPartitions
    # Told how many records go to the agent: whatever hangs from here on, the watchdog sees it.
    fetched: Callable[[int], None]


def _known(offset: int | None) -> int | None:
    """Kafka says -1 for "never committed"."""
    return offset if offset is not None and offset >= 0 else None


def _message(part: list[Any], *, sought: Sought) -> ConsumerMessage:
    """Under the name of its last record: what is read again was committed of every topic."""
    last = part[-1]
    return ConsumerMessage(
        topic=last.topic,
        partition=last.partition,
        offset=last.offset,
        timestamp=last.timestamp / 1000.0,
        timestamp_type=last.timestamp_type,
        headers=None,
        key=None,
        # Faust hands the value on untouched (raw serializers): ours instead of bytes.
        value=cast("bytes", Part([record_of(record) for record in part], sought.claim)),
        checksum=None,
        tp=TP(last.topic, last.partition),
        # Faust drops a message of another generation silently: it must carry ours.
        generation_id=sought.generation,
    )
