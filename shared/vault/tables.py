"""The vault's tables, in a schema (Postgres) or a file (SQLite) of its own: `vault`.

A complainant's keys are numbered: a new one is made only after the last was destroyed. Of a
destroyed key the row stays, so that what is older than `forgotten_at` is never sealed anew.
Intake makes keys, every service reads them, `kulanse forget` destroys them. Times: epoch seconds.
Files that came with a message lie beside the keys that seal them, and go in the same transaction.
"""

from sqlalchemy import Column, Double, Index, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

keys = Table(
    "keys",
    metadata,
    Column("key_id", Text, primary_key=True),
    Column("record_key", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    # None: destroyed.
    Column("wrapped", LargeBinary),
    Column("made_at", Double, nullable=False),
    Column("forgotten_at", Double),
)
Index("keys_record_key", keys.c.record_key)

files = Table(
    "files",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("record_key", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    # Nonce and ciphertext.
    Column("sealed", LargeBinary, nullable=False),
    Column("kept_at", Double, nullable=False),
)
Index("files_record_key", files.c.record_key)
Index("files_key_id", files.c.key_id)
