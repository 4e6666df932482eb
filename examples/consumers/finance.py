"""A finance system's consumer of `recoveries`: books what was settled and what came back.

    pip install aiokafka
    python finance.py 127.0.0.1:29092 ledger.db [--until-end]

Three rules, and nothing else to remember:
1. `version` counts a recovery's events without gaps. Apply last + 1, ignore what is at or below
   last (a copy: delivery is at least once), and raise an alarm on a gap.
2. Book on `settled` and `reversed` alone; everything else is on its way.
3. An event repeats every gesture of its recovery: a gesture is booked once per direction.

What was read and what was booked are committed together, so a crash books nothing twice.
Prints the balance of every account when it ends.
"""

import asyncio
import json
import sqlite3
import sys

from aiokafka import AIOKafkaConsumer

TOPIC = "recoveries"
# Event type → which gestures it tells of, and which way the money went.
BOOKED = {
    "kulanse.recovery.settled.v1": ("posted", 1),
    "kulanse.recovery.reversed.v1": ("voided", -1),
}
TABLES = """
CREATE TABLE IF NOT EXISTS versions (recovery_id TEXT PRIMARY KEY, version INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS entries (
    gesture_id TEXT, direction INTEGER, account TEXT NOT NULL, amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL, PRIMARY KEY (gesture_id, direction));
CREATE TABLE IF NOT EXISTS offsets (partition INTEGER PRIMARY KEY, next INTEGER NOT NULL);
"""


def apply(books: sqlite3.Connection, kind: str, *, event: dict) -> None:
    """Take one event; `kind` is its CloudEvents type."""
    if "version" not in event:
        return  # an approval that was refused changes nothing
    known = books.execute(
        "SELECT version FROM versions WHERE recovery_id = ?", (event["recovery_id"],)
    ).fetchone()
    last = known[0] if known else 0
    if event["version"] <= last:
        return
    if event["version"] > last + 1:
        message = f"gap in {event['recovery_id']}: {event['version']} after {last}"
        raise SystemExit(message)
    books.execute(
        "INSERT INTO versions VALUES (?, ?) ON CONFLICT (recovery_id) DO UPDATE SET version = ?2",
        (event["recovery_id"], event["version"]),
    )
    state, direction = BOOKED.get(kind, ("", 0))
    for gesture in event.get("gestures", ()):
        if gesture["state"] == state and gesture.get("amount_minor"):
            entry = (
                gesture["gesture_id"],
                direction,
                gesture["account"],
                direction * gesture["amount_minor"],
                gesture["currency"],
            )
            books.execute("INSERT OR IGNORE INTO entries VALUES (?, ?, ?, ?, ?)", entry)


async def consume(bootstrap: str, books: sqlite3.Connection, *, until_end: bool) -> None:
    """Read on from where the books say; for ever, or until nothing more lies there."""
    consumer = AIOKafkaConsumer(
        TOPIC,  # no group: one process reads every partition
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,  # our own books say how far we are
        isolation_level="read_committed",
    )
    await consumer.start()
    try:
        places = sorted(consumer.assignment())
        ends = await consumer.end_offsets(places)
        done = dict(books.execute("SELECT partition, next FROM offsets"))
        for place in places:
            consumer.seek(place, done.get(place.partition, 0))
        while not until_end or any([await consumer.position(p) < ends[p] for p in places]):
            for place, records in (await consumer.getmany(timeout_ms=500)).items():
                with books:  # one transaction: the entries, and how far we are
                    for record in records:
                        kind = dict(record.headers)["ce_type"].decode()
                        apply(books, kind, event=json.loads(record.value))
                    books.execute(
                        "INSERT INTO offsets VALUES (?, ?) "
                        "ON CONFLICT (partition) DO UPDATE SET next = ?2",
                        (place.partition, records[-1].offset + 1),
                    )
    finally:
        await consumer.stop()


def main() -> None:
    """Consume, then print what every account comes to."""
    bootstrap, path, *options = sys.argv[1:]
    books = sqlite3.connect(path)
    books.executescript(TABLES)
    asyncio.run(consume(bootstrap, books, until_end="--until-end" in options))
    sums = books.execute(
        "SELECT account, currency, SUM(amount_minor) FROM entries GROUP BY 1, 2 ORDER BY 1, 2"
    )
    print(json.dumps({f"{account} {currency}": total for account, currency, total in sums}))


if __name__ == "__main__":
    main()
