"""What the conformance suite needs of a log and a worker, and how it knows that all is right.

A rig has a ledger, a log and workers of the probe stage (`probe.py`); one rig is memory, one a
real broker with the worker as a process of its own. The checks ask the ledger and the log only,
never the worker.
"""

from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
from sqlalchemy import Connection, Engine, delete, insert, select

from shared.contracts.codec import encode
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event, Outgoing, Record
from shared.contracts.feedback import FeedbackGiven
from shared.contracts.identity import derived, partition_of, record_key
from shared.contracts.registered import ComplaintReplied, Personal
from shared.contracts.topics import DEAD_LETTERS, FEEDBACK, topic_of
from shared.ledger.tables import checkpoints, effects, history, holds, metadata

PARTITIONS = 4
BEGAN = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
SECRET = b"the secret of an example"
# The worker's steps, as `on_step` names them, in order.
STEPS = ("claimed", "decided", "recorded", "emitted", "cleared", "acked")
KILLED, CRASHED = -9, 70
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happens to a worker at a step, the nth time it gets there: "kill" or "raise"."""

    step: str = ""
    nth: int = 1
    how: str = "kill"


NO_TROUBLE = Trouble()


@dataclass(frozen=True, slots=True)
class Said:
    """One event of a test: who said what, and its record."""

    event: Event[Contract]
    record: Outgoing

    @property
    def answer_id(self) -> str:
        """The id of the one event that the probe stage makes of it."""
        return derived(self.event.id, FeedbackGiven.TYPE, 0)


def event_of(data: Contract, *, who: str, number: int, topic: str = "") -> Said:
    """An event as another stage would have written it."""
    event = Event(
        id=derived("said", who, number),
        source="kulanse/test",
        key=record_key(SECRET, who),
        time=BEGAN + timedelta(seconds=number),
        data=data,
        topic=topic or topic_of(type(data)).name,
    )
    return Said(event, encode(event))


def reply(who: str, number: int, *, text: str = "hello") -> Said:
    """A complainant says `text`."""
    data = ComplaintReplied(
        complaint_id=f"c-{who}",
        case_id=f"k-{who}",
        channel="web",
        received_at=BEGAN,
        personal=Personal(text=text),
    )
    return event_of(data, who=who, number=number)


def replies(count: int, *, people: int = 7, text: str = "hello", first: int = 0) -> list[Said]:
    """`count` replies, `people` taking turns."""
    return [
        reply(f"p{number % people}", number, text=text) for number in range(first, first + count)
    ]


def somebody_in(partition: int, *, partitions: int = PARTITIONS) -> str:
    """A complainant whose key belongs in this partition."""
    names = (f"n{number}" for number in range(10_000))
    keys = ((name, record_key(SECRET, name).encode()) for name in names)
    return next(name for name, key in keys if partition_of(key, partitions) == partition)


class Rig(ABC):
    """A ledger, a log, and workers of the probe stage."""

    engine: Engine
    journal: Path
    # Why the last worker stood still, as /ready says it; "" when it did not.
    why_stopped: str = ""
    # Whether workers perform effects too.
    dispatching: bool = True
    # Whether a worker that has done all is asked to end, and commits; else it is just gone.
    graceful: bool = False

    @abstractmethod
    async def produce(self, records: Iterable[Outgoing]) -> None:
        """Put records into the log, in this order."""

    @abstractmethod
    async def lay_null(self, record: Outgoing) -> None:
        """Put this record into the log without its value."""

    @abstractmethod
    async def work(self, trouble: Trouble = NO_TROUBLE, *, mutant: str = "") -> int:
        """One worker, until it dies, stands still or all is done; its exit code.

        `mutant`: see `mutants.py`.
        """

    @abstractmethod
    async def make_anew(self, topic: str) -> None:
        """Delete the topic with all its records, and make it again."""

    @abstractmethod
    async def let_go(self, place: Place, before: int) -> None:
        """Retention takes the records of a place before this offset."""

    @abstractmethod
    async def read(self, topic: str) -> list[Record]:
        """Every record of a topic, partition by partition."""

    @abstractmethod
    async def ends(self) -> dict[Place, int]:
        """The next offset of every input place that holds records."""

    async def answers(self) -> list[Record]:
        """What the stage emitted, dead letters apart."""
        return await self.read(FEEDBACK.name)

    async def dead(self) -> list[Record]:
        """The dead letters."""
        return await self.read(DEAD_LETTERS.name)


def header(record: Record, name: str) -> str:
    """A header's text."""
    return dict(record.headers)[name].decode()


