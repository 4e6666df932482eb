"""The tables every stage keeps, in its own schema (Postgres) or its own file (SQLite).

`checkpoints`: how far a partition is, whose it is, and what was last decided but maybe not sent.
`history`: one row per decided event; its id makes a replay harmless.
`effects`: what is to be done in the outside world, once.
`reserves`: rows that several complainants share (a payment's remainder, a budget).
`holds`: why the dispatcher must wait for a person.
Times are epoch seconds by the database's clock where leases depend on them.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

metadata = MetaData()

# SQLite numbers rows by itself only for INTEGER; Postgres wants the wider type.
_Sequence = BigInteger().with_variant(Integer, "sqlite")

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("owner", Text, nullable=False),
    Column("offsets", Text, nullable=False),
    Column("last", Text, nullable=False),
    Column("outputs", LargeBinary),
    Column("attempts", Integer, nullable=False),
    Column("health", Text, nullable=False),
)

history = Table(
    "history",
    metadata,
    Column("seq", _Sequence, primary_key=True, autoincrement=True),
    Column("event_id", Text, nullable=False, unique=True),
    Column("key", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("data", Text),
)
Index(
    "history_key",
    history.c.key,
    history.c.seq,
    sqlite_where=text("data IS NOT NULL"),
    postgresql_where=text("data IS NOT NULL"),
)

effects = Table(
    "effects",
    metadata,
    Column("key", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("complaint_id", Text, nullable=False),
    Column("record_key", Text, nullable=False),
    Column("cause_id", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("after", Text),
    Column("released", Integer, nullable=False),
    Column("next_at", Double, nullable=False),
    Column("lease", Text),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("provider_reference", Text),
    Column("outcome", LargeBinary),
    Column("announced", Integer, nullable=False),
    # When it was first tried: how long a provider has kept the key.
    Column("first_at", Double),
    # How often its fate stayed unknown, since the provider last had it for certain.
    Column("asked", Integer, nullable=False, server_default="0"),
    Column("traceparent", Text),
)
OPEN = ("pending", "in_flight", "unknown")
# In these words also where it is asked for: with bound values no database knows the index by them,
# and every look reads what was ever done.
WORK_LEFT = text(f"released = 1 AND state IN {OPEN}")
# What the dispatcher looks for, and nothing else: the indexes stay as small as the work left.
Index("effects_due", effects.c.next_at, sqlite_where=WORK_LEFT, postgresql_where=WORK_LEFT)
Index(
    "effects_unreleased",
    effects.c.partition,
    sqlite_where=text("released = 0"),
    postgresql_where=text("released = 0"),
)
Index(
    "effects_unannounced",
    effects.c.announced,
    sqlite_where=text("announced = 0 AND outcome IS NOT NULL"),
    postgresql_where=text("announced = 0 AND outcome IS NOT NULL"),
)

reserves = Table(
    "reserves",
    metadata,
    Column("name", Text, primary_key=True),
    Column("used", BigInteger, nullable=False),
)

holds = Table(
    "holds",
    metadata,
    Column("name", Text, primary_key=True),
    Column("why", Text, nullable=False),
    Column("since", Double, nullable=False),
)

audits = Table(
    "audits",
    metadata,
    Column("seq", _Sequence, primary_key=True, autoincrement=True),
    Column("at", Double, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
