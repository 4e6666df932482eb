"""The doors' table: which Idempotency-Key came with which body."""

import sqlalchemy as sa
from alembic import op

revision = "intake_0001"
down_revision = None
branch_labels = ("intake",)
depends_on = None


def upgrade() -> None:
    """Make `request_keys`, as `services/intake/ledger.py` describes it."""
    op.create_table(
        "request_keys",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("body_sha256", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
    )
    op.create_index("request_keys_at", "request_keys", ["at"])
