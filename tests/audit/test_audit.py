"""Two minutes of the audit: a crash after a refund, one before Kafka hears, a zombie, two that ail.

F2, F3, F7, F24, F28 and the bad inputs, on Postgres; the smoke profile runs with RING=long, and
`make audit PROFILE=full` has the rest.
"""

import asyncio
from collections.abc import Callable

import pytest

from tests.audit.driver import BAD_INPUTS, Plan, Row, run
from tests.audit.profiles import COMPLAINTS, SMOKE
from tests.audit.table import row_words
from tests.postgres import postgres

__all__ = ["postgres"]
CASES = (BAD_INPUTS, "F2", "F3", "F7", "F24", "F28")
FEW = 50
SEED = 20261122
# What a killed worker had in hand is looked at sooner than a minute later.
LEASE_S = 5.0


def test_nothing_is_lost_and_nothing_happens_twice(postgres: str) -> None:
    """A fault at the wrong moment would cost a complaint, money, or somebody's patience."""
    told: list[Row] = []
    plan = Plan(CASES, FEW, SEED, postgres, lease_s=LEASE_S)
    rows = asyncio.run(run(plan, told.append))
    assert {row.case: row.breaches for row in rows} == dict.fromkeys(CASES, ())
    assert [row.case for row in told] == list(CASES)
    assert sum(row.submitted for row in rows) > FEW * (len(CASES) - 1)


@pytest.mark.long
def test_the_smoke_profile_finds_nothing(postgres: str, figure: Callable[[str], None]) -> None:
    """A fault that the short run leaves out would cost a complaint or money, and nobody knew."""
    rows = asyncio.run(run(Plan(SMOKE, COMPLAINTS, SEED, postgres), lambda _row: None))
    assert {row.case: row.breaches for row in rows} == dict.fromkeys(SMOKE, ())
    for row in rows:
        figure(row_words(row))
