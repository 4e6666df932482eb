"""The ledger: what a stage keeps, in SQLite when nothing is configured, in Postgres otherwise."""
