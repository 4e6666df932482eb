"""What makes it right: given a matter, when it is weighed, then these gestures on this basis."""

from datetime import timedelta

import pytest

from services.recovery.policy import Policy
from shared.contracts.money import Money
from shared.contracts.recoveries import RecoveryEvent
from shared.contracts.submitted import Payment
from tests.core.recovery_world import START, World, given, order, policy, triaged


def weighed(**fields: object) -> RecoveryEvent:
    """The newest recovery event of one complaint."""
    world = World()
    world.tell(triaged(**fields))
    return world.last()


def money(event: RecoveryEvent) -> list[tuple[str, int]]:
    """The gestures with a value."""
    return [(each.kind, each.amount_minor) for each in event.gestures if each.amount_minor]


def twice(amount_minor: int = 22900, days_apart: int = 1) -> tuple[Payment, Payment]:
    """Two payments of the same sum."""
    first, later = (
        Payment(
            reference=reference,
            amount_minor=amount_minor,
            currency="NOK",
            paid_at=START - timedelta(days=days),
        )
        for reference, days in (("pay-a", 40), ("pay-b", 40 - days_apart))
    )
    return first, later


def nok(amount_minor: int) -> Money:
    """A sum in kroner."""
    return Money(amount_minor=amount_minor, currency="NOK")


def test_regretted_small_purchase_needs_no_signature() -> None:
    """The one exception would wait for a signature, or be less than all that was paid."""
    event = weighed(regretted=True, category="contract", severity="low", order=order(39900))
    assert money(event) == [("refund", 39900)]
    assert (event.basis, event.outcome, event.approval) == ("statutory", "granted", "automatic")


@pytest.mark.parametrize(
    ("amount_minor", "approval"),
    [(25000, "automatic"), (49999, "automatic"), (50000, "team_lead"), (89900, "team_lead")],
)
def test_regretted_purchase_stops_at_its_edge(amount_minor: int, approval: str) -> None:
    """The exception would reach sums that somebody must sign."""
    event = weighed(regretted=True, category="contract", order=order(amount_minor))
    assert approval == event.approval


def test_regretted_too_late_goes_to_a_person() -> None:
    """A machine would refund, or refuse, on day 15; it may do neither."""
    late = order(39900, delivered_at=START - timedelta(days=15))
    event = weighed(regretted=True, category="contract", order=late)
    assert (event.outcome, event.approval) == ("with_person", "person")


@pytest.mark.parametrize(
    ("amount_minor", "approval"),
    [
        (19900, "automatic"),
        (25000, "automatic"),
        (25001, "team_lead"),
        (149000, "team_lead"),
        (200000, "team_lead"),
        (200001, "manager"),
        (649000, "manager"),
    ],
)
def test_limits_say_who_signs_for_a_right(amount_minor: int, approval: str) -> None:
    """A right would be cut down to a limit, or signed by one who may not."""
    event = weighed(order=order(amount_minor), severity="low")
    assert [("refund", amount_minor)] == money(event)
    assert ("statutory", approval) == (event.basis, event.approval)


def test_charged_twice_gives_one_back_along_its_own_payment() -> None:
    """Both payments would go back, or the money would go another way than it came."""
    event = weighed(category="billing", severity="low", order=order(payments=twice()))
    (refund,) = [each for each in event.gestures if each.kind == "refund"]
    assert (
        refund.amount_minor,
        refund.payment_reference,
        event.basis,
        event.approval,
    ) == (22900, "pay-b", "statutory", "automatic")


def test_a_monthly_subscription_is_not_charged_twice() -> None:
    """A month's ordinary payment would be taken for a double charge."""
    event = weighed(category="billing", order=order(payments=twice(days_apart=30)))
    assert (event.outcome, money(event)) == ("with_person", [])


def test_a_fee_for_what_was_not_delivered_as_promised_goes_back() -> None:
    """A promise would be treated as goodwill, or the whole purchase would be refunded."""
    event = weighed(
        category="delivery", severity="low", amount_claimed=nok(14900), order=order(64800)
    )
    assert (money(event), event.basis) == ([("refund", 14900)], "contractual")


def test_the_consumer_chooses_a_replacement() -> None:
    """Money or a coupon would be given in the place of what was asked for."""
    event = weighed(category="delivery", remedy_sought="replacement", order=order(59900))
    assert (
        event.basis,
        [each.kind for each in event.gestures],
    ) == ("statutory", ["replacement", "apology"])


@pytest.mark.parametrize(
    "doubt",
    [
        {"needs_person": True},
        {"safety": True},
        {"legal": True},
        {"privacy": True},
        {"press": True},
        {"abuse": "threat"},
        {"vulnerable": True},
        {"on_behalf": True},
        {"severity": "critical"},
        {"confidence": 0.2},
        {"remedy_sought": "unknown"},
        {"remedy_sought": "compensation"},
        {"amount_claimed": nok(40001)},
        {"amount_claimed": Money(amount_minor=100, currency="EUR")},
        {"order": None, "order_state": "none"},
        {"order_state": "contradicted"},
        {"order": order(39900, refunded_minor=39900)},
        {"segment": "business"},
        {"role": "user"},
        {"category": "billing"},
    ],
    ids=str,
)
def test_what_a_machine_may_not_decide_goes_to_a_person(doubt: dict[str, object]) -> None:
    """A machine would pay, or say no, where only a person may."""
    world = World()
    world.tell(triaged(**{"severity": "low", "order": order(19900), **doubt}))
    assert (world.last().outcome, world.last().approval) == ("with_person", "person")
    assert world.pending("book") == []


