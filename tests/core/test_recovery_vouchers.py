"""Vouchers and credit: issued once, used once, off the books when they are over."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from services.recovery import ledger, vouchers
from services.recovery.gestures.grant import Grant, GrantEnd
from services.recovery.reconcile import differences
from shared.errors import Refused
from shared.stage.decision import Effect
from tests.core.recovery_world import START, World, order, policy, triaged
from tests.core.test_recovery_books import booked, claimed, engine

__all__ = ["engine"]
VALUE_MINOR = 5000


def settled(engine: Engine) -> tuple[World, str, Effect]:
    """A refund with a voucher on top, all of it done and booked; the code, and its last day."""
    world = World()
    world.tell(triaged(order=order(19900)))
    (grant,) = world.pending("grant")
    (end,) = world.pending("grant_end")
    issued = asyncio.run(Grant(engine).perform(claimed(grant)))
    world.comes_back(grant)
    world.comes_back(world.pending("book")[0])
    booked(world, engine)
    return world, str(issued.provider_reference), end


def ends(world: World, engine: Engine, *, end: Effect) -> None:
    """Its last day, or the moment it was taken back."""
    outcome = asyncio.run(GrantEnd(engine).perform(claimed(end)))
    world.comes_back(end, "posted", **outcome.detail)
    booked(world, engine)


def owed(engine: Engine) -> int:
    """What the books owe in vouchers; they must agree with the vouchers themselves."""
    with engine.begin() as connection:
        assert ledger.unbalanced_entries(connection) == 0
        rows = connection.execute(
            select(ledger.postings.c.amount_minor).where(
                ledger.postings.c.account == "gestures_owed"
            )
        )
        found = -sum(int(each) for each in rows.scalars())
    codes = {each.code for each in differences(engine, None, since=START)}
    assert "gestures_owed_differ" not in codes
    return found


def test_a_voucher_is_owed_until_it_is_used(engine: Engine) -> None:
    """The books would show no debt, or show it for ever."""
    _, code, _ = settled(engine)
    assert owed(engine) == VALUE_MINOR
    used = vouchers.redeem(engine, code.lower().replace("-", " "), at=START, note="order-9")
    assert (used.state, used.note, owed(engine)) == ("redeemed", "order-9", 0)


def test_a_voucher_is_used_once(engine: Engine) -> None:
    """Two tills, or the same one twice, would give the money twice."""
    _, code, _ = settled(engine)
    vouchers.redeem(engine, code, at=START, note="order-9")
    with pytest.raises(Refused) as refused:
        vouchers.redeem(engine, code, at=START, note="order-10")
    assert refused.value.code == "code_redeemed"
    assert owed(engine) == 0


@pytest.mark.parametrize("revoked", [True, False])
def test_what_is_over_is_off_the_books_and_nobody_is_troubled(
    engine: Engine, *, revoked: bool
) -> None:
    """A voucher nobody used would be owed for ever, or land in a person's queue."""
    world, code, end = settled(engine)
    if revoked:
        vouchers.revoke(engine, code, note="lead-gran: given by mistake")
    ends(world, engine, end=end)
    last = world.last()
    ended = "revoked" if revoked else "expired"
    assert (world.kinds()[-1], last.reasons[-1]) == ("RecoveryReversed", f"grant_{ended}")
    assert (last.outcome, owed(engine)) == ("granted", 0)
    with pytest.raises(Refused) as refused:
        vouchers.redeem(engine, code, at=START, note="order-9")
    assert refused.value.code == f"code_{ended}"


def test_the_last_day_of_a_used_voucher_changes_nothing(engine: Engine) -> None:
    """Finance would take back what was used."""
    world, code, end = settled(engine)
    vouchers.redeem(engine, code, at=START, note="order-9")
    said = len(world.said)
    ends(world, engine, end=end)
    assert (len(world.said), vouchers.show(engine, code).state) == (said, "redeemed")


def test_a_voucher_is_not_used_after_its_last_day(engine: Engine) -> None:
    """A till would take it while the stage has not got to its last day yet."""
    _, code, _ = settled(engine)
    until = datetime.fromisoformat(str(vouchers.show(engine, code).valid_until))
    assert until == START + timedelta(days=policy().recovery.grants["voucher"].valid_days)
    with pytest.raises(Refused) as refused:
        vouchers.redeem(engine, code, at=until + timedelta(seconds=1), note="order-9")
    assert refused.value.code == "code_expired"


@pytest.mark.parametrize(
    ("code", "expected"),
    [("0000-0000-0000-0001", "code_misread"), ("0000-0000-0000-0000", "code_unknown")],
)
def test_a_wrong_code_is_told_apart_from_an_unknown_one(
    engine: Engine, code: str, expected: str
) -> None:
    """A slip of the finger would look like a forgery."""
    with pytest.raises(Refused) as refused:
        vouchers.show(engine, code)
    assert refused.value.code == expected


def test_time_and_access_say_how_much(engine: Engine) -> None:
    """Whoever honours "extra time" would not know how many minutes it is."""
    world = World()
    world.tell(
        triaged(
            role="user", category="service", remedy_sought="unknown", order=None, order_state="none"
        )
    )
    (grant,) = world.pending("grant")
    issued = asyncio.run(Grant(engine).perform(claimed(grant)))
    found = vouchers.show(engine, str(issued.provider_reference))
    terms = policy().recovery.grants["extra_time"]
    assert (found.kind, found.units, found.unit) == ("extra_time", terms.units, terms.unit)
