"""What holds whatever order the facts, the people and the copies come in."""

from collections.abc import Callable
from datetime import timedelta
from typing import Literal, get_args

from hypothesis import given as for_all
from hypothesis import strategies as st

from shared.contracts.contract import Contract
from shared.contracts.inbox import EffectOutcome
from shared.contracts.recoveries import RecoveryEvent
from shared.contracts.submitted import Order
from shared.stage.decision import Decision
from tests.core.recovery_world import (
    START,
    World,
    declined,
    given,
    order,
    policy,
    registered,
    triaged,
)
from tests.core.test_recovery_properties import STEPS, complaints, payable, take_step

Fact = Literal["nobody knows it", "another sum", "another day", "somebody else's"]
FACTS: tuple[Fact, ...] = get_args(Fact)


def left_by_machine(world: World) -> list[str]:
    """What left, or would leave, without a person's signature."""
    return [effect.kind for effect in world.effects.values() if effect.kind in {"book", "stripe"}]


@for_all(complaints() | payable(), st.sampled_from(FACTS))
def test_no_money_leaves_by_machine_on_a_claim(fields: dict[str, object], fact: Fact) -> None:
    """An invented order, another's order, or one recorded otherwise would be paid out."""
    claim = fields["order"]
    assert isinstance(claim, Order)
    world = World()
    world.tell(triaged(**{**fields, "order_state": "claimed"}))
    for effect in world.pending("order_lookup"):
        found = _recorded(claim, fact)
        if found is None:
            world.comes_back(effect, "failed", code="order_unknown")
        else:
            world.comes_back(effect, order=found.model_dump(mode="json", exclude_none=True))
    world.tell(registered())
    while any(effect.payload.get("name") == "payments_seen" for effect in world.effects.values()):
        world.fires("payments_seen")
    assert left_by_machine(world) == []


def _recorded(claim: Order, fact: Fact) -> Order | None:
    if fact == "nobody knows it":
        return None
    if fact == "somebody else's":
        return claim.model_copy(update={"buyer": "Somebody Else"})
    if fact == "another day" or not claim.payments:
        return claim.model_copy(update={"purchased_at": START - timedelta(days=6)})
    return claim.model_copy(update={"payments": order(777).payments})


@for_all(complaints() | payable())
def test_an_order_of_somebody_else_pays_nothing_by_machine(fields: dict[str, object]) -> None:
    """Whoever learns an order's number would be refunded for it."""
    claim = fields["order"]
    assert isinstance(claim, Order)
    foreign = claim.model_copy(update={"buyer": "Somebody Else"})
    world = World()
    world.tell(triaged(**{**fields, "order": foreign}))
    world.tell(registered())
    while any(effect.payload.get("name") == "payments_seen" for effect in world.effects.values()):
        world.fires("payments_seen")
    assert left_by_machine(world) == []


@for_all(st.sampled_from([19900, 149000]), STEPS, st.data())
def test_a_no_has_a_persons_name(amount_minor: int, steps: list[str], data: st.DataObject) -> None:
    """Some order of events would turn a complaint down without anyone having done so."""
    world = World()
    world.tell(triaged(severity="low", order=order(amount_minor)))
    for number, step in enumerate(steps):
        take_step(world, step, number=number, amount_minor=amount_minor, data=data)
    for said in world.said:
        if isinstance(said, RecoveryEvent) and said.result.category in {
            "not_upheld",
            "partly_upheld",
        }:
            kind, _, name = said.decided_by.partition(":")
            assert (kind, name in policy().people.names) == ("person", True)


class Twice(World):
    """A world where every event comes a second time, under another id, by another way."""

    def tell(self, data: Contract, *, event_id: str | None = None) -> Decision:
        """Once, and once more when it says what the world or a person said."""
        decision = super().tell(data, event_id=event_id)
        if not isinstance(data, EffectOutcome) or data.kind != "order_lookup":
            super().tell(data)
        return decision


@for_all(st.sampled_from([19900, 149000, 649000]), st.sampled_from([given, declined]))
def test_an_event_that_comes_twice_has_one_effect(
    amount_minor: int, said: Callable[[World, str], Contract]
) -> None:
    """A copy of a complaint, a signature or an outcome would pay once more."""
    once, twice = World(), Twice()
    for world in (once, twice):
        world.tell(triaged(severity="low", order=order(amount_minor)))
        world.tell(said(world, "manager-eik"))
        for effect in world.pending("book"):
            world.comes_back(effect)
    assert sorted(once.effects) == sorted(twice.effects)
    assert once.reserved == twice.reserved
    recoveries = [each for each in once.said if isinstance(each, RecoveryEvent)]
    assert recoveries == [each for each in twice.said if isinstance(each, RecoveryEvent)]
