"""By hand, with a ledger: what was decided is in SQLite before it is sent, as durable as ours.

A batch: which events were decided before and what is known of their keys (a query each), decide,
one transaction (history, effects, shared rows, and the service's own rows as ours writes them; WAL,
synchronous=FULL), send, await, commit. After a crash nothing is decided twice; but what was
recorded and not sent is lost, a zombie is not fenced, and a bad record stops it: what our
checkpoint, owner token and dead letters are for.
"""

import asyncio
import sqlite3
from datetime import datetime
from typing import Generic, TypeVar

import orjson
import uvloop

from benchmarks.rivals.answering import Answering
from benchmarks.rivals.by_hand import POLL_MS, RECORDS_MAX, started
from shared.contracts.codec import encode
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event, Outgoing, Record
from shared.ledger.engine import open_engine
from shared.ledger.migrate import migrate
from shared.settings import Settings
from shared.stage.decision import Decision, Memory
from shared.stage.fetched import record_of
from shared.stage.producer import KafkaSink
from shared.stage.stage import Decided, Stage

P = TypeVar("P")
TABLES = """
CREATE TABLE decided(seq INTEGER PRIMARY KEY, event_id TEXT UNIQUE, key TEXT, type TEXT, at TEXT,
    data TEXT);
CREATE INDEX decided_key ON decided(key, seq);
CREATE TABLE owed(key TEXT PRIMARY KEY, kind TEXT, payload TEXT, due_at TEXT, state TEXT);
CREATE TABLE taken(name TEXT PRIMARY KEY, used INTEGER);
"""
SEEN = "SELECT event_id FROM decided WHERE event_id IN (SELECT value FROM json_each(?))"
KNOWN = (
    "SELECT key, event_id, type, at, data FROM decided "
    "WHERE key IN (SELECT value FROM json_each(?)) AND data IS NOT NULL ORDER BY seq"
)
KEEP = (
    "INSERT INTO decided(event_id, key, type, at, data) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT DO NOTHING"
)
OWE = "INSERT INTO owed VALUES (?, ?, ?, ?, 'pending') ON CONFLICT DO NOTHING"
DROP = "UPDATE owed SET state = 'voided' WHERE key = ? AND state = 'pending'"
TAKE = "INSERT INTO taken VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET used = used + ?"
Made = list[Decided]


def run(stage: Stage[P], settings: Settings, *, group: str) -> None:
    """For ever."""
    uvloop.run(_consume(stage, settings, group=group))


async def _consume(stage: Stage[P], settings: Settings, *, group: str) -> None:
    consumer, sink = await started(stage, settings, group=group), KafkaSink(settings)
    ledger = Ledger(stage, settings)
    while True:
        polled = await consumer.getmany(timeout_ms=POLL_MS, max_records=RECORDS_MAX)
        found = [record_of(record) for records in polled.values() for record in records]
        if found:
            await sink.send(await asyncio.to_thread(ledger.answered, found))
            await consumer.commit()


class Ledger(Generic[P]):
    """A SQLite file, and the batch that is decided on what lies in it."""

    def __init__(self, stage: Stage[P], settings: Settings) -> None:
        """Made new."""
        self._stage, self._engine = stage, open_engine(settings, stage.name)
        migrate(self._engine, stage.name)  # the service's own tables
        path = settings.state_dir / f"{stage.name}.db"
        self._sql = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._sql.executescript(TABLES)

    def answered(self, records: list[Record]) -> list[Outgoing]:
        """Decide what is new, write it down, give what leaves."""
        events = [self._stage.decode(record) for record in records]
        seen = {one for (one,) in self._asked(SEEN, [event.id for event in events])}
        fresh = [event for event in events if event.id not in seen]
        answering, decided, leaving = self._knowing(fresh), Made(), list[Event[Contract]]()
        for event in fresh:
            decision, emitted = answering.answered(event)
            leaving += emitted
            if decision is not None:
                decided.append((event, decision, emitted))
        outputs = [encode(each) for each in leaving]
        self._record(decided)
        return outputs

    def _asked(self, query: str, values: list[str]) -> sqlite3.Cursor:
        return self._sql.execute(query, (orjson.dumps(values).decode(),))

    def _knowing(self, events: list[Event[Contract]]) -> Answering[P]:
        answering = Answering(self._stage)
        memories = answering.fold.memories
        for key, event_id, kind, at, data in self._asked(KNOWN, sorted({e.key for e in events})):
            memory = Memory(event_id, kind, at=datetime.fromisoformat(at), data=orjson.loads(data))
            memories.setdefault(key, []).append(memory)
        names = sorted({name for event in events for name in self._stage.touches(event)})
        taken = "SELECT name, used FROM taken WHERE name IN (SELECT value FROM json_each(?))"
        answering.fold.reserved.update(self._asked(taken, names).fetchall())
        return answering

    def _record(self, decided: Made) -> None:
        with self._engine.begin() as connection:
            sql = connection.connection.cursor()
            sql.executemany(KEEP, [_history(event, decision) for event, decision, _ in decided])
            effects = [effect for _, decision, _ in decided for effect in decision.effects]
            owed = [
                (e.key, e.kind, orjson.dumps(e.payload).decode(), str(e.due_at)) for e in effects
            ]
            sql.executemany(OWE, owed)
            sql.executemany(DROP, [(key,) for _, one, _ in decided for key in one.voids])
            reserves = [reserve for _, decision, _ in decided for reserve in decision.reserves]
            sql.executemany(TAKE, [(r.name, r.add_minor, r.add_minor) for r in reserves])
            self._stage.also_records(connection, decided)


def _history(event: Event[Contract], decision: Decision) -> tuple[str, str, str, str, str | None]:
    remembers = decision.remembers
    data = None if remembers is None else orjson.dumps(remembers).decode()
    return event.id, event.key, event.type, event.time.isoformat(), data
