"""What signing in by a provider needs: trips that are on their way, and whose its accounts are."""

import sqlalchemy as sa
from alembic import op

revision = "desk_0004"
down_revision = "desk_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "console_trips",
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("goes_to", sa.Text, nullable=False),
        sa.Column("good_until", sa.Text, nullable=False),
    )
    op.create_table(
        "console_bindings",
        sa.Column("person", sa.Text, primary_key=True),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.UniqueConstraint("issuer", "subject"),
    )
