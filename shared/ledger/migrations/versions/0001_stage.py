"""The stage's own tables, as `shared/ledger/tables.py` describes them."""

import sqlalchemy as sa
from alembic import op

revision = "stage_0001"
down_revision = None
branch_labels = ("stage",)
depends_on = None

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_WORK_LEFT = "released = 1 AND state IN ('pending', 'in_flight', 'unknown')"


def upgrade() -> None:
    """Make checkpoints, history, effects, reserves, holds and audits."""
    _checkpoints_and_history()
    _effects()
    op.create_table(
        "reserves",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("used", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "holds",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("since", sa.Double, nullable=False),
    )
    op.create_table(
        "audits",
        sa.Column("seq", _SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )


def _checkpoints_and_history() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("offsets", sa.Text, nullable=False),
        sa.Column("last", sa.Text, nullable=False),
        sa.Column("outputs", sa.LargeBinary),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("health", sa.Text, nullable=False),
    )
    op.create_table(
        "history",
        sa.Column("seq", _SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("event_id", sa.Text, nullable=False, unique=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("data", sa.Text),
    )
    _index("history_key", "history", columns=["key", "seq"], where="data IS NOT NULL")


def _effects() -> None:
    op.create_table(
        "effects",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("complaint_id", sa.Text, nullable=False),
        sa.Column("record_key", sa.Text, nullable=False),
        sa.Column("cause_id", sa.Text, nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("after", sa.Text),
        sa.Column("released", sa.Integer, nullable=False),
        sa.Column("next_at", sa.Double, nullable=False),
        sa.Column("lease", sa.Text),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("provider_reference", sa.Text),
        sa.Column("outcome", sa.LargeBinary),
        sa.Column("announced", sa.Integer, nullable=False),
    )
    _index("effects_due", "effects", columns=["next_at"], where=_WORK_LEFT)
    _index("effects_unreleased", "effects", columns=["partition"], where="released = 0")
    _index(
        "effects_unannounced",
        "effects",
        columns=["announced"],
        where="announced = 0 AND outcome IS NOT NULL",
    )


def _index(name: str, table: str, *, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)
