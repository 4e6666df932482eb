"""Effects remember when they were first tried, and how often their fate stayed unknown."""

import sqlalchemy as sa
from alembic import op

revision = "stage_0002"
down_revision = "stage_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add `first_at` (empty until tried) and `asked` (answers "unknown" so far)."""
    op.add_column("effects", sa.Column("first_at", sa.Double))
    op.add_column("effects", sa.Column("asked", sa.Integer, nullable=False, server_default="0"))
    op.execute("UPDATE effects SET first_at = created_at WHERE attempts > 0")
