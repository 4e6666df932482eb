"""Money: minor units and an ISO 4217 code, never a float.

`amount_minor` counts the currency's smallest unit (øre, cent). Where a share of a sum does not
come out even, the fraction of an øre goes to the complainant (`share_up`).
"""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.contracts.contract import Contract

# Above this a sum is a typing mistake or an attack; also what JSON readers hold exactly (2^53).
AMOUNT_MINOR_MAX = 10**13

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Minor = Annotated[int, Field(ge=0, le=AMOUNT_MINOR_MAX)]
PositiveMinor = Annotated[int, Field(gt=0, le=AMOUNT_MINOR_MAX)]


class Money(Contract):
    """A sum in one currency, in its minor unit."""

    amount_minor: Minor
    currency: Currency


def share_up(amount_minor: int, numerator: int, *, denominator: int) -> int:
    """`amount x numerator / denominator`, the fraction rounded up, for the complainant."""
    return -(-amount_minor * numerator // denominator)


def total_by_currency(sums: Iterable[Money]) -> dict[str, int]:
    """Add up sums, currency by currency, in the order of their codes."""
    totals: dict[str, int] = {}
    for money in sums:
        totals[money.currency] = totals.get(money.currency, 0) + money.amount_minor
    return dict(sorted(totals.items()))
