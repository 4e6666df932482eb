"""What the console keeps (`services/desk/web/tables.py`), and how it finds cases."""

import sqlalchemy as sa
from alembic import op

revision = "desk_0002"
down_revision = "desk_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the console's tables; index cases by complainant, and events by type and time."""
    _signed_in()
    _watched()
    op.create_index("cases_key", "cases", ["key"])
    op.create_index("events_type", "events", ["type", "time"])


def _signed_in() -> None:
    op.create_table(
        "console_sessions",
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("began", sa.Text, nullable=False),
        sa.Column("seen", sa.Text, nullable=False),
    )
    op.create_table(
        "console_links",
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("good_until", sa.Text, nullable=False),
    )
    op.create_table(
        "console_accounts",
        sa.Column("person", sa.Text, primary_key=True),
        sa.Column("password", sa.Text, nullable=False),
        sa.Column("changed", sa.Text, nullable=False),
    )


def _watched() -> None:
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "console_attempts",
        sa.Column("seq", number, primary_key=True, autoincrement=True),
        sa.Column("whose", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
    )
    op.create_index("console_attempts_whose", "console_attempts", ["whose", "at"])
    op.create_table(
        "console_looks",
        sa.Column("seq", number, primary_key=True, autoincrement=True),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("case_id", sa.Text, nullable=False),
    )
    op.create_index("console_looks_case", "console_looks", ["case_id", "seq"])
    op.create_index("console_looks_person", "console_looks", ["person", "seq"])
