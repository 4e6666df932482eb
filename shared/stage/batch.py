"""What goes through the runner: records of one partition in, a plan of the batch out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from zlib import crc32

from shared.contracts.contract import Contract
from shared.contracts.envelope import Event, Outgoing, Record
from shared.stage.breaker import HEALTHY, Health
from shared.stage.decision import Decision, Effect, Reserve

Last = tuple[int, int, int]  # offset, timestamp in ms, CRC of key and value


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one partition, of each topic in its order. `ack` tells the log: they are done.

    `generation` counts this worker's claims: the one from whose positions they were read.
    """

    partition: int
    records: list[Record]
    generation: int
    ack: Callable[[], None]
    forget: Callable[[], None]

    @property
    def size_bytes(self) -> int:
        """Keys and values together."""
        return sum(len(r.value or b"") + len(r.key or b"") for r in self.records)


@dataclass(frozen=True, slots=True)
class LogEnds:
    """What the log holds of a topic partition, and what the group committed there."""

    first: int
    end: int
    committed: int | None = None


@dataclass(slots=True)
class Claim:
    """A partition of ours: the owner token, how far it is, and how healthy its records were."""

    owner: str
    offsets: dict[str, int]
    last: dict[str, Last]
    health: Health = HEALTHY
    attempts: int = 1
    # As stored: what the next record transaction must find unchanged.
    stored_offsets: str = "{}"


@dataclass(frozen=True, slots=True)
class Planned:
    """One decided event: the history row, effects and events it leaves behind."""

    partition: int
    event: Event[Contract]
    decision: Decision
    emitted: tuple[Event[Contract], ...]


@dataclass(slots=True)
class Plan:
    """All that a batch will record and emit; made without writing anything."""

    records: list[Record]
    planned: list[Planned] = field(default_factory=list)
    outputs: dict[int, list[Outgoing]] = field(default_factory=dict)
    health: dict[int, Health] = field(default_factory=dict)
    dead: int = 0

    def emit(self, partition: int, output: Outgoing) -> None:
        """One more output of this partition, in order."""
        self.outputs.setdefault(partition, []).append(output)

    def reserves(self) -> list[Reserve]:
        """Every claim on a shared row, sorted by name: one lock order for all workers."""
        return sorted(
            (reserve for p in self.planned for reserve in p.decision.reserves),
            key=lambda reserve: reserve.name,
        )

    def effects(self) -> list[tuple[Planned, Effect]]:
        """Every effect with its event, sorted by key."""
        return sorted(
            ((p, effect) for p in self.planned for effect in p.decision.effects),
            key=lambda pair: pair[1].key,
        )


def last_of(record: Record) -> Last:
    """How to recognise this record again: a topic made anew has another one there."""
    checksum = crc32(record.value or b"", crc32(record.key or b""))
    return (record.offset, record.timestamp_ms, checksum)
