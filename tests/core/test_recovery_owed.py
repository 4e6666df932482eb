"""Rights before goodwill, what was asked or more, goodwill within its caps: for any complaint."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from hypothesis import given as for_all
from hypothesis import strategies as st

from services.recovery.model import ALONG_PAYMENT, Matter, Remedy
from services.recovery.rights import right_for
from shared.contracts.money import Money
from shared.contracts.recoveries import Gesture, GestureKind, RecoveryEvent
from shared.contracts.submitted import Order
from tests.core.recovery_world import START, World, order, policy, triaged
from tests.core.test_recovery_properties import complaints, weighed

# What was asked for, and what gives it or more: a cup is filled again, a lost lesson is time.
GIVES: Mapping[object, frozenset[GestureKind]] = {
    "refund": ALONG_PAYMENT,
    "replacement": frozenset({"replacement", "redelivery", "free_refill", "extra_time"}),
    "repair": frozenset({"repair", "extra_time"}),
    "fix": frozenset({"repair", "redelivery", "call_back", "free_refill", "extra_time"}),
    "apology": frozenset({"apology"}),
    # Only a person knows what explains it, or what the damage is worth.
    "explanation": frozenset(),
    "compensation": frozenset(),
}
OWED: Mapping[object, tuple[GestureKind, ...]] = {
    "refund": ("refund", "price_reduction"),
    "replacement": ("replacement", "redelivery"),
    "repair": ("repair",),
}


def is_goodwill(gesture: Gesture) -> bool:
    """A gesture with a value that is booked as kindness."""
    return gesture.account == "goodwill" and gesture.amount_minor > 0


@for_all(complaints())
def test_goodwill_never_takes_the_place_of_what_was_asked(fields: dict[str, object]) -> None:
    """A coupon would be given in the place of the money, the thing or the repair."""
    event = weighed(fields)
    if event is None or fields["remedy_sought"] not in OWED or fields["role"] == "user":
        return
    coupons = [each for each in event.gestures if is_goodwill(each) and each.kind == "voucher"]
    kinds = {each.kind for each in event.gestures}
    assert not coupons or kinds & policy().recovery.rights_only


@for_all(complaints())
def test_what_is_a_right_is_never_called_kindness(fields: dict[str, object]) -> None:
    """Somebody would be thanked with what the law gives her, and her cap of kindness used up."""
    event = weighed(fields)
    matter = Matter.of(triaged(**fields), "key")
    if event is None or fields["remedy_sought"] not in OWED or fields["role"] == "user":
        return
    for gesture in event.gestures:
        if gesture.kind not in OWED[fields["remedy_sought"]]:
            continue
        found = right_for(
            matter,
            Remedy(
                kind=gesture.kind, basis="ex_gratia", amount_minor=event.total_minor.get("NOK", 0)
            ),
            policy=policy(),
        )
        statutory = found is not None and found.person is None and found.rule.basis == "statutory"
        assert not (statutory and event.basis == "ex_gratia")


@for_all(complaints())
def test_nothing_automatic_is_below_what_was_asked(fields: dict[str, object]) -> None:
    """A machine would give less than was asked: a no in disguise."""
    event = weighed(fields)
    sought = fields["remedy_sought"]
    if event is None or event.approval != "automatic" or sought == "unknown":
        return
    given = [each for each in event.gestures if each.kind in GIVES[sought]]
    assert given, f"{sought} was asked for"
    if sought == "refund":
        assert sum(each.amount_minor for each in given) >= asked_minor(fields)


def asked_minor(fields: Mapping[str, object]) -> int:
    """The sum that was named; else one of two equal payments days apart; else all that was paid."""
    claimed, bought = fields["amount_claimed"], fields["order"]
    assert isinstance(bought, Order)
    if isinstance(claimed, Money) and claimed.amount_minor:
        return claimed.amount_minor
    sums = [paid.amount_minor for paid in bought.paid()]
    twice = [each for each in sums if each and sums.count(each) > 1]
    left = sum(max(0, each - bought.refunded_minor) for each in sums)
    return min([*twice, left])


@for_all(
    st.lists(
        st.tuples(st.integers(0, 120), st.sampled_from(["regretted", "faulty"]), st.booleans()),
        min_size=4,
        max_size=14,
    )
)
def test_goodwill_stays_in_its_caps(told: list[tuple[int, str, bool]]) -> None:
    """One complainant would be given more goodwill than the caps, without a person."""
    world = World()
    for number, (day, what, is_dear) in enumerate(sorted(told)):
        world.now = START + timedelta(days=day)
        bought = order(
            49900 if is_dear else 19900,
            reference=f"pay-{number}",
            id=f"order-{number}",
            delivered_at=world.now,
            sold="shop",
        )
        world.tell(
            triaged(
                f"c-{number}",
                order=bought,
                received_at=world.now,
                regretted=what == "regretted",
            )
        )
    caps = policy().recovery.goodwill
    given = given_by_machine(world)
    for moment in {at for at, _ in given}:
        window = [each for at, each in given if moment - timedelta(days=caps.days) < at <= moment]
        assert len(window) <= caps.gestures_max
        assert sum(each.amount_minor for each in window) <= caps.value_minor_max["NOK"]


def given_by_machine(world: World) -> list[tuple[datetime, Gesture]]:
    """Goodwill with a value that nobody signed, and when it was given."""
    return [
        (event.effective_at, gesture)
        for event in world.said
        if isinstance(event, RecoveryEvent)
        for gesture in event.gestures
        if gesture.state == "pending" and is_goodwill(gesture)
    ]


def test_past_the_caps_a_person_decides() -> None:
    """The fifth regretted purchase would be refused, or given without anyone looking."""
    world = World()
    for number in range(5):
        bought = order(
            9900, reference=f"pay-{number}", id=f"order-{number}", sold="shop", delivered_at=START
        )
        world.tell(triaged(f"c-{number}", order=bought, regretted=True))
    last = world.last()
    assert (last.outcome, last.reasons[0], last.result.category) == (
        "with_person",
        "goodwill_cap",
        "undecided",
    )
    assert len(world.pending("book")) == 4
