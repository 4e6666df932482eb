"""What is never given, by a machine or by anybody: each row of `forbidden`, for and against."""

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from pydantic import ValidationError

from services.recovery.policy import FitRow, Forbidden, Given, Policy, Recovery, When
from shared.contracts.cases import GestureWanted
from shared.contracts.recoveries import (
    RecoveryApprovalRefused,
    RecoveryApproved,
    RecoveryEvent,
    RecoveryFailed,
)
from shared.contracts.submitted import Order
from tests.core.recovery_world import World, given, order, person_decides, policy, triaged
from tests.core.test_recovery_properties import complaints

COUPONS = {"voucher", "service_credit", "free_refill", "extra_time", "premium_access"}


def generous() -> Policy:
    """A policy whose tables would give everybody a voucher, whatever it is about."""
    voucher = Given(kind="voucher", amount_minor={"NOK": 5000})
    row = FitRow(code="voucher_for_all", when=When(), gives=(voucher,))
    known = policy()
    changed = {"fit": (row,), "beside": (row,), "more": (row,)}
    return known.model_copy(update={"recovery": known.recovery.model_copy(update=changed)})


def weighed(rules: Policy, **fields: object) -> RecoveryEvent:
    """What a complaint is given or proposed."""
    world = World(policy=rules)
    world.tell(triaged(**fields))
    return world.last()


def kinds(event: RecoveryEvent) -> set[str]:
    """The gestures of an event, by kind."""
    return {gesture.kind for gesture in event.gestures}


@pytest.mark.parametrize(
    ("fields", "given_one"),
    [
        ({}, True),
        ({"safety": True}, False),
        ({"segment": "business", "category": "outage"}, False),
        ({"segment": "small_business", "category": "outage"}, False),
        ({"segment": "consumer", "category": "outage"}, True),
        ({"segment": "business", "category": "product"}, True),
    ],
)
def test_no_table_gives_a_coupon_for_danger_or_a_business_outage(
    fields: dict[str, object], *, given_one: bool
) -> None:
    """Somebody who was hurt, or a firm that stands still, would be sent a gift card."""
    event = weighed(generous(), remedy_sought="unknown", order=order(19900), **fields)
    assert bool(kinds(event) & COUPONS) == given_one


@pytest.mark.parametrize("role", ["user", "customer"])
def test_whoever_did_not_pay_is_refunded_nothing(role: str) -> None:
    """A user would be paid what the firm paid."""
    event = weighed(policy(), role=role, order=order(19900))
    assert bool(kinds(event) & {"refund", "price_reduction"}) == (role == "customer")


@pytest.mark.parametrize("kind", ["refund", "price_reduction"])
def test_nobody_refunds_what_was_not_paid(kind: str) -> None:
    """A colleague would pay money back to one who never paid any."""
    world = World()
    world.tell(triaged(order=None, order_state="none"))
    wanted = {"kind": kind, "amount_minor": 10000, "currency": "NOK"}
    world.tell(person_decides(world, "manager-eik", GestureWanted.model_validate(wanted)))
    (failed,) = world.of(RecoveryFailed)
    assert (failed.reasons, world.pending("book")) == (("payment_unknown",), [])


@pytest.mark.parametrize(("amount_minor", "paid"), [(149000, True), (149001, False)])
def test_nobody_refunds_more_than_was_paid(amount_minor: int, *, paid: bool) -> None:
    """A colleague would pay back more than came in, within her own limit."""
    world = World()
    world.tell(triaged(needs_person=True, order=order(149000)))
    wanted = GestureWanted(kind="refund", amount_minor=amount_minor, currency="NOK")
    world.tell(person_decides(world, "manager-eik", wanted))
    world.fires("payments_seen")
    codes = [each.reasons for each in world.of(RecoveryFailed)]
    assert (bool(world.pending("book")), codes) == (paid, [] if paid else [("over_paid",)])


def mended(times: int) -> World:
    """A world where a thing was mended so often, and its owner writes again."""
    world = World()
    for number in range(times):
        world.tell(triaged(f"c-{number}", remedy_sought="repair", order=order(19900)))
        if number:
            world.tell(given(world, "lead-gran"))
    world.tell(triaged("again", remedy_sought="repair", order=order(19900)))
    return world


@pytest.mark.parametrize(("times", "again"), [(1, True), (2, False)])
def test_nobody_mends_the_same_thing_a_third_time(times: int, *, again: bool) -> None:
    """A colleague would promise the third repair, by a signature or a decision of her own."""
    world = mended(times)
    signed = given(world, "lead-gran")
    world.tell(signed)
    refused = [each.code for each in world.of(RecoveryApprovalRefused)]
    assert refused == ([] if again else ["repaired_before"])
    world = mended(times)
    wanted = GestureWanted(kind="repair")
    world.tell(person_decides(world, "lead-gran", wanted, complaint_id="again"))
    failed = [each.reasons for each in world.of(RecoveryFailed)]
    assert failed == ([] if again else [("repaired_before",)])


def test_instead_of_a_third_repair_she_may_have_a_new_thing() -> None:
    """What is refused to a colleague would leave the complainant with nothing."""
    world = mended(2)
    wanted = GestureWanted(kind="replacement")
    world.tell(person_decides(world, "lead-gran", wanted, complaint_id="again"))
    assert kinds(world.of(RecoveryApproved)[-1]) == {"replacement"}


@for_all(complaints(), st.booleans())
def test_no_complaint_gets_what_is_forbidden(fields: dict[str, object], safety: object) -> None:
    """Some mixture would bring together what never belongs together."""
    event = weighed(generous(), **{**fields, "safety": safety, "kind": "complaint"})
    firm = fields["segment"] != "consumer" if "segment" in fields else False
    if safety or (firm and fields["category"] == "outage"):
        assert not kinds(event) & COUPONS
    if fields["role"] == "user":
        assert not kinds(event) & {"refund", "price_reduction", "compensation"}
    if event.approval == "automatic":
        bought = Order.model_validate(fields["order"])
        paid_minor = sum(paid.amount_minor for paid in bought.paid())
        back = [each for each in event.gestures if each.kind in {"refund", "price_reduction"}]
        assert sum(each.amount_minor for each in back) <= paid_minor


@pytest.mark.parametrize("fact", ["not_paid", "above_paid"])
def test_the_rows_that_keep_money_in_bounds_must_stand(fact: str) -> None:
    """A policy owner would take away, or soften, what keeps refunds below what was paid."""
    rows = policy().recovery.forbidden
    soft = [
        row.model_copy(update={"binds": "machine"}) if row.fact == fact else row for row in rows
    ]
    for changed in (soft, [row for row in rows if row.fact != fact]):
        told = policy().recovery.model_dump(mode="json") | {
            "forbidden": [row.model_dump(mode="json") for row in changed]
        }
        with pytest.raises(ValidationError, match=f"{fact} must bind everyone"):
            Recovery.model_validate(told)


@pytest.mark.parametrize(
    "row",
    [
        {"binds": "everyone"},
        {"fact": "not_paid", "safety": True},
        {"fact": "not_paid", "when": {"roles": ["user"]}},
    ],
)
def test_a_row_that_would_never_bind_is_refused(row: dict[str, object]) -> None:
    """A row would look like a rule and hold for nobody."""
    with pytest.raises(ValidationError):
        Forbidden.model_validate({"code": "x", "gives": ["voucher"], **row})
