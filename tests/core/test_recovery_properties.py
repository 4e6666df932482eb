"""What holds for every complaint and every order of events."""

from datetime import timedelta
from typing import get_args

from hypothesis import given as for_all
from hypothesis import strategies as st

from services.recovery.core import decide, touches
from shared.contracts.cases import GestureWanted
from shared.contracts.contract import Role, Segment
from shared.contracts.envelope import Event
from shared.contracts.money import Money
from shared.contracts.recoveries import RecoveryEvent
from shared.contracts.submitted import Payment
from shared.contracts.triaged import (
    Abuse,
    Arousal,
    Mood,
    Necessity,
    Phase,
    Remedy,
    Severity,
)
from shared.stage.decision import History
from tests.core.recovery_world import (
    START,
    World,
    declined,
    given,
    order,
    person_decides,
    policy,
    triaged,
)

CATEGORIES = ("delivery", "product", "billing", "contract", "access", "outage", "service", "other")
AMOUNTS = st.sampled_from([0, 1, 4900, 19900, 25000, 25001, 49900, 149000, 200001])
TONES = st.fixed_dictionaries(
    {
        "arousal": st.sampled_from(get_args(Arousal)),
        "sentiment": st.floats(-1, 1),
        "mood": st.sampled_from(get_args(Mood)),
        "abuse": st.sampled_from([each for each in get_args(Abuse) if each != "threat"]),
        "written_form": st.sampled_from(["nb", "nn", "en"]),
    }
)


@st.composite
def payments(draw: st.DrawFn, *, least: int = 0) -> tuple[Payment, ...]:
    """What was paid for an order, along one way or several."""
    return tuple(
        Payment(
            reference=f"pay-{number}",
            amount_minor=amount_minor,
            currency="NOK",
            paid_at=START - timedelta(days=draw(st.integers(0, 20))),
        )
        for number, amount_minor in enumerate(draw(st.lists(AMOUNTS, min_size=least, max_size=3)))
    )


@st.composite
def complaints(draw: st.DrawFn) -> dict[str, object]:
    """Fields of any complaint with any confirmed order; most are what shops mostly hear."""
    kind = draw(st.sampled_from(["anything", "of a consumer", "payable"]))
    if kind == "payable":
        return draw(payable())
    found = draw(anything() if kind == "anything" else of_a_consumer())
    claimed = draw(st.none() | AMOUNTS)
    named = None if claimed is None else Money(amount_minor=claimed, currency="NOK")
    return {**found, "amount_claimed": named}


@st.composite
def anything(draw: st.DrawFn) -> dict[str, object]:
    """All that may be said of a complaint, in any mixture."""
    return {
        "severity": draw(st.sampled_from(get_args(Severity))),
        "role": draw(st.sampled_from(get_args(Role))),
        "segment": draw(st.sampled_from(get_args(Segment))),
        "necessity": draw(st.sampled_from(get_args(Necessity))),
        "phase": draw(st.sampled_from(get_args(Phase))),
        "category": draw(st.sampled_from(CATEGORIES)),
        "remedy_sought": draw(st.sampled_from(get_args(Remedy))),
        "regretted": draw(st.booleans()),
        "order": order(
            payments=draw(payments()),
            refunded_minor=draw(AMOUNTS),
            sold=draw(st.sampled_from([None, "distance", "shop", "door"])),
            kind=draw(st.sampled_from([None, "goods", "service", "digital", "subscription"])),
            delivered_at=draw(st.sampled_from([None, START - timedelta(days=4)])),
        ),
    }


@st.composite
def of_a_consumer(draw: st.DrawFn) -> dict[str, object]:
    """A consumer's thing that is faulty, late or regretted: what most rights are about."""
    return {
        "role": draw(st.sampled_from(["customer", "both"])),
        "severity": draw(st.sampled_from(["low", "medium", "high"])),
        "category": draw(st.sampled_from(["product", "delivery"])),
        "remedy_sought": draw(st.sampled_from(["refund", "replacement", "repair", "unknown"])),
        "regretted": draw(st.booleans()),
        "order": order(
            payments=draw(payments(least=1)),
            sold=draw(st.sampled_from(["distance", "shop"])),
            delivered_at=draw(st.sampled_from([None, START - timedelta(days=4)])),
        ),
    }


@st.composite
def payable(draw: st.DrawFn) -> dict[str, object]:
    """What a machine refunds at once, when order and buyer are right."""
    late, amount_minor = draw(st.booleans()), draw(st.sampled_from([4900, 19900, 25000]))
    claimed = draw(st.sampled_from([None, Money(amount_minor=amount_minor, currency="NOK")]))
    return {
        "role": draw(st.sampled_from(["customer", "both"])),
        "severity": draw(st.sampled_from(["low", "medium"])),
        "category": "delivery" if late else "product",
        "remedy_sought": "refund",
        "regretted": False,
        "order": order(amount_minor, delivered_at=None if late else START - timedelta(days=4)),
        "amount_claimed": claimed,
    }


