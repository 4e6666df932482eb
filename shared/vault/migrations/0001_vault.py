"""The vault's table, as `shared/vault/tables.py` describes it."""

import sqlalchemy as sa
from alembic import op

revision = "vault_0001"
down_revision = None
branch_labels = ("vault",)
depends_on = None


def upgrade() -> None:
    """Make `keys`."""
    op.create_table(
        "keys",
        sa.Column("key_id", sa.Text, primary_key=True),
        sa.Column("record_key", sa.Text, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("wrapped", sa.LargeBinary),
        sa.Column("made_at", sa.Double, nullable=False),
        sa.Column("forgotten_at", sa.Double),
    )
    op.create_index("keys_record_key", "keys", ["record_key"])
