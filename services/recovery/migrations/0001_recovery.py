"""Recovery's own tables, as `services/recovery/ledger.py` describes them; the books append-only."""

import sqlalchemy as sa
from alembic import op

revision = "recovery_0001"
down_revision = None
branch_labels = ("recovery",)
depends_on = None

APPEND_ONLY = ("journal", "postings", "settlements")


def upgrade() -> None:
    """Make the tables, and let nothing change what was booked."""
    _orders()
    _gestures()
    _books()
    for table in APPEND_ONLY:
        _protect(table)


def _orders() -> None:
    op.create_table(
        "order_facts",
        sa.Column("order_id", sa.Text, primary_key=True),
        sa.Column("fact", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
    )


def _gestures() -> None:
    op.create_table(
        "payouts",
        sa.Column("payout_id", sa.Text, primary_key=True),
        sa.Column("complaint_id", sa.Text, nullable=False),
        sa.Column("recovery_id", sa.Text, nullable=False),
        sa.Column("payment_reference", sa.Text),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("provider_reference", sa.Text),
        sa.Column("code", sa.Text),
    )
    op.create_table(
        "grants",
        sa.Column("grant_id", sa.Text, primary_key=True),
        sa.Column("complaint_id", sa.Text, nullable=False),
        sa.Column("recovery_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text),
        sa.Column("code", sa.Text, nullable=False, unique=True),
    )


def _books() -> None:
    op.create_table(
        "journal",
        sa.Column("entry_id", sa.Text, primary_key=True),
        sa.Column("recovery_id", sa.Text, nullable=False),
        sa.Column("gesture_id", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("transition", sa.Text, nullable=False),
    )
    op.create_table(
        "postings",
        sa.Column("entry_id", sa.Text, primary_key=True),
        sa.Column("line", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
    )
    op.create_table(
        "settlements",
        sa.Column("entry_id", sa.Text, primary_key=True),
        sa.Column("gesture_id", sa.Text, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
    )


def _protect(table: str) -> None:
    """Refuse updates and deletes: a wrong entry is corrected by another entry."""
    if op.get_bind().dialect.name == "sqlite":
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the books are append-only'); END"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION books_are_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the books are append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION books_are_append_only()"
    )