def value(event: RecoveryEvent | None) -> object:
    """What is given, without ids and states."""
    if event is None:
        return None
    return event.basis, [(each.kind, each.amount_minor) for each in event.gestures]


def weighed(fields: dict[str, object]) -> RecoveryEvent | None:
    """The newest recovery event of a complaint in a world of its own."""
    world = World()
    world.tell(triaged(**fields))
    return world.last() if world.said else None


@for_all(complaints(), TONES)
def test_tone_never_changes_value(fields: dict[str, object], tone: dict[str, object]) -> None:
    """A calm and a furious twin would get different remedies."""
    calm, furious = weighed(fields), weighed({**fields, **tone})
    assert value(calm) == value(furious)
    assert calm is None or furious is None or calm.approval == furious.approval


@for_all(complaints())
def test_a_threat_changes_who_decides_and_never_what(fields: dict[str, object]) -> None:
    """Whoever threatens would be punished by a smaller remedy, or rewarded by a larger one."""
    assert value(weighed(fields)) == value(weighed({**fields, "abuse": "threat"}))


@for_all(complaints())
def test_the_same_event_and_history_give_the_same_decision(fields: dict[str, object]) -> None:
    """A decision could not be made again after a crash."""
    event = Event("e", "test", "someone", START, triaged(**fields))
    history = History(reserved=dict.fromkeys(touches(event), 0))
    assert decide(event, history, policy()) == decide(event, history, policy())


@for_all(complaints())
def test_a_machine_never_says_no(fields: dict[str, object]) -> None:
    """A complaint would be turned down by a rule."""
    event = weighed(fields)
    assert event is None or event.result.category in {"upheld", "undecided"}


@for_all(complaints())
def test_a_machine_signs_within_its_limit(fields: dict[str, object]) -> None:
    """A machine would sign for more than the policy lets it, but for the one exception."""
    event = weighed(fields)
    if event is None or event.approval != "automatic":
        return
    rules = policy().recovery
    most = rules.limits["NOK"].automatic
    if "regretted_small_purchase" in event.reasons:
        most = rules.regretted.below_minor["NOK"]
    assert sum(event.total_minor.values()) <= most


@for_all(payable())
def test_what_is_payable_is_paid(fields: dict[str, object]) -> None:
    """The properties of money that a machine gives would hold of nothing."""
    world = World()
    world.tell(triaged(**fields))
    assert [effect.kind for effect in world.pending("book")] == ["book"]


STEPS = st.lists(
    st.sampled_from(["another", "sign", "decline", "decide", "posted", "failed", "seen", "again"]),
    max_size=14,
)


@for_all(st.sampled_from([19900, 149000, 649000]), STEPS, st.data())
def test_no_order_of_events_pays_more_than_was_paid(
    amount_minor: int, steps: list[str], data: st.DataObject
) -> None:
    """Some interleaving of people, retries and outcomes would refund more than came in."""
    world = World()
    out: dict[str, int] = {}
    world.tell(triaged(severity="low", order=order(amount_minor)))
    for number, step in enumerate(steps):
        pending = {effect.key for effect in world.pending("book")}
        take_step(world, step, number=number, amount_minor=amount_minor, data=data)
        now = {effect.key: effect for effect in world.pending("book")}
        if step == "failed":
            # What failed for certain never left.
            out = {
                key: sum_minor for key, sum_minor in out.items() if key not in pending - set(now)
            }
        out |= {key: int(str(effect.payload["amount_minor"])) for key, effect in now.items()}
        assert sum(out.values()) <= world.reserved.get("payment:pay-1", 0) <= amount_minor
    for recovery_id in {each.recovery_id for each in _events(world)}:
        versions = [each.version for each in _events(world) if each.recovery_id == recovery_id]
        assert list(range(1, len(versions) + 1)) == versions


def _events(world: World) -> list[RecoveryEvent]:
    return [each for each in world.said if isinstance(each, RecoveryEvent)]


def take_step(
    world: World, step: str, *, number: int, amount_minor: int, data: st.DataObject
) -> None:
    """One step of people, retries and outcomes, if it is possible now."""
    books = sorted(world.pending("book"), key=lambda effect: effect.key)
    if step == "another":
        world.tell(triaged(f"c-{number}", severity="low", order=order(amount_minor)))
    elif step == "sign":
        world.tell(given(world, "manager-eik"))
    elif step == "decline":
        world.tell(declined(world, "lead-gran"))
    elif step == "decide":
        wanted = data.draw(st.sampled_from([100, amount_minor // 2 + 1, amount_minor]))
        gesture = GestureWanted(kind="refund", amount_minor=wanted, currency="NOK")
        complaint_id = world.last().complaint_id
        world.tell(person_decides(world, "manager-eik", gesture, complaint_id=complaint_id))
    elif step in {"posted", "failed"} and books:
        world.comes_back(books[0], "posted" if step == "posted" else "failed")
    elif step == "seen" and any(
        effect.payload.get("name") == "payments_seen" for effect in world.effects.values()
    ):
        world.fires("payments_seen")
    elif step == "again":
        world.tell(triaged(severity="low", order=order(amount_minor)), event_id="event-1")
