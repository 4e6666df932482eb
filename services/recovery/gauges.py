"""What ops sees of recovery's money: payouts not confirmed by finance, and the day's budgets."""

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select

from services.recovery.budgets import count_of, limits_by_row
from services.recovery.ledger import payouts
from services.recovery.policy import Budgets
from shared.ledger.engine import now
from shared.metrics.board import Labels
from shared.stage.books import reserved

OPEN = ("pending", "exported")
Rows = dict[str, Mapping[Labels, float]]


def gauges(connection: Connection, budgets: Budgets) -> Rows:
    """Counts, and sums in minor units."""
    return {**_of_payouts(connection), **_of_budgets(connection, budgets)}


def _of_payouts(connection: Connection) -> Rows:
    rows = connection.execute(
        select(payouts.c.currency, payouts.c.state, func.count(), func.sum(payouts.c.amount_minor))
        .where(payouts.c.state.in_(OPEN))
        .group_by(payouts.c.currency, payouts.c.state)
    ).all()
    return {
        "kulanse_payouts": {(currency, state): float(n) for currency, state, n, _ in rows},
        "kulanse_payouts_minor": {(currency, state): float(m) for currency, state, _, m in rows},
    }


def _of_budgets(connection: Connection, budgets: Budgets) -> Rows:
    """Today's, in UTC: a row that nobody has touched yet is at 0."""
    engine = connection.engine
    today = datetime.fromtimestamp(now(connection), UTC)
    known = limits_by_row(today, budgets)
    names = [name for row in known for name in (row, count_of(row))]
    taken = reserved(connection, engine, names=names)
    return {
        "kulanse_budget_used_ratio": {
            (kind, currency): taken.get(row, 0) / limit if limit else 1.0
            for row, (kind, currency, limit) in known.items()
        },
        "kulanse_budget_stopped": {
            (kind, currency): float(taken.get(count_of(row), 0))
            for row, (kind, currency, _) in known.items()
        },
    }
