"""A person decides on money that cannot be paid: it comes back to people, and nobody is paid."""

import pytest

from shared.contracts.approvals import ApprovalGiven
from shared.contracts.cases import CaseClosed, CaseDecided, GestureWanted
from shared.contracts.recoveries import RecoveryApprovalRefused, RecoveryEvent
from shared.contracts.submitted import Order
from tests.core.recovery_world import World, given, order, person_decides, triaged


def refund(amount_minor: int = 19900, *, reference: str | None = None) -> GestureWanted:
    """A refund as a person asks for it."""
    return GestureWanted(
        kind="refund", amount_minor=amount_minor, currency="NOK", payment_reference=reference
    )


def claimed(told: Order | None) -> World:
    """A complaint that a person has, on an order that was only told of."""
    world = World()
    state = "none" if told is None else "claimed"
    world.tell(triaged(needs_person=True, order=told, order_state=state, severity="low"))
    return world


def looked_up(world: World, found: Order | None) -> None:
    """The order look-up comes back, and then the payments."""
    (effect,) = world.pending("order_lookup")
    if found is None:
        world.comes_back(effect, "failed")
    else:
        world.comes_back(effect, order=found.model_dump(mode="json", exclude_none=True))
    if any(e.payload.get("name") == "payments_seen" for e in world.pending("timer")):
        world.fires("payments_seen")


def failed(world: World) -> tuple[str, tuple[str, ...], list[str]]:
    """What was said last, why, and how its gestures stand."""
    last = world.last()
    return world.kinds()[-1], last.reasons, [gesture.state for gesture in last.gestures]


def closing(world: World) -> CaseClosed:
    """The same person closes."""
    told = {"case_id": "case-c-1", "actor": "agent-bjork", "role": "agent", "seen_version": 1}
    return CaseClosed.model_validate({"complaint_id": "c-1", "at": world.now, **told})


UNKNOWN = ("RecoveryFailed", ("payment_unknown",), ["failed"])


def test_a_refund_without_an_order_fails_and_is_no_promise() -> None:
    """A person's yes would stand as decided, and nobody would pay or know."""
    world = claimed(None)
    world.tell(person_decides(world, "agent-bjork", refund()))
    last = world.last()
    assert failed(world) == UNKNOWN
    assert (last.version, last.outcome, last.approved_by, last.decided_by) == (
        2,
        "with_person",
        None,
        "person:agent-bjork",
    )
    assert (last.total_minor, world.pending("book"), world.of(RecoveryApprovalRefused)) == (
        {},
        [],
        [],
    )


def test_a_decision_before_any_proposal_fails_as_version_one() -> None:
    """A consumer would see a gap, or nothing."""
    world = World()
    world.tell(person_decides(world, "agent-bjork", refund()))
    assert (failed(world), world.last().version) == (UNKNOWN, 1)


def test_an_unconfirmed_order_is_looked_up_and_then_paid() -> None:
    """The shop confirms the order, and the person's decision would still come to nothing."""
    world = claimed(order(19900))
    world.tell(person_decides(world, "agent-bjork", refund()))
    looked_up(world, order(19900))
    assert [e.payload["payment_reference"] for e in world.pending("book")] == ["pay-1"]
    assert world.claimed == {"payment:pay-1": 19900}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (refund(), UNKNOWN),
        (refund(reference="pay-2"), UNKNOWN),
        (
            refund(20000, reference="pay-1"),
            ("RecoveryFailed", ("over_paid",), ["failed"]),
        ),
    ],
)
def test_an_order_nobody_knows_pays_only_as_claimed(
    wanted: GestureWanted, expected: tuple[str, tuple[str, ...], list[str]]
) -> None:
    """Money would leave on an order that was only told of, or more than was told."""
    world = claimed(order(19900))
    world.tell(person_decides(world, "manager-eik", wanted))
    looked_up(world, None)
    assert expected == failed(world)
    assert (world.pending("book"), sum(world.reserved.values())) == ([], 0)


def test_a_named_payment_and_a_signature_pay_what_was_claimed() -> None:
    """A person who has seen the receipt could not pay along it."""
    world = claimed(order(19900))
    world.tell(person_decides(world, "agent-bjork", refund(reference="pay-1")))
    looked_up(world, None)
    assert world.kinds()[-3:-1] == ["RecoveryAdjusted", "RecoveryApproved"]
    assert [e.payload["amount_minor"] for e in world.pending("book")] == [19900]


