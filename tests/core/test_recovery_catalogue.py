"""Every gesture of the catalogue is paid, granted, said, or done by an owner in time."""

from typing import get_args

import pytest

from services.recovery.model import GRANTS, MONEY_KINDS, TASKS, WORDS
from shared.contracts.cases import GestureWanted
from shared.contracts.inbox import EffectState
from shared.contracts.promises import PromiseKept, PromiseMade
from shared.contracts.recoveries import GestureKind, RecoveryReversed, RecoverySettled
from tests.core.recovery_world import World, done, order, person_decides, policy, triaged

VALUED = MONEY_KINDS | {"voucher", "service_credit"}


def decided(kind: GestureKind) -> World:
    """A manager gives this gesture."""
    world = World()
    world.tell(triaged(needs_person=True, order=order(19900)))
    money = {"amount_minor": 10000, "currency": "NOK"} if kind in VALUED else {}
    wanted = GestureWanted.model_validate({"kind": kind, **money})
    world.tell(person_decides(world, "manager-eik", wanted))
    if any(effect.payload.get("name") == "payments_seen" for effect in world.effects.values()):
        world.fires("payments_seen")
    return world


def test_the_four_kinds_are_the_whole_catalogue() -> None:
    """A new gesture would be nobody's to perform."""
    assert (*sorted(MONEY_KINDS | GRANTS | TASKS | WORDS),) == tuple(sorted(get_args(GestureKind)))
    assert len(get_args(GestureKind)) == sum(map(len, (MONEY_KINDS, GRANTS, TASKS, WORDS)))


@pytest.mark.parametrize("kind", sorted(TASKS))
def test_a_task_has_an_owner_and_a_time(kind: GestureKind) -> None:
    """Somebody would wait for a call that is on nobody's list."""
    world = decided(kind)
    (promise,) = world.of(PromiseMade)
    (gesture,) = world.last().gestures
    assert (promise.kind, promise.owner) == ("task", policy().recovery.tasks[kind].owner)
    assert world.now < promise.due_at
    assert (gesture.state, gesture.due_at, gesture.provider) == (
        "pending",
        promise.due_at,
        "people",
    )
    world.tell(done(world, gesture.gesture_id))
    assert (len(world.of(PromiseKept)), len(world.of(RecoverySettled))) == (1, 1)


@pytest.mark.parametrize("kind", sorted(GRANTS))
def test_what_we_grant_is_issued_now_and_ends_on_a_date(kind: GestureKind) -> None:
    """A voucher or an hour would be good for ever, or nobody could say how much it is."""
    world = decided(kind)
    ((effect,), (end,)) = (world.pending("grant"), world.pending("grant_end"))
    terms = policy().recovery.grants[kind]
    assert (effect.payload["gesture"], effect.payload["units"]) == (kind, terms.units)
    assert bool(terms.units) != bool(effect.payload["amount_minor"])
    assert end.after == effect.key
    assert end.due_at is not None
    assert effect.payload["valid_until"] == end.due_at.isoformat()
    world.comes_back(effect)
    assert world.kinds()[-1] == "RecoverySettled"


@pytest.mark.parametrize("kind", sorted(MONEY_KINDS))
def test_money_is_paid_once_by_a_date(kind: GestureKind) -> None:
    """Money would be decided on and be on nobody's list to pay."""
    world = decided(kind)
    (effect,) = world.pending("book")
    (promise,) = world.of(PromiseMade)
    assert (effect.payload["amount_minor"], promise.kind, promise.owner) == (
        10000,
        "payout",
        "finance",
    )
    world.comes_back(effect)
    assert world.kinds()[-2:] == ["PromiseKept", "RecoverySettled"]


@pytest.mark.parametrize("kind", sorted(WORDS))
def test_words_are_given_when_they_are_said(kind: GestureKind) -> None:
    """An apology would keep a recovery open for ever."""
    assert decided(kind).kinds()[-1] == "RecoverySettled"


@pytest.mark.parametrize(
    ("kind", "state", "detail"),
    [
        ("refund", "failed", {}),
        ("voucher", "posted", {"grant_state": "expired"}),
        ("service_credit", "posted", {"grant_state": "revoked"}),
    ],
)
def test_what_comes_back_is_reversed_once(
    kind: GestureKind, state: EffectState, detail: dict[str, str]
) -> None:
    """A refund that failed later, a voucher over, a credit taken back: the books would keep it."""
    world = decided(kind)
    (effect,) = [*world.pending("book"), *world.pending("grant")]
    world.comes_back(effect)
    assert world.kinds()[-1] == "RecoverySettled"
    back = world.pending("grant_end")[0] if detail else effect
    known = {"grant_id": effect.key, **detail} if detail else {}
    for _ in range(2):
        world.comes_back(back, state, **known)
    (reversal,) = world.of(RecoveryReversed)
    assert [each.state for each in reversal.gestures] == ["voided"]
    assert (reversal.version, reversal.total_minor) == (world.last().version, {})
