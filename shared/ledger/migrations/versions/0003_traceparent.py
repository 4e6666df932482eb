"""An effect keeps the trace that it goes back to; a worker of before knows nothing of it."""

import sqlalchemy as sa
from alembic import op

revision = "stage_0003"
down_revision = "stage_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; empty in all rows there are."""
    op.add_column("effects", sa.Column("traceparent", sa.Text))
