"""What ops sees of the desk's queue: cases that wait for a person, and their deadlines."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, case, func, select

from services.desk.ledger import cases
from services.desk.stored import sortable
from shared.metrics.board import Labels

SOON = timedelta(hours=1)


def gauges(connection: Connection) -> dict[str, Mapping[Labels, float]]:
    """By severity: open in all, due within the hour, overdue."""
    now = datetime.now(UTC)
    stands = case(
        (cases.c.due_at < sortable(now), "overdue"),
        (cases.c.due_at < sortable(now + SOON), "due_soon"),
        else_="open",
    )
    rows = connection.execute(
        select(cases.c.severity, stands, func.count())
        .where((cases.c.needs_person == 1) & (cases.c.state != "closed"))
        .group_by(cases.c.severity, stands)
    )
    found: Counter[Labels] = Counter()
    for severity, state, count in rows:
        found[severity, state] += count
    return {"kulanse_cases": {labels: float(count) for labels, count in found.items()}}
