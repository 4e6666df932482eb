"""A recovery's life: given a proposal, when people and the world speak, then this and no more."""

from datetime import timedelta

import pytest

from services.recovery.model import standing_from
from shared.contracts.cases import CaseClosed, CaseWithdrawn, GestureWanted
from shared.contracts.inbox import EffectOutcome, ProviderEvent
from shared.contracts.promises import PromiseBroken, PromiseKept, PromiseMade
from shared.contracts.recoveries import RecoveryApprovalRefused, RecoveryEvent
from shared.contracts.registered import ChoiceMade
from tests.core.recovery_world import (
    World,
    declined,
    done,
    given,
    order,
    person_decides,
    triaged,
)


def proposed(amount_minor: int = 149000, **fields: object) -> World:
    """A world where a refund waits for a signature."""
    world = World()
    world.tell(triaged(order=order(amount_minor), severity="low", **fields))
    return world


def refusals(world: World) -> list[str]:
    """The codes of refused signatures."""
    return [each.code for each in world.of(RecoveryApprovalRefused)]


def versions(world: World) -> list[int]:
    """The versions in the order they were said."""
    return [each.version for each in world.of(RecoveryEvent)]


@pytest.mark.parametrize(
    ("amount_minor", "actor", "expected"),
    [
        (149000, "lead-gran", []),
        (149000, "manager-eik", []),
        (149000, "agent-bjork", ["over_limit"]),
        (149000, "finance-lind", ["over_limit"]),
        (149000, "nobody", ["unknown_person"]),
        (649000, "lead-gran", ["over_limit"]),
        (649000, "manager-eik", []),
    ],
)
def test_who_may_sign_what(amount_minor: int, actor: str, expected: list[str]) -> None:
    """Somebody would sign above her limit, or could not sign within it."""
    world = proposed(amount_minor)
    world.tell(given(world, actor))
    assert (expected, not expected) == (refusals(world), bool(world.pending("book")))


def test_a_signature_settles_once() -> None:
    """A repeated approval would pay twice, or go unanswered."""
    world = proposed()
    first = given(world, "lead-gran")
    world.tell(first)
    world.tell(first)
    assert (refusals(world), len(world.pending("book"))) == (["repeated"], 1)


def test_a_signature_for_an_older_version_has_no_effect() -> None:
    """Somebody would sign what she has not seen."""
    world = proposed()
    world.tell(given(world, "lead-gran", seen_version=0))
    assert refusals(world) == ["stale_version"]


def test_nobody_signs_her_own_decision() -> None:
    """Requester and approver would be the same person."""
    world = proposed(649000)
    world.tell(
        person_decides(
            world, "lead-gran", GestureWanted(kind="refund", amount_minor=600000, currency="NOK")
        )
    )
    world.fires("payments_seen")
    world.tell(given(world, "lead-gran"))
    world.tell(given(world, "manager-eik"))
    assert (refusals(world), len(world.pending("book"))) == (["self_approval"], 1)


def test_a_no_needs_a_reason_and_a_name() -> None:
    """A complaint would be turned down by nobody, or for nothing."""
    world = proposed()
    world.tell(declined(world, "lead-gran", reason=" "))
    world.tell(declined(world, "lead-gran"))
    last = world.last()
    assert (
        refusals(world),
        last.result.category,
        last.decided_by,
    ) == (["reason_missing"], "not_upheld", "person:lead-gran")
    assert world.claimed == {"payment:pay-1": 0}


def test_silence_never_approves() -> None:
    """Money would leave because nobody answered."""
    world = proposed()
    seen = world.last()
    world.fires("approval_silence")
    assert (world.kinds(), world.pending("book")) == (["RecoveryProposed"] * 2, [])
    assert standing_from(world.memories[-1].data["standing"]).silences == 1
    assert world.last().reasons[-1] == "approval_silent", "the fallback is asked, too"
    late = given(world, "lead-gran", seen_version=seen.version)
    world.tell(late)
    assert len(world.pending("book")) == 1, "nothing that she saw has changed"


def test_money_is_settled_when_finance_has_paid_and_not_before() -> None:
    """A recovery would be called settled while the money is still pending."""
    world = proposed(19900)
    assert world.kinds() == ["RecoveryApproved", "PromiseMade"]
    world.comes_back(world.pending("book")[0])
    assert world.kinds()[2:] == ["PromiseKept", "RecoverySettled"]
    assert (versions(world), world.last().gestures[0].state) == ([1, 2], "posted")


@pytest.mark.parametrize(
    ("reference", "simulated"), [("simulated-finance-clerk/1", True), ("bok-1", None)]
)
def test_a_simulated_clerk_is_named_so_in_what_is_settled(
    reference: str, *, simulated: bool | None
) -> None:
    """A demo's payout would be booked as money that moved, or a real one as play."""
    world = proposed(19900)
    book = world.pending("book")[0]
    world.tell(
        EffectOutcome(
            effect_key=book.key,
            kind=book.kind,
            complaint_id=book.complaint_id,
            state="posted",
            provider_reference=reference,
            at=world.now,
        )
    )
    gesture = world.last().gestures[0]
    assert (gesture.provider_reference, gesture.simulated) == (reference, simulated)


