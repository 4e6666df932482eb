"""What a hundred thousand cases need: lists and the flow are answered from an index alone."""

from alembic import op

revision = "desk_0003"
down_revision = "desk_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index all that a list is filtered by, what is open, and who waits for the next stage."""
    filters = ["needs_person", "state", "owner", "category", "key"]
    if op.get_bind().dialect.name == "sqlite":
        # Postgres refuses a row that is too long for an index, and reads the table as quickly.
        filters += ["about", "why"]
    op.create_index("cases_list", "cases", ["rank", "due_at", "case_id", *filters])
    op.create_index("cases_open", "cases", ["needs_person", "state", "severity", "due_at"])
    op.create_index("events_waits", "events", ["type", "time", "complaint_id"])
