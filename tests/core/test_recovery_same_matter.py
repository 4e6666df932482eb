"""A machine gives once on a matter; whatever comes after that is a person's to weigh."""

from datetime import timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from shared.contracts.cases import CaseCommand, CaseLinked, CaseUnlinked, GestureWanted
from shared.contracts.identity import own_case
from shared.contracts.money import Money
from shared.contracts.recoveries import GestureKind, RecoveryApproved
from shared.contracts.registered import ChoiceMade
from tests.core.recovery_world import World, given, order, person_decides, policy, triaged
from tests.core.test_recovery_properties import complaints

COFFEE = order(4200, kind="service", sold="shop")
LESSON = order(90000, kind="service", sold="distance")
NO_ORDER: dict[str, object] = {"order": None, "order_state": "none"}
# What a machine gives by itself, by the gesture that it gives.
GIVING: dict[str, dict[str, object]] = {
    "refund": {"order": order(19900)},
    "price_reduction": {"amount_claimed": Money(amount_minor=5000, currency="NOK")},
    "replacement": {"remedy_sought": "replacement", "order": order(19900)},
    "redelivery": {
        "remedy_sought": "replacement",
        "category": "delivery",
        "order": order(19900, delivered_at=None),
    },
    "repair": {"remedy_sought": "repair", "order": order(19900)},
    "free_refill": {"remedy_sought": "replacement", "severity": "low", "order": COFFEE},
    "extra_time": {"remedy_sought": "fix", "category": "service", "order": LESSON},
    "premium_access": {"remedy_sought": "unknown", "category": "outage", **NO_ORDER},
    "loan_item": {
        "remedy_sought": "unknown",
        "role": "user",
        "necessity": "need_to_have",
        **NO_ORDER,
    },
}
ONE = own_case("c-1")


def twice(first: dict[str, object], second: dict[str, object], **fields: object) -> World:
    """Two complaints of one person a day apart, both read into one case."""
    world = World()
    world.tell(triaged("c-1", case_id=ONE, **first))
    world.now += timedelta(days=1)
    world.tell(triaged("c-2", **{"case_id": ONE, "received_at": world.now, **second, **fields}))
    return world


def verdict(world: World) -> tuple[str, str]:
    """How the newest recovery stands, and the first of its reasons."""
    return world.last().outcome, world.last().reasons[0]


@pytest.mark.parametrize("kind", GIVING)
def test_each_of_these_is_given_alone(kind: GestureKind) -> None:
    """The tests below would show that nothing is given twice by giving nothing."""
    world = World()
    world.tell(triaged(**GIVING[kind]))
    assert kind in {gesture.kind for gesture in world.last().gestures}
    assert world.of(RecoveryApproved)


@pytest.mark.parametrize("again", GIVING)
@pytest.mark.parametrize("kind", GIVING)
def test_what_a_matter_was_given_is_not_given_again(kind: GestureKind, again: GestureKind) -> None:
    """The goods twice, a part of the price twice, or the goods and then all of the money."""
    assert GIVING.keys() <= policy().recovery.once_on_a_matter
    assert verdict(twice(GIVING[kind], GIVING[again])) == ("with_person", "given_on_this_case")


@pytest.mark.parametrize("form", ["nn", "en"])
def test_other_words_for_the_same_are_the_same(form: str) -> None:
    """Whoever writes again in another form would be given the same again."""
    world = twice(GIVING["replacement"], GIVING["replacement"], written_form=form)
    assert verdict(world) == ("with_person", "given_on_this_case")


def test_the_order_tells_that_it_is_one_matter_even_where_the_case_does_not() -> None:
    """A message that was read as a new matter would bring a second lamp."""
    world = twice(GIVING["replacement"], GIVING["replacement"], case_id=own_case("c-2"))
    assert verdict(world) == ("with_person", "given_on_this_case")


def test_another_order_is_another_matter() -> None:
    """Whoever buys twice and is unlucky twice would wait for a person."""
    other = order(19900, reference="pay-2", id="order-2")
    world = twice(GIVING["replacement"], {**GIVING["replacement"], "order": other}, case_id="new")
    assert world.last().outcome == "granted"


def test_what_only_waits_is_weighed_together_with_what_comes() -> None:
    """A dear thing would be sent when a leader signs, and a part of its price be paid today."""
    dear = {"remedy_sought": "replacement", "order": order(149000)}
    part: dict[str, object] = {**GIVING["price_reduction"], "order": order(149000)}
    assert verdict(twice(dear, part)) == ("with_person", "proposed_on_this_case")


def test_what_came_to_nothing_stands_in_nobodys_way() -> None:
    """A refund that failed for certain would be held against the one who never got it."""
    world = World()
    bare = {**GIVING["refund"], "severity": "low"}
    world.tell(triaged("c-1", case_id=ONE, **bare))
    world.comes_back(world.pending("book")[0], "failed")
    world.tell(triaged("c-2", case_id=ONE, **bare))
    assert world.last().outcome == "granted"


