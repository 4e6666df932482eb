"""The day's budget: past it machines stop, people go on, and nothing is lost."""

from datetime import timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.recovery.budgets import SPENT, STOPPED, rows_of, spent, takes
from services.recovery.model import Remedy
from services.recovery.policy import Budgets, Given, Policy
from shared.contracts.recoveries import RecoveryEvent
from tests.core.recovery_world import START, World, given, order, policy, triaged
from tests.core.test_recovery_paused import yes_to

REFUND_MINOR = 19900


def with_budget(day_minor: int, voucher_minor: int = 10**9) -> Policy:
    """The policy that ships, with another budget."""
    known = policy()
    budgets = Budgets(
        day_minor={"NOK": day_minor}, gesture_minor={"voucher": {"NOK": voucher_minor}}
    )
    recovery = known.recovery.model_copy(update={"budgets": budgets})
    return known.model_copy(update={"recovery": recovery})


def complains(world: World, number: int, *, severity: str = "low") -> RecoveryEvent:
    """One more small refund; what is said of it."""
    own = order(REFUND_MINOR, reference=f"pay-{number}", id=f"order-{number}")
    world.tell(triaged(f"c-{number}", order=own, severity=severity))
    return world.last()


def test_past_the_budget_a_person_decides() -> None:
    """A bug that refunds everybody would go on until somebody looks."""
    world = World(policy=with_budget(2 * REFUND_MINOR))
    outcomes = [complains(world, number).outcome for number in range(3)]
    assert outcomes == ["granted", "granted", "with_person"]
    assert world.last().reasons[0] == SPENT
    world.tell(given(world, "agent-bjork"))
    assert len(world.pending("book")) == 3, "people go on"


def test_what_a_budget_stops_is_counted() -> None:
    """The machines would stop, and no alarm could know."""
    world = World(policy=with_budget(REFUND_MINOR, voucher_minor=1))
    for number in range(3):
        complains(world, number)
    counts = {row: used for row, used in world.reserved.items() if row.startswith(STOPPED)}
    assert counts == {f"{STOPPED}:budget:{START.date()}:NOK": 2}


def generous(amount_minor: int, day_minor: int) -> World:
    """A world where time given back is offered with a value of its own."""
    known = with_budget(day_minor)
    rows = tuple(
        row.model_copy(
            update={"gives": (Given(kind="service_credit", amount_minor={"NOK": amount_minor}),)}
        )
        if row.offered
        else row
        for row in known.recovery.fit
    )
    recovery = known.recovery.model_copy(update={"fit": rows})
    world = World(policy=known.model_copy(update={"recovery": recovery}))
    lesson = order(90000, kind="service", sold="distance")
    world.tell(triaged(category="service", remedy_sought="unknown", order=lesson, severity="low"))
    return world


@pytest.mark.parametrize(
    ("amount_minor", "day_minor", "expected"),
    [
        (5000, 5000, ("offered", 5000)),
        (5000, 4999, ("with_person", 0)),
        (60000, 90000, ("offered", 0)),
    ],
)
def test_an_offer_is_within_the_budget_and_the_limit(
    amount_minor: int, day_minor: int, expected: tuple[str, int]
) -> None:
    """A yes to an offer would give what the budget, or the machine's limit, does not allow."""
    world = generous(amount_minor, day_minor)
    last = world.last()
    world.tell(yes_to(world))
    given_minor = sum(int(str(e.payload["amount_minor"])) for e in world.pending("grant"))
    assert expected == (last.outcome, given_minor)


def test_the_next_day_has_a_budget_of_its_own() -> None:
    """One bad day would stop the machines for good."""
    world = World(policy=with_budget(REFUND_MINOR))
    assert complains(world, 0).outcome == "granted"
    assert complains(world, 1).outcome == "with_person"
    world.now = START + timedelta(days=1)
    assert complains(world, 2).outcome == "granted"


def test_a_gesture_has_a_breaker_of_its_own() -> None:
    """A rule that gives everybody a voucher would spend the whole day's money."""
    world = World(policy=with_budget(10**9, voucher_minor=5000))
    assert complains(world, 0, severity="medium").outcome == "granted"
    assert SPENT in complains(world, 1, severity="medium").reasons
    assert complains(world, 2).outcome == "granted", "nothing but vouchers has stopped"


def test_goods_sent_again_count_what_they_cost() -> None:
    """A rule that sends everybody a new thing would go on for ever."""
    world = World(policy=with_budget(2 * REFUND_MINOR))
    outcomes = []
    for number in range(3):
        own = order(REFUND_MINOR, reference=f"pay-{number}", id=f"order-{number}")
        world.tell(triaged(f"c-{number}", order=own, severity="low", remedy_sought="replacement"))
        outcomes.append(world.last().outcome)
    assert outcomes == ["granted", "granted", "with_person"]


def test_what_a_person_signs_is_not_the_machines() -> None:
    """Large refunds that people signed would stop the small ones."""
    world = World(policy=with_budget(REFUND_MINOR))
    world.tell(triaged("large", order=order(149000, reference="large", id="large"), severity="low"))
    world.tell(given(world, "lead-gran"))
    assert complains(world, 1).outcome == "granted"


def test_a_row_that_nobody_looked_at_counts_as_spent() -> None:
    """A decision on a row that it cannot see would be made again and again, for ever."""
    voucher = Remedy(kind="voucher", basis="ex_gratia", amount_minor=5000, currency="NOK")
    wanted = takes([voucher], (), at=START, policy=policy())
    assert spent(wanted, {})
    assert not spent(wanted, dict.fromkeys(rows_of(START, ["NOK"]), 0))


@for_all(st.lists(st.sampled_from(["low", "medium"]), max_size=12), st.integers(0, 200_000))
def test_machines_never_give_more_than_the_budget(severities: list[str], day_minor: int) -> None:
    """The sum that a bug may cost would not be known."""
    world = World(policy=with_budget(day_minor))
    for number, severity in enumerate(severities):
        complains(world, number, severity=severity)
    given_minor = [
        int(str(effect.payload["amount_minor"]))
        for effect in world.effects.values()
        if effect.kind in {"book", "grant"}
    ]
    assert sum(given_minor) <= day_minor
