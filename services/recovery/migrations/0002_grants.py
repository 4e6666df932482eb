"""Grants have a life: until when they are good, and whether they were used, expired or revoked."""

import sqlalchemy as sa
from alembic import op

revision = "recovery_0002"
down_revision = "recovery_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what was issued before has no end."""
    op.add_column("grants", sa.Column("state", sa.Text, nullable=False, server_default="issued"))
    op.add_column("grants", sa.Column("valid_until", sa.Text))
    op.add_column("grants", sa.Column("units", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("grants", sa.Column("unit", sa.Text, nullable=False, server_default=""))
    op.add_column("grants", sa.Column("note", sa.Text, nullable=False, server_default=""))
