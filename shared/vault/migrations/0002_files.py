"""Files that came with a message, sealed, as `shared/vault/tables.py` describes them."""

import sqlalchemy as sa
from alembic import op

revision = "vault_0002"
down_revision = "vault_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make `files`."""
    op.create_table(
        "files",
        sa.Column("reference", sa.Text, primary_key=True),
        sa.Column("record_key", sa.Text, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("kept_at", sa.Double, nullable=False),
    )
    op.create_index("files_record_key", "files", ["record_key"])
    op.create_index("files_key_id", "files", ["key_id"])
