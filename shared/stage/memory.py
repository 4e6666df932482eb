"""A log in memory, for tests of stages without a broker: topics, partitions, a worker.

It keeps the promises that the runner relies on (order per partition, positions, commits as
hints) and none besides; the conformance suite runs on it and on a real broker alike.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from shared.contracts.envelope import Outgoing, Record
from shared.contracts.identity import partition_of
from shared.contracts.topics import topic_named
from shared.stage.batch import Batch, LogEnds
from shared.stage.runner import Runner

Place = tuple[str, int]


class MemoryLog:
    """Topics as lists of records. Timestamps count up: one record, one millisecond."""

    def __init__(self, partitions: int, *, began_ms: int = 0) -> None:
        """Every keyed topic has `partitions`. `began_ms`: one before the first record's time."""
        self.partitions = partitions
        self.records: dict[Place, list[Record]] = defaultdict(list)
        self.committed: dict[Place, int] = {}
        # Offsets are never given twice, though the records may be gone.
        self.next: dict[Place, int] = defaultdict(int)
        self._clock_ms = began_ms

    def append(self, output: Outgoing, *, null: bool = False) -> Record:
        """Put a record where its key hashes to, or where it says."""
        count = topic_named(output.topic).partitions or self.partitions
        partition = output.partition
        if partition is None:
            partition = partition_of(output.key or b"", count)
        place = output.topic, partition
        self._clock_ms += 1
        record = Record(
            topic=output.topic,
            partition=partition,
            offset=self.next[place],
            timestamp_ms=self._clock_ms,
            key=output.key,
            value=None if null else output.value,
            headers=output.headers,
        )
        self.records[place].append(record)
        self.next[place] += 1
        return record

    async def send(self, outputs: Sequence[Outgoing]) -> None:
        """Deliver: the log is a sink."""
        for output in outputs:
            self.append(output)

    def all(self, topic: str) -> list[Record]:
        """Every record of a topic, partition by partition."""
        places = sorted(place for place in self.records if place[0] == topic)
        return [record for place in places for record in self.records[place]]

    def ends(self, place: Place) -> LogEnds:
        """First and next offset, and the group's commit."""
        lying = self.records[place]
        end = self.next[place]
        return LogEnds(lying[0].offset if lying else end, end, self.committed.get(place))


class MemoryWorker:
    """Reads partitions for a runner, as the broker's shell does."""

    def __init__(self, log: MemoryLog, runner: Runner, partitions: Sequence[int]) -> None:
        """Nothing is read before `join`."""
        self.log, self.runner, self.mine = log, runner, tuple(partitions)
        self.positions: dict[Place, int] = {}
        self.generation = 0

    async def join(self, generation: int) -> None:
        """An assignment: claim, then read from where the claim says."""
        topics = [topic.name for topic in self.runner.stage.inputs]
        logs: Mapping[int, Mapping[str, LogEnds]] = {
            p: {topic: self.log.ends((topic, p)) for topic in topics} for p in self.mine
        }
        self.generation = generation
        self.positions = await self.runner.claim(logs, generation)

    async def step(self, records_max: int = 500) -> int:
        """Fetch what lies there, run it as one round; how many records that were."""
        batches = [
            batch for place in sorted(self.positions) if (batch := self._fetch(place, records_max))
        ]
        if batches:
            await self.runner.run(batches)
        return sum(len(batch.records) for batch in batches)

    async def drain(self, records_max: int = 500) -> None:
        """Step until nothing new lies there."""
        while await self.step(records_max):
            pass

    def _fetch(self, place: Place, records_max: int) -> Batch | None:
        position = self.positions[place]
        found = [r for r in self.log.records[place] if r.offset >= position][:records_max]
        if not found:
            return None
        after = found[-1].offset + 1
        self.positions[place] = after

        def ack() -> None:
            self.log.committed[place] = after

        return Batch(place[1], found, self.generation, ack, _forget)


def _forget() -> None:
    return