def test_what_is_recorded_beats_what_was_claimed() -> None:
    """A claim of 249 on a payment of 199 would be paid in full, by a person who believed it."""
    world = claimed(order(24900))
    world.tell(person_decides(world, "manager-eik", refund(24900, reference="pay-1")))
    looked_up(world, order(19900))
    assert failed(world)[:2] == ("RecoveryFailed", ("over_paid",))
    world.tell(person_decides(world, "manager-eik", refund(19900)))
    world.fires("payments_seen")
    assert [e.payload["amount_minor"] for e in world.pending("book")] == [19900]


def test_a_contradicted_claim_is_paid_as_recorded() -> None:
    """The machine's own look-up found another sum; a person would pay the one told."""
    world = World()
    world.tell(triaged(order=order(24900), order_state="claimed", severity="low"))
    looked_up(world, order(19900))
    assert "order_contradicted" in world.last().reasons
    for sum_minor in (24900, 19900):
        world.tell(person_decides(world, "agent-bjork", refund(sum_minor)))
        world.fires("payments_seen")
    assert [e.payload["amount_minor"] for e in world.pending("book")] == [19900]


def test_she_may_decide_again_and_then_it_is_paid() -> None:
    """A mistake would be final."""
    world = claimed(None)
    world.tell(person_decides(world, "agent-bjork", refund()))
    credit = GestureWanted(kind="voucher", amount_minor=19900, currency="NOK")
    world.tell(person_decides(world, "agent-bjork", credit))
    versions = [each.version for each in world.of(RecoveryEvent)]
    assert versions == list(range(1, len(versions) + 1))
    assert [gesture.kind for gesture in world.last().gestures] == ["voucher"]
    assert len(world.pending("grant")) == 1


def test_what_is_on_its_way_goes_on_when_a_later_word_fails() -> None:
    """A payout that finance then pays would never be settled, nor booked."""
    world = World()
    world.tell(triaged(order=order(19900), severity="low"))
    book = world.pending("book")[0]
    world.tell(person_decides(world, "agent-bjork", refund(90000)))
    world.fires("payments_seen")
    assert failed(world) == ("RecoveryFailed", ("over_paid",), ["pending", "posted", "failed"])
    world.comes_back(book)
    assert (world.kinds()[-1], [g.state for g in world.last().gestures]) == (
        "RecoverySettled",
        ["posted", "posted"],
    )


def test_a_newer_word_takes_the_place_of_one_that_waits() -> None:
    """A correction a second later would be refused, and the case would stand as decided."""
    world = World()
    world.tell(triaged(order=order(19900), severity="low", needs_person=True))
    world.tell(person_decides(world, "agent-bjork", refund(19900)))
    world.tell(person_decides(world, "agent-bjork", refund(9900)))
    world.fires("payments_seen")
    world.fires("payments_seen")
    assert [e.payload["amount_minor"] for e in world.pending("book")] == [9900]


def test_a_signer_whose_proposal_was_decided_anew_is_answered() -> None:
    """Her signature would be dropped in silence."""
    world = World()
    world.tell(triaged(order=order(19900), severity="low"))
    world.tell(triaged("c-2", order=order(19900), severity="low"))
    signature: ApprovalGiven = given(world, "lead-gran")
    decision: CaseDecided = person_decides(
        world,
        "agent-bjork",
        GestureWanted(kind="voucher", amount_minor=5000, currency="NOK"),
        complaint_id="c-2",
    )
    world.tell(signature)
    world.tell(decision)
    assert [(r.code, r.actor) for r in world.of(RecoveryApprovalRefused)] == [("late", "lead-gran")]


def test_closing_at_once_does_not_lose_the_money() -> None:
    """Decided and closed within a second, the refund would never be paid."""
    world = World()
    world.tell(triaged(order=order(19900), severity="low", needs_person=True))
    world.tell(person_decides(world, "agent-bjork", refund()))
    world.tell(closing(world))
    world.fires("payments_seen")
    assert [e.payload["amount_minor"] for e in world.pending("book")] == [19900]


def test_what_failed_is_over_when_a_person_closes() -> None:
    """A recovery would stay open for ever when she answered in another way."""
    world = claimed(None)
    world.tell(person_decides(world, "agent-bjork", refund()))
    world.tell(closing(world))
    assert (world.kinds()[-1], world.last().reasons) == ("RecoverySettled", ("closed_by_person",))


def test_a_failed_decision_cannot_be_signed() -> None:
    """Somebody would approve what cannot be paid, and it would look approved."""
    world = claimed(None)
    world.tell(person_decides(world, "agent-bjork", refund()))
    world.tell(given(world, "manager-eik"))
    assert [r.code for r in world.of(RecoveryApprovalRefused)] == ["late"]
