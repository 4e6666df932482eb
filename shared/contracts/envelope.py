"""One event as our code sees it: CloudEvents 1.0 attributes around a contract."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from shared.contracts.contract import Contract
from shared.contracts.identity import derived
from shared.contracts.topics import topic_of

D_co = TypeVar("D_co", bound=Contract, covariant=True)
Emitted = TypeVar("Emitted", bound=Contract)


@dataclass(frozen=True, slots=True)
class Event(Generic[D_co]):
    """A fact. `key` is the complainant's (CloudEvents `partitionkey`); `time` is its cause's time.

    `depth` counts the causes before it, so that a reader can order events of the same time.
    """

    id: str
    source: str
    key: str
    time: datetime
    data: D_co
    depth: int = 0
    causation_id: str | None = None
    policy_digest: str | None = None
    traceparent: str | None = None
    topic: str = field(default="")

    @property
    def type(self) -> str:
        """The event's type, "kulanse.complaint.triaged.v1"."""
        return self.data.TYPE


@dataclass(frozen=True, slots=True)
class Record:
    """A Kafka record as it lies in the log; headers may repeat and hold any bytes."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record to be produced. `partition` None: where the key hashes to."""

    topic: str
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()
    partition: int | None = None


def caused(
    cause: Event[Contract], data: Emitted, *, ordinal: int, source: str, policy_digest: str
) -> Event[Emitted]:
    """The `ordinal`-th event that `cause` brings about: same key, same time, one step deeper."""
    return Event(
        id=derived(cause.id, data.TYPE, ordinal),
        source=source,
        key=cause.key,
        time=cause.time,
        data=data,
        depth=cause.depth + 1,
        causation_id=cause.id,
        policy_digest=policy_digest,
        traceparent=cause.traceparent,
        topic=topic_of(type(data)).name,
    )