def question(record: Record) -> str:
    """What the probe stage counted: kind, how many events of this person so far, shared row."""
    return str(orjson.loads(record.value or b"")["question"])


def reading(engine: Engine) -> AbstractContextManager[Connection]:
    """A connection that only reads: it never waits for a worker, and no worker for it."""
    return engine.execution_options(read_only=True).connect()


def decided_ids(engine: Engine) -> list[str]:
    """The events decided, oldest first."""
    with reading(engine) as connection:
        return list(
            connection.execute(select(history.c.event_id).order_by(history.c.seq)).scalars()
        )


def held(engine: Engine) -> list[str]:
    """Why the dispatcher waits for a person."""
    with reading(engine) as connection:
        return list(connection.execute(select(holds.c.why)).scalars())


def effect_states(engine: Engine) -> dict[str, str]:
    """State of each effect, by key."""
    with reading(engine) as connection:
        return dict(connection.execute(select(effects.c.key, effects.c.state)).tuples().all())


def offsets_done(engine: Engine) -> dict[Place, int]:
    """The next offset of every place, as the ledger knows it."""
    with reading(engine) as connection:
        rows = connection.execute(select(checkpoints.c.partition, checkpoints.c.offsets)).all()
    return {(t, row.partition): n for row in rows for t, n in orjson.loads(row.offsets).items()}


def unsent(engine: Engine) -> list[int]:
    """Partitions whose outputs were decided and maybe not sent."""
    with reading(engine) as connection:
        found = select(checkpoints.c.partition).where(checkpoints.c.outputs.is_not(None))
        return sorted(connection.execute(found).scalars())


async def check_all_right(rig: Rig, said: Sequence[Said]) -> None:
    """Every event decided once, in order, every answer there, copies alike, offsets right."""
    await check_decided(rig, said)
    assert held(rig.engine) == [], "the log was done further than the ledger knew"


async def check_decided(rig: Rig, said: Sequence[Said]) -> None:
    """The same, whether the dispatcher is held or not."""
    assert Counter(s.event.id for s in said) == Counter(decided_ids(rig.engine))
    check_answers(await rig.answers(), said)
    assert await rig.ends() == offsets_done(rig.engine)
    assert unsent(rig.engine) == []


Rows = dict[str, list[dict[str, object]]]


def copy_of(engine: Engine) -> Rows:
    """A backup of the ledger: every row of every table."""
    with reading(engine) as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in metadata.sorted_tables
        }


def put_back(engine: Engine, rows: Rows) -> None:
    """Restore the backup: whatever came after it is gone."""
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(delete(table))
            if rows[table.name]:
                connection.execute(insert(table), rows[table.name])


def check_answers(answers: Sequence[Record], said: Sequence[Said]) -> None:
    """Each event has its answer; a copy is the same bytes; a person's answers keep their order."""
    first = first_copies(answers)
    assert {s.answer_id for s in said} == set(first), "answers lost, or too many"
    counted = _counted(said)
    assert counted == {id_: int(question(r).split()[1]) for id_, r in first.items()}
    by_key: dict[bytes, list[int]] = defaultdict(list)
    for record in first.values():
        by_key[record.key or b""].append(int(question(record).split()[1]))
    for counts in by_key.values():
        assert list(range(1, len(counts) + 1)) == counts, "one person's answers out of order"


def first_copies(answers: Sequence[Record]) -> dict[str, Record]:
    """The first copy of each answer; later ones must be the same bytes."""
    first: dict[str, Record] = {}
    for record in answers:
        earlier = first.setdefault(header(record, "ce_id"), record)
        assert (earlier.key, earlier.value, earlier.headers) == (
            record.key,
            record.value,
            record.headers,
        ), "sent twice, and not the same bytes"
    return first


def _counted(said: Sequence[Said]) -> dict[str, int]:
    """Which number each event is of its person's, counted without the stage."""
    so_far: Counter[str] = Counter()
    found = {}
    for each in said:
        so_far[each.event.key] += 1
        found[each.answer_id] = so_far[each.event.key]
    return found
