"""Two minutes of the audit: a crash after a refund, one before Kafka hears, a zombie, two that ail.

F2, F3, F7, F24, F28 and the bad inputs, on Postgres; `make audit` has the rest.
"""

import asyncio

from tests.audit.driver import BAD_INPUTS, Plan, Row, run
from tests.postgres import postgres

__all__ = ["postgres"]
CASES = (BAD_INPUTS, "F2", "F3", "F7", "F24", "F28")
COMPLAINTS = 50
SEED = 20261122
# What a killed worker had in hand is looked at sooner than a minute later.
LEASE_S = 5.0


def test_nothing_is_lost_and_nothing_happens_twice(postgres: str) -> None:
    """A fault at the wrong moment would cost a complaint, money, or somebody's patience."""
    told: list[Row] = []
    plan = Plan(CASES, COMPLAINTS, SEED, postgres, lease_s=LEASE_S)
    rows = asyncio.run(run(plan, told.append))
    assert {row.case: row.breaches for row in rows} == dict.fromkeys(CASES, ())
    assert [row.case for row in told] == list(CASES)
    assert rows[-1].submitted > COMPLAINTS * (len(CASES) - 1)
