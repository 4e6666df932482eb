"""What machines may give away in a day: a row per day and currency, and per gesture.

Each is a breaker. Only what no person signed counts. When a row would pass its limit the machine
stops and a person decides: a bug, or somebody who games us, then costs a known sum. A day is one
of UTC.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache

from services.recovery.limits import costs_of
from services.recovery.model import GRANTS, MONEY_KINDS, TASKS, Paid, Remedy
from services.recovery.policy import Budgets, PerCurrency, Policy
from shared.stage.decision import Reserve

PREFIX = "budget"
# How many decisions a spent row has stopped, in a row of its own: what the alarm looks at.
STOPPED = "stopped"
COUNTED = tuple(sorted(MONEY_KINDS | GRANTS | TASKS))
SPENT = "budget_spent"
NO_LIMIT = 2**62
# By day and currency: what comes on one day asks for the same few.
DAYS_KEPT_MAX = 256


def rows_of(at: datetime, currencies: Iterable[str]) -> tuple[str, ...]:
    """Every row that an automatic decision at this time may have to see."""
    day = at.date()
    return tuple(
        row for currency in dict.fromkeys(currencies) for row in _rows_of_day(day, currency)
    )


@lru_cache(maxsize=DAYS_KEPT_MAX)
def _rows_of_day(day: date, currency: str) -> tuple[str, ...]:
    """In one currency, by each gesture and all together."""
    return tuple(_row(day, currency, kind=kind) for kind in ("", *COUNTED))


def takes(
    remedies: Iterable[Remedy], payments: Iterable[Paid], *, at: datetime, policy: Policy
) -> tuple[Reserve, ...]:
    """What these take of their rows; a gesture or currency without a budget takes nothing.

    Goods that are sent again take what the order cost (`payments`), as the limits count them.
    """
    day = at.date()
    budgets, paid_for = policy.recovery.budgets, tuple(payments)
    sums: dict[str, int] = {}
    limits: dict[str, int] = {}
    for remedy in remedies:
        costs = costs_of([remedy], paid_for, policy=policy)
        for kind, of in (("", budgets.day_minor), (remedy.kind, budgets.gestures(remedy.kind))):
            for currency in sorted(costs.keys() & of.keys()):
                row = _row(day, currency, kind=kind)
                sums[row] = sums.get(row, 0) + costs[currency]
                limits[row] = of[currency]
    return tuple(Reserve(row, sum_minor, limits[row]) for row, sum_minor in sums.items())


def spent(wanted: Iterable[Reserve], reserved: Mapping[str, int]) -> bool:
    """Whether a row would pass its limit, or was not looked at: then nobody knows."""
    return any(
        claim.name not in reserved or reserved[claim.name] + claim.add_minor > claim.limit_minor
        for claim in wanted
    )


def stopped_by(wanted: Iterable[Reserve], reserved: Mapping[str, int]) -> tuple[Reserve, ...]:
    """One more on the count of each row that stops this decision."""
    return tuple(
        Reserve(count_of(claim.name), 1, NO_LIMIT)
        for claim in wanted
        if claim.name in reserved and spent([claim], reserved)
    )


def count_of(row: str) -> str:
    """The row that counts what this row has stopped."""
    return f"{STOPPED}:{row}"


def limits_by_row(at: datetime, budgets: Budgets) -> Mapping[str, tuple[str, str, int]]:
    """Every row of that day that has a limit: gesture ("all" for the day's), currency, limit."""
    limits: tuple[tuple[str, PerCurrency], ...]
    limits = (("", budgets.day_minor), *budgets.gesture_minor.items())
    return {
        _row(at.date(), currency, kind=kind): (kind or "all", currency, limit)
        for kind, of in limits
        for currency, limit in of.items()
    }


def _row(day: date, currency: str, *, kind: str) -> str:
    return ":".join(part for part in (PREFIX, f"{day}", currency, kind) if part)
