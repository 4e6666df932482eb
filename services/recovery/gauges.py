"""What ops sees of recovery's money: payouts that finance has not confirmed, by currency."""

from collections.abc import Mapping

from sqlalchemy import Connection, func, select

from services.recovery.ledger import payouts
from shared.metrics.board import Labels

OPEN = ("pending", "exported")


def gauges(connection: Connection) -> dict[str, Mapping[Labels, float]]:
    """How many, and their sum in minor units."""
    rows = connection.execute(
        select(payouts.c.currency, payouts.c.state, func.count(), func.sum(payouts.c.amount_minor))
        .where(payouts.c.state.in_(OPEN))
        .group_by(payouts.c.currency, payouts.c.state)
    ).all()
    return {
        "kulanse_payouts": {(currency, state): float(n) for currency, state, n, _ in rows},
        "kulanse_payouts_minor": {(currency, state): float(m) for currency, state, _, m in rows},
    }