def test_a_failed_payout_goes_to_a_person_and_frees_the_payment() -> None:
    """A failed refund would be lost, or its sum would stay claimed for ever."""
    world = proposed(19900)
    world.comes_back(world.pending("book")[0], "failed")
    assert (world.kinds()[-1], world.last().outcome) == ("RecoveryFailed", "with_person")
    assert world.claimed == {"payment:pay-1": 0}


def test_an_unknown_payout_frees_nothing() -> None:
    """Money that may have left would be paid again."""
    world = proposed(19900)
    book = world.pending("book")[0]
    world.comes_back(book, "unknown")
    assert world.claimed == {"payment:pay-1": 19900}
    world.comes_back(book, "posted")
    assert world.kinds()[-1] == "RecoverySettled"


def test_money_that_came_back_is_reversed() -> None:
    """A refund that failed after it had succeeded would stand in the books for ever."""
    world = proposed(19900)
    book = world.pending("book")[0]
    world.comes_back(book)
    world.tell(
        ProviderEvent(
            provider="book",
            provider_reference="p-1",
            effect_key=book.key,
            state="failed",
            at=world.now,
        )
    )
    assert (world.kinds()[-1], world.last().gestures[0].state) == ("RecoveryReversed", "voided")
    assert world.claimed == {"payment:pay-1": 0}


def test_a_broken_promise_is_reported_once() -> None:
    """A late payout would pass in silence, or be reported as kept."""
    world = proposed(19900)
    book = world.pending("book")[0]
    world.fires("promise_due")
    world.now += timedelta(days=1)
    world.comes_back(book)
    assert tuple(len(world.of(kind)) for kind in (PromiseMade, PromiseBroken, PromiseKept)) == (
        1,
        1,
        0,
    )


def test_a_task_is_done_by_a_person() -> None:
    """A replacement would be called done before anyone has sent it."""
    world = World()
    world.tell(triaged(remedy_sought="replacement", order=order(19900), category="product"))
    task = next(each for each in world.last().gestures if each.kind == "replacement")
    assert task.state == "pending"
    world.tell(done(world, task.gesture_id))
    assert world.kinds()[-2:] == ["PromiseKept", "RecoverySettled"]


def test_a_second_complaint_on_the_same_payment_goes_to_a_person() -> None:
    """The same payment would be refunded twice."""
    world = proposed(19900)
    world.tell(triaged("c-2", order=order(19900), severity="low"))
    assert (
        world.last().outcome,
        "payment_reserved" in world.last().reasons,
    ) == ("with_person", True)
    world.tell(given(world, "lead-gran"))
    world.fires("payments_seen")
    assert (refusals(world), len(world.pending("book"))) == (["over_paid"], 1)


def test_closing_ends_what_a_person_had_and_not_a_machines_yes() -> None:
    """A closed case would leave its recovery open, or close away a right that only needs a name."""
    told = {"case_id": "case-c-1", "actor": "agent-bjork", "role": "agent", "seen_version": 1}
    for needs_person, expected in ((True, "RecoverySettled"), (False, "RecoveryProposed")):
        world = proposed(149000, legal=needs_person)
        world.tell(CaseClosed.model_validate({"complaint_id": "c-1", "at": world.now, **told}))
        assert expected == world.kinds()[-1]


def test_withdrawn_frees_the_payment() -> None:
    """What was taken back would still be proposed."""
    world = proposed()
    told = {"case_id": "case-c-1", "actor": "agent-bjork", "role": "agent", "seen_version": 1}
    world.tell(CaseWithdrawn.model_validate({"complaint_id": "c-1", "at": world.now, **told}))
    assert (world.kinds()[-1], world.claimed) == ("RecoveryExpired", {"payment:pay-1": 0})


@pytest.mark.parametrize(
    ("choice", "version", "expected"),
    [
        ("yes", None, "RecoveryApproved"),
        ("yes", 1, "RecoveryApproved"),
        ("yes", 7, "RecoveryProposed"),
        ("another", 1, "RecoveryProposed"),
    ],
)
def test_an_offer_is_chosen_or_goes_to_a_person(
    choice: str, version: int | None, expected: str
) -> None:
    """A yes would not start the gesture; anything else, or a yes to another offer, would."""
    world = World()
    coaching = order(90000, kind="service", sold="distance")
    world.tell(triaged(category="service", severity="low", remedy_sought="unknown", order=coaching))
    assert world.last().outcome == "offered"
    recovery_id = world.last().recovery_id
    world.tell(
        ChoiceMade.model_validate(
            {
                "complaint_id": "c-1",
                "case_id": "case-c-1",
                "recovery_id": recovery_id,
                "version": version,
                "choice": choice,
            }
        )
    )
    assert expected == world.kinds()[-1]