def test_a_currency_without_limits_goes_to_a_person() -> None:
    """A machine would sign for money that nobody has set a limit for."""
    paid = Payment(reference="pay-1", amount_minor=1900, currency="ISK", paid_at=START)
    event = weighed(order=order(payments=(paid,)))
    assert (event.approval, "currency_without_limits" in event.reasons) == ("person", True)


def test_whoever_does_not_pay_is_never_refunded() -> None:
    """A user would be promised money that she never paid."""
    event = weighed(role="user", necessity="need_to_have", remedy_sought="refund")
    assert money(event) == []
    assert {"loan_item", "call_back"} <= {each.kind for each in event.gestures}


def test_need_to_have_gets_a_fix_a_name_and_a_time() -> None:
    """A need-to-have lost would be answered by a coupon."""
    event = weighed(
        role="user",
        category="access",
        severity="high",
        necessity="need_to_have",
        remedy_sought="fix",
        order=None,
        order_state="none",
    )
    (call,) = [each for each in event.gestures if each.kind == "call_back"]
    assert (event.outcome, call.due_at is not None, money(event)) == ("granted", True, [])


def test_a_business_outage_gets_its_contact_and_no_voucher() -> None:
    """A stop at a business would be met with a voucher, or with nobody in particular."""
    world = World()
    world.tell(
        triaged(
            segment="business",
            category="outage",
            severity="critical",
            necessity="need_to_have",
            needs_person=True,
            remedy_sought="fix",
            order=None,
            order_state="none",
        )
    )
    kinds = {each.kind for each in world.last().gestures}
    assert ("call_back" in kinds, "voucher" in kinds) == (True, False)
    held = world.memories[-1].data["standing"]["held"]  # type: ignore[index, call-overload]  # JSON
    assert "account_contact" in str(held)


def test_a_third_repair_is_not_a_machines_to_promise() -> None:
    """The same thing would be mended a third time."""
    world = World()
    for number in range(3):
        world.tell(triaged(f"c-{number}", remedy_sought="repair", order=order(19900)))
        if number == 1:
            world.tell(given(world, "lead-gran"))  # the second is a person's to give
    assert (
        world.last().outcome,
        "repaired_before" in world.last().reasons,
    ) == ("with_person", True)


@pytest.mark.parametrize("quiet", [{"kind": "praise"}, {"automatic": True}, {"kind": "question"}])
def test_nothing_to_decide_says_nothing(quiet: dict[str, object]) -> None:
    """Praise, a robot's mail or a question would be answered with a remedy."""
    world = World()
    world.tell(triaged(**quiet))
    assert world.said == []


def test_a_rule_that_was_not_verified_never_decides_alone() -> None:
    """A paragraph nobody has read would move money by machine."""
    event = weighed(category="access", order=order(9900, kind="digital"), amount_claimed=nok(9900))
    assert (event.outcome, "right_not_verified" in event.reasons) == ("with_person", True)


def test_a_missing_fact_is_a_question_and_never_a_no() -> None:
    """A right would be lost because the order does not say when it was delivered."""
    bare = order(19900, delivered_at=None, purchased_at=None)
    event = weighed(order=bare)
    assert (event.outcome, "fact_missing" in event.reasons) == ("with_person", True)


@pytest.mark.parametrize(
    "sought", ["compensation", "replacement", "refund", "repair", "fix", "apology", "explanation"]
)
@pytest.mark.parametrize("kind", ["question", "request"])
def test_questions_and_requests_are_answered_not_made_good(kind: str, sought: str) -> None:
    """Somebody who asks for an invoice would be offered compensation, or a new thing."""
    event = weighed(kind=kind, remedy_sought=sought, needs_person=True, severity="low")
    assert (event.outcome, event.gestures) == ("with_person", ())
    assert f"{kind}_for_person" in event.reasons


def test_a_regretted_purchase_is_a_right_though_it_is_asked_for_politely() -> None:
    """A right would wait for a person because no word of it was a complaint."""
    event = weighed(kind="request", regretted=True, severity="low", order=order(19900))
    assert money(event) == [("refund", 19900)]


@pytest.mark.parametrize("sought", ["repair", "replacement"])
def test_the_consumer_gets_the_one_she_chose(sought: str) -> None:
    """The machine would send a new watch to someone who wants hers mended, or the other way."""
    event = weighed(remedy_sought=sought, severity="low", order=order(19900))
    assert [g.kind for g in event.gestures if g.kind in {"repair", "replacement"}] == [sought]


@pytest.mark.parametrize("sought", ["repair", "replacement"])
def test_a_users_equipment_is_looked_at_with_her(sought: str) -> None:
    """A colleague's broken keyboard would be weighed by the law on finance, or lack an order."""
    lent = {"role": "user", "order": None, "order_state": "none", "severity": "low"}
    event = weighed(remedy_sought=sought, **lent)
    assert [g.kind for g in event.gestures] == ["call_back", "apology"]
    assert (event.outcome, event.reasons[0]) == ("with_person", "user_equipment")


def test_a_missing_order_names_the_law_it_would_be_about() -> None:
    """A broken lamp without an order would be shown to people as a payment service."""
    event = weighed(remedy_sought="repair", order=None, order_state="none", severity="low")
    expected = ("fact_missing", "order_missing", "consumer_repair_or_replacement")
    assert expected == event.reasons


def test_every_right_says_where_it_stands_and_when_that_was_read() -> None:
    """A right in the policy could not be traced to its source."""
    rules: Policy = policy()
    found = [rule for rule in rules.rights() if not (rule.paragraph and rule.source and rule.reads)]
    assert found == []
    assert set(rules.recovery.regimes) == set(rules.regimes)
