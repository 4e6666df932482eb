"""Ten thousand recoveries by the book, from the complaint to the settled books."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from services.recovery import ledger
from services.recovery.payouts import confirm, export
from services.recovery.policy import Budgets, Policy
from shared.contracts.recoveries import RecoverySettled
from tests.core.recovery_world import policy
from tests.stage.ledgers import postgres
from tests.stage.rig_recovery import Service, ledger_in, refunds

__all__ = ["postgres"]
RECOVERIES, AMOUNT_MINOR = 10_000, 19900


def roomy() -> Policy:
    """The policy that ships, but for a budget that such a day does not spend."""
    known = policy()
    budgets = Budgets(day_minor={"NOK": RECOVERIES * AMOUNT_MINOR})
    recovery = known.recovery.model_copy(update={"budgets": budgets})
    return known.model_copy(update={"recovery": recovery})


@pytest.mark.long
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_ten_thousand_recoveries_settle(
    request: pytest.FixtureRequest, tmp_path: Path, figure: Callable[[str], None], kind: str
) -> None:  # signature: pytest
    """A day's refunds would not be through by the evening, or the books would not add up."""
    address = request.getfixturevalue("postgres") if kind == "postgres" else ""
    with ledger_in(tmp_path, address) as engine:
        service = Service(engine, tmp_path, rules=roomy(), database_url=address)
        told = list(refunds(RECOVERIES, reference="pay", amount_minor=AMOUNT_MINOR))
        began_s = time.monotonic()
        await service.hears(*told)
        decided_s = time.monotonic() - began_s
        await service.rounds(1, kind="book")
        listed = [line.split(",")[0] for line in export(engine).splitlines()[1:]]
        assert len(listed) == RECOVERIES
        confirm(engine, "payout_id,state\r\n" + "".join(f"{each},paid\r\n" for each in listed))
        await service.rounds(1, kind="book")
        took_s = time.monotonic() - began_s
        last = [events[-1] for events in service.said().values()]
        assert sum(isinstance(each, RecoverySettled) for each in last) == RECOVERIES
        with engine.begin() as connection:
            (nok,) = ledger.balance(connection)
            assert ledger.unbalanced_entries(connection) == 0
        service.close()
        assert (nok.balanced, nok.journal_minor) == (True, RECOVERIES * AMOUNT_MINOR)
        figure(
            f"{kind}: {RECOVERIES} recoveries settled in {took_s:.0f} s, "
            f"{RECOVERIES / took_s:.0f}/s; decided at {RECOVERIES / decided_s:.0f}/s"
        )