def test_words_and_calls_are_given_as_often_as_they_are_needed() -> None:
    """Whoever lost access twice would wait for somebody to decide that she is rung."""
    lost: dict[str, object] = {
        "remedy_sought": "fix",
        "category": "access",
        "role": "user",
        "necessity": "need_to_have",
        "severity": "high",
        **NO_ORDER,
    }
    assert twice(lost, lost).last().outcome == "granted"


def test_a_second_failure_is_a_right_that_a_person_gives() -> None:
    """A new thing that is broken, too, would be a no instead of a second try or the money."""
    world = twice(GIVING["replacement"], GIVING["refund"])
    last = world.last()
    assert (last.result.category, last.basis) == ("undecided", "statutory")
    world.tell(given(world, "lead-gran"))
    assert (world.last().approved_by, len(world.pending("book"))) == ("person:lead-gran", 1)


def command(world: World, kind: type[CaseCommand], *, other: str) -> CaseCommand:
    """A colleague's word on two cases."""
    return kind.model_validate(
        {
            "complaint_id": "c-1",
            "case_id": ONE,
            "at": world.now,
            "actor": "lead-gran",
            "role": "team_lead",
            "seen_version": 0,
            "other_case_id": other,
        }
    )


def after(*kinds: type[CaseCommand]) -> str:
    """What becomes of a third complaint, in the case of the second, once these were said."""
    world = twice(GIVING["replacement"], {"kind": "question", "needs_person": False})
    for kind in kinds:
        world.tell(command(world, kind, other=own_case("c-2")))
    world.tell(triaged("c-3", case_id=own_case("c-2"), **GIVING["replacement"]))
    return world.last().outcome


def test_what_a_colleague_parted_is_another_matter() -> None:
    """Two things of one order that a person told apart would be held against each other."""
    assert after(CaseUnlinked) == "granted"
    assert after(CaseUnlinked, CaseLinked) == "with_person"
    assert after() == "with_person", "one order"


def test_what_a_colleague_linked_is_one_matter() -> None:
    """Two orders that a person knows to be one purchase would both be made good by machine."""
    other = order(19900, reference="pay-2", id="order-2")
    wants = {"remedy_sought": "replacement", "order": other, "case_id": own_case("c-2")}
    for linked, outcome in ((False, "granted"), (True, "with_person")):
        world = World()
        world.tell(triaged("c-1", case_id=ONE, **GIVING["replacement"]))
        if linked:
            world.tell(command(world, CaseLinked, other=own_case("c-2")))
        world.tell(triaged("c-2", **wants))
        assert world.last().outcome == outcome


def test_a_yes_to_an_offer_gives_nothing_beside_what_a_colleague_gave() -> None:
    """She who rang gets the lesson from a colleague, and again by the link in the mail."""
    world = World()
    offered = {"category": "service", "severity": "low", "remedy_sought": "unknown"}
    world.tell(triaged("c-1", case_id=ONE, order=LESSON, **offered))
    offer = world.last()
    world.tell(triaged("c-2", case_id=ONE, needs_person=True, order=LESSON, **offered))
    assert verdict(world)[0] == "with_person"
    wanted = GestureWanted(kind="extra_time")
    world.tell(person_decides(world, "lead-gran", wanted, complaint_id="c-2"))
    decision = world.tell(
        ChoiceMade(
            complaint_id="c-1",
            case_id=ONE,
            recovery_id=offer.recovery_id,
            version=offer.version,
            choice="yes",
        )
    )
    assert [effect.kind for effect in decision.effects] == []
    assert len(world.pending("grant")) == 1


def test_two_that_were_looked_up_at_once_are_one_matter() -> None:
    """Whoever sends two messages before the order is found would get both."""
    world = World()
    claimed = {**GIVING["replacement"], "order_state": "claimed"}
    for name in ("c-1", "c-2"):
        world.tell(triaged(name, case_id=ONE, **claimed))
    found = order(19900).model_dump(mode="json")
    for effect in world.pending("order_lookup"):
        world.comes_back(effect, "posted", order=found)
    outcomes = [each.outcome for each in world.of(RecoveryApproved)]
    assert (outcomes, verdict(world)) == (["granted"], ("with_person", "given_on_this_case"))


@for_all(st.lists(complaints(), min_size=2, max_size=4))
def test_no_matter_is_given_to_twice_by_a_machine(told: list[dict[str, object]]) -> None:
    """Some mixture of complaints on one case would be made good more than once."""
    world = World()
    for number, fields in enumerate(told):
        world.tell(triaged(f"c-{number}", **{**fields, "case_id": ONE}))
        if number == 0:
            for effect in [*world.pending("book"), *world.pending("grant")]:
                world.comes_back(effect)
    once = policy().recovery.once_on_a_matter
    gave = {
        event.complaint_id
        for event in world.of(RecoveryApproved)
        if any(gesture.kind in once for gesture in event.gestures)
    }
    assert len(gave) <= 1


def test_the_same_event_again_changes_nothing() -> None:
    """A replay would find its own gift and send the matter to a person."""
    world = twice(GIVING["replacement"], GIVING["replacement"])
    said, memories = len(world.said), len(world.memories)
    world.tell(triaged("c-1", case_id=ONE, **GIVING["replacement"]), event_id="another id")
    assert (len(world.said), len(world.memories)) == (said, memories)
