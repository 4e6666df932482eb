"""A handler decides: within her limit at once, above it when another has signed, never too much."""

from datetime import timedelta

import pytest

from shared.contracts.cases import GestureWanted
from shared.contracts.recoveries import RecoveryApprovalRefused
from tests.core.recovery_world import (
    World,
    declined,
    given,
    order,
    person_decides,
    policy,
    triaged,
)


def proposed(amount_minor: int = 149000, **fields: object) -> World:
    """A world where a refund waits for a signature."""
    world = World()
    world.tell(triaged(order=order(amount_minor), severity="low", **fields))
    return world


def test_a_handler_decides_within_her_own_limit() -> None:
    """An agent could not refund what her signature is good for."""
    world = proposed(19900, needs_person=True)
    world.tell(
        person_decides(
            world, "agent-bjork", GestureWanted(kind="refund", amount_minor=19900, currency="NOK")
        )
    )
    world.fires("payments_seen")
    assert world.kinds()[1:3] == ["RecoveryAdjusted", "RecoveryApproved"]
    assert [effect.payload["amount_minor"] for effect in world.pending("book")] == [19900]
    assert world.claimed == {"payment:pay-1": 19900}


def test_a_handlers_decision_never_exceeds_what_was_paid() -> None:
    """A person's slip of the finger would pay more than came in."""
    world = proposed(19900, needs_person=True)
    world.tell(
        person_decides(
            world, "manager-eik", GestureWanted(kind="refund", amount_minor=199000, currency="NOK")
        )
    )
    world.fires("payments_seen")
    assert (world.kinds()[-1], world.last().reasons) == ("RecoveryFailed", ("over_paid",))
    assert (world.pending("book"), world.claimed) == ([], {"payment:pay-1": 0})


def test_a_handlers_no_is_a_rejection_with_her_name() -> None:
    """A complaint would be turned down without a person."""
    world = proposed(19900, needs_person=True)
    world.tell(person_decides(world, "agent-bjork", category="not_upheld"))
    assert (
        world.kinds()[-1],
        world.last().decided_by,
        world.last().reasons,
    ) == ("RecoveryRejected", "person:agent-bjork", ("decided_by_person",))


def test_what_has_left_is_not_sent_again_by_a_new_decision() -> None:
    """A handler who states the whole remedy would pay the machine's part twice."""
    world = proposed(19900, amount_claimed=None)
    world.comes_back(world.pending("book")[0])
    world.tell(
        person_decides(
            world, "lead-gran", GestureWanted(kind="refund", amount_minor=19900, currency="NOK")
        )
    )
    world.fires("payments_seen")
    assert world.pending("book") == []
    assert world.claimed == {"payment:pay-1": 19900}


def test_money_without_a_sum_is_asked_for() -> None:
    """A handler's "refund" without a sum would be settled with nothing."""
    world = proposed(19900, needs_person=True)
    world.tell(person_decides(world, "agent-bjork", GestureWanted(kind="refund")))
    assert (world.kinds()[-1], world.last().reasons) == ("RecoveryFailed", ("amount_missing",))


def test_a_decision_above_her_limit_waits_for_another() -> None:
    """An agent's generous word would pay before anyone with the limit has signed."""
    world = proposed(149000, needs_person=True)
    world.tell(
        person_decides(
            world, "agent-bjork", GestureWanted(kind="refund", amount_minor=149000, currency="NOK")
        )
    )
    world.fires("payments_seen")
    assert (
        world.kinds()[-1],
        world.last().approval,
        world.pending("book"),
    ) == ("RecoveryProposed", "team_lead", [])
    assert world.kinds()[-2] == "RecoveryAdjusted"
    world.tell(given(world, "agent-bjork"))
    assert world.pending("book") == [], "she would sign her own decision"
    world.tell(given(world, "lead-gran"))
    assert [effect.payload["amount_minor"] for effect in world.pending("book")] == [149000]


