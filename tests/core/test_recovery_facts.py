"""Facts before money: claimed, confirmed, contradicted orders, and whose they are."""

from datetime import timedelta

import pytest

from services.recovery.facts import contradicts
from shared.contracts.submitted import Order
from tests.core.recovery_world import START, World, order, registered, triaged

OURS = order(19900)


def looked_up(fact: Order | None, **fields: object) -> World:
    """A claimed order, looked up, with what was found."""
    world = World()
    world.tell(triaged(order=OURS, order_state="claimed", severity="low", **fields))
    (effect,) = world.pending("order_lookup")
    assert world.said == []
    if fact is None:
        world.comes_back(effect, "failed")
    else:
        world.comes_back(effect, order=fact.model_dump(mode="json", exclude_none=True))
    return world


def test_a_claim_that_is_confirmed_moves_money() -> None:
    """A true claim would wait for a person."""
    world = looked_up(OURS)
    assert (world.last().outcome, len(world.pending("book"))) == ("granted", 1)


def test_an_order_nobody_knows_goes_to_a_person() -> None:
    """An invented order would be paid."""
    world = looked_up(None)
    assert ("order_unconfirmed" in world.last().reasons, world.pending("book")) == (True, [])


@pytest.mark.parametrize(
    "other",
    [
        order(14900),
        order(19900, reference="pay-2"),
        order(19900, sold="shop"),
        order(19900, kind="service"),
        order(19900, delivered_at=START - timedelta(days=30)),
    ],
    ids=["sum", "payment", "sold", "kind", "delivered"],
)
def test_a_contradicted_claim_goes_to_a_person(other: Order) -> None:
    """Money would move on a claim that the shop's own books contradict."""
    world = looked_up(other)
    assert ("order_contradicted" in world.last().reasons, world.pending("book")) == (True, [])


def test_what_was_not_told_contradicts_nothing() -> None:
    """A short claim would be held against the complainant."""
    short = Order(id="order-1", amount_minor=19900, currency="NOK")
    assert not contradicts(short, OURS)
    assert contradicts(short, order(19800))


def test_a_claim_without_an_order_id_cannot_be_confirmed() -> None:
    """A look-up for nothing would be tried, or money would move without one."""
    world = World()
    bare = Order(amount_minor=19900, currency="NOK", purchased_at=START)
    world.tell(triaged(order=bare, order_state="claimed"))
    assert ("order_unconfirmed" in world.last().reasons, list(world.effects)) == (True, [])


def test_a_bounced_claim_is_not_looked_up_when_a_person_has_it_anyway() -> None:
    """A case for a person would wait for a look-up first."""
    world = World()
    world.tell(triaged(order_state="claimed", legal=True))
    assert (world.last().outcome, world.pending("order_lookup")) == ("with_person", [])


@pytest.mark.parametrize("registered_first", [True, False])
@pytest.mark.parametrize(
    ("buyer", "outcome"),
    [
        ("kari@example.com", "granted"),
        (" KARI@example.com ", "granted"),
        ("Kari Eksempel", "granted"),
        ("ola@example.com", "with_person"),
    ],
)
def test_money_moves_for_the_buyer_alone(
    buyer: str, outcome: str, *, registered_first: bool
) -> None:
    """Somebody else's purchase would be paid out, or which event came first would decide."""
    theirs = order(19900, buyer=buyer)
    world = World()
    events = [registered(order=theirs), triaged(order=theirs, severity="low")]
    for event in events if registered_first else reversed(events):
        world.tell(event)
    if not registered_first:
        world.fires("payments_seen")
    assert outcome == world.last().outcome
    assert (outcome == "with_person") == ("foreign_buyer" in world.last().reasons)


def test_no_name_or_address_is_remembered() -> None:
    """The history would keep who someone is, beyond the vault's reach."""
    theirs = order(19900, buyer="kari@example.com")
    world = World()
    world.tell(triaged(order=theirs, order_state="claimed"))
    world.tell(registered(order=theirs))
    assert not any(
        word in str(memory.data) for memory in world.memories for word in ("kari", "Kari", "@")
    )
