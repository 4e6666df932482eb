"""What the ledger tells when it is asked: effects by state, how long they are due, holds, money."""

import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, insert

from services.desk import gauges as desk
from services.desk import ledger as desk_tables
from services.recovery import gauges as recovery
from services.recovery import ledger as recovery_tables
from services.recovery.policy import Budgets
from shared.metrics.board import Board, Labels
from shared.stage import checkpoint
from shared.stage.effects import Outcome
from shared.stage.gauges import look, look_within
from tests.core.recovery_world import policy
from tests.stage.ledgers import ledger, opened, postgres
from tests.stage.rig_effects import EffectRig
from tests.stage.rig_recovery import Service, ledger_in, refunds

__all__ = ["ledger", "postgres"]
LOOKS, LOOK_S = 500, 0.02


async def test_effects_are_seen_by_state(ledger: Engine, tmp_path: Path) -> None:
    """A payment of which nobody knows whether it happened would be seen by nobody."""
    rig, board = EffectRig(ledger, tmp_path), Board()
    rig.provider.answers = [Outcome("unknown"), Outcome("posted")]
    await rig.asked_for("effect", "effect two")
    look("probe", ledger, board=board, own=rig.stage.gauges)
    assert board.rows("kulanse_effects") == {("probe", "journal", "pending"): 2}
    assert set(board.rows("kulanse_effects_oldest_seconds")) == {("probe", "journal", "pending")}
    await rig.dispatcher().round()
    checkpoint.hold(ledger, "an older copy")
    look("probe", ledger, board=board, own=rig.stage.gauges)
    assert board.rows("kulanse_effects") == {
        ("probe", "journal", "unknown"): 1,
        ("probe", "journal", "posted"): 1,
    }
    assert board.rows("kulanse_held") == {("probe",): 1}
    assert board.rows("kulanse_ledger_up") == {("probe",): 1}


def test_a_database_that_says_nothing_is_down(ledger: Engine) -> None:
    """One that hangs would look well for as long as it hangs: `LedgerDown` would wake nobody."""
    board, hangs, answers = Board(), threading.Event(), threading.Event()

    def own(_connection: Connection) -> dict[str, Mapping[Labels, float]]:
        hangs.set()
        answers.wait()
        return {}

    asked = partial(look_within, "probe", ledger, board=board, own=own, unanswered_s=0.01)
    asking = threading.Thread(target=asked, daemon=True)
    asking.start()
    hangs.wait()
    for _ in range(LOOKS):
        if board.rows("kulanse_ledger_up"):
            break
        time.sleep(LOOK_S)
    assert board.rows("kulanse_ledger_up") == {("probe",): 0}
    answers.set()
    asking.join()
    assert board.rows("kulanse_ledger_up") == {("probe",): 1}


def _own(connection: Connection) -> dict[str, Mapping[Labels, float]]:
    return recovery.gauges(connection, policy().recovery.budgets)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_a_spent_budget_is_seen(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """The machines would stop, and nobody be woken."""
    address = request.getfixturevalue("postgres") if kind == "postgres" else ""
    day = Budgets(day_minor={"NOK": 50_000}, gesture_minor={"voucher": {"NOK": 10_000}})
    rules = policy().recovery.model_copy(update={"budgets": day})
    board, now = Board(), datetime.now(UTC)
    with ledger_in(tmp_path, address) as engine:
        service = Service(
            engine,
            tmp_path,
            rules=policy().model_copy(update={"recovery": rules}),
            database_url=address,
        )
        await service.hears(*(replace(each, time=now) for each in refunds(4, reference="pay")))
        own = partial(recovery.gauges, budgets=day)
        look("recovery", engine, board=board, own=own)
        service.close()
    assert board.rows("kulanse_budget_used_ratio") == {
        ("recovery", "all", "NOK"): pytest.approx(2 * 19900 / 50_000),
        ("recovery", "voucher", "NOK"): 0,
    }
    assert board.rows("kulanse_budget_stopped") == {
        ("recovery", "all", "NOK"): 2,
        ("recovery", "voucher", "NOK"): 0,
    }


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_payouts_and_cases_are_seen(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Money that finance has not confirmed, and cases past their date, would be nobody's."""
    address = request.getfixturevalue("postgres") if kind == "postgres" else ""
    payout = {"payout_id": "p", "complaint_id": "c", "recovery_id": "r", "amount_minor": 39_900}
    case = {
        "case_id": "c", "key": "k", "state": "open", "severity": "high", "rank": 1,
        "needs_person": 1, "due_at": "2026-01-01T00:00:00.000000+00:00", "version": 1,
        "category": "product", "why": "[]", "about": "[]", "updated": "2026-01-01",
    }  # fmt: skip
    board = Board()
    with opened(tmp_path, address, service="recovery") as engine:
        with engine.begin() as connection:
            row = {**payout, "currency": "NOK", "state": "pending"}
            connection.execute(insert(recovery_tables.payouts), [row])
        look("recovery", engine, board=board, own=_own)
    with opened(tmp_path, address, service="desk") as engine:
        with engine.begin() as connection:
            connection.execute(insert(desk_tables.cases), [case])
        look("desk", engine, board=board, own=desk.gauges)
    assert board.rows("kulanse_payouts") == {("recovery", "NOK", "pending"): 1}
    assert board.rows("kulanse_payouts_minor") == {("recovery", "NOK", "pending"): 39_900}
    assert board.rows("kulanse_cases") == {("desk", "high", "overdue"): 1}