def decides(world: World, actor: str, *, amount_minor: int, complaint_id: str = "c-1") -> None:
    """A colleague decides on a refund, and the payments are looked at."""
    wanted = GestureWanted(kind="refund", amount_minor=amount_minor, currency="NOK")
    world.tell(person_decides(world, actor, wanted, complaint_id=complaint_id))
    world.fires("payments_seen")


def test_a_sum_that_is_split_over_decisions_stays_one_sum() -> None:
    """An agent could pass her own limit in steps that each are small enough."""
    world = proposed(149000, needs_person=True)
    decides(world, "agent-bjork", amount_minor=20000)
    assert [effect.payload["amount_minor"] for effect in world.pending("book")] == [20000]
    decides(world, "agent-bjork", amount_minor=40000)
    assert (world.last().approval, len(world.pending("book"))) == ("team_lead", 1)
    world.tell(given(world, "lead-gran"))
    assert sorted(int(str(e.payload["amount_minor"])) for e in world.pending("book")) == [20000] * 2


def test_a_sum_that_is_split_over_complaints_stays_one_sum() -> None:
    """An agent could give one complainant far more than her limit, a complaint at a time."""
    world = proposed(19900, needs_person=True)
    decides(world, "agent-bjork", amount_minor=19900)
    again = order(19900, reference="pay-2", id="order-2")
    world.tell(triaged("c-2", order=again, severity="low", needs_person=True))
    decides(world, "agent-bjork", amount_minor=19900, complaint_id="c-2")
    assert (world.last().approval, len(world.pending("book"))) == ("team_lead", 1)


def test_what_another_signed_or_long_ago_is_not_held_against_her() -> None:
    """One large decision would take a colleague's limit away for good."""
    world = proposed(149000, needs_person=True)
    decides(world, "agent-bjork", amount_minor=20000)
    world.now += timedelta(days=policy().recovery.own_limit_days, seconds=1)
    decides(world, "agent-bjork", amount_minor=40000)
    assert (world.last().approval, len(world.pending("book"))) == ("person", 2)
    decides(world, "agent-hassel", amount_minor=60000)
    assert len(world.pending("book")) == 3


@pytest.mark.parametrize(
    ("actor", "category", "expected"),
    [
        ("lead-gran", "not_upheld", ("RecoveryFailed", ("appeal_to_another",))),
        ("lead-gran", "partly_upheld", ("RecoveryFailed", ("appeal_to_another",))),
        ("agent-bjork", "not_upheld", ("RecoveryRejected", ("decided_by_person",))),
    ],
)
def test_after_a_refused_signature_another_person_says_the_second_no(
    actor: str, category: str, expected: tuple[str, tuple[str, ...]]
) -> None:
    """An appeal would be turned down by the one who turned it down before."""
    world = proposed()
    world.tell(declined(world, "lead-gran"))
    world.tell(person_decides(world, actor, category=category))
    assert expected == (world.kinds()[-1], world.last().reasons)


def test_whoever_refused_to_sign_may_still_say_yes() -> None:
    """A leader could not make good what she had turned down."""
    world = proposed()
    world.tell(declined(world, "lead-gran"))
    wanted = GestureWanted(kind="refund", amount_minor=149000, currency="NOK")
    world.tell(person_decides(world, "lead-gran", wanted))
    world.fires("payments_seen")
    assert len(world.pending("book")) == 1


def test_whoever_said_no_does_not_refuse_the_signature_of_the_appeal() -> None:
    """A second proposal would be stopped by the same person, by another way."""
    world = proposed()
    world.tell(declined(world, "lead-gran"))
    wanted = GestureWanted(kind="refund", amount_minor=149000, currency="NOK")
    world.tell(person_decides(world, "agent-bjork", wanted))
    world.fires("payments_seen")
    world.tell(declined(world, "lead-gran"))
    assert [r.code for r in world.of(RecoveryApprovalRefused)] == ["appeal_to_another"]
    world.tell(declined(world, "manager-eik"))
    assert world.kinds()[-1] == "RecoveryRejected"
