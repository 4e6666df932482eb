"""What the console keeps beside the desk's ledger: who is signed in, and who looked at what.

Of secrets (a session, a sign-in link) only hashes are kept, of passwords argon2's. Times are UTC
text that sorts as time does.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, UniqueConstraint

from services.desk.ledger import metadata

sessions = Table(
    "console_sessions",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("person", Text, nullable=False),
    # The written form of her interface; empty: as people.yaml says.
    Column("form", Text, nullable=False),
    Column("began", Text, nullable=False),
    Column("seen", Text, nullable=False),
)

links = Table(
    "console_links",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("good_until", Text, nullable=False),
)

accounts = Table(
    "console_accounts",
    metadata,
    Column("person", Text, primary_key=True),
    Column("password", Text, nullable=False),
    Column("changed", Text, nullable=False),
)

# On the way to the provider and back; `goes_to`: the path of ours to go on to.
trips = Table(
    "console_trips",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("goes_to", Text, nullable=False),
    Column("good_until", Text, nullable=False),
)

# Whose an account at the provider is.
bindings = Table(
    "console_bindings",
    metadata,
    Column("person", Text, primary_key=True),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    UniqueConstraint("issuer", "subject"),
)

# Passwords that were wrong, by whose they should have been and by where they came from.
attempts = Table(
    "console_attempts",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("whose", Text, nullable=False),
    Column("at", Text, nullable=False),
)
Index("console_attempts_whose", attempts.c.whose, attempts.c.at)

# Every look at personal data, and every sign-in: never changed, read by auditors and managers.
looks = Table(
    "console_looks",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("case_id", Text, nullable=False),
)
Index("console_looks_case", looks.c.case_id, looks.c.seq)
Index("console_looks_person", looks.c.person, looks.c.seq)
