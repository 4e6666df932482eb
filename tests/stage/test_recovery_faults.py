"""A thousand faults of a payment provider: no refund twice, and every case comes to an end."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import JsonValue
from sqlalchemy import Engine, select, update

from services.recovery import ledger
from services.recovery.gestures.stripe import Stripe
from shared.contracts.recoveries import RecoveryEvent, RecoveryFailed, RecoverySettled
from shared.ledger.tables import effects
from shared.stage.effects import Claimed, Outcome
from tests.fake_stripe import FAULTS, Call, FakeStripe, Fault
from tests.stage.rig_recovery import CALL_S, Service, fake, ledger_in, provider, refunds

__all__ = ["fake", "provider"]
SEED, COMPLAINTS, FAULTS_MIN, AMOUNT_MINOR = 20261122, 450, 1_000, 19900
ROUNDS_MAX = 60
# A look has no effect, so nothing can go wrong after it.
EFFECTIVE: frozenset[Fault] = frozenset({"500_after", "500_saved", "wrong_amount", "forgets"})
OF = {"POST": FAULTS, "GET": tuple(fault for fault in FAULTS if fault not in EFFECTIVE)}
DAY = timedelta(days=1)


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Engine]:
    """Recovery's ledger."""
    with ledger_in(tmp_path) as engine:
        yield engine


def troubles(seed: int) -> Callable[[Call], Fault | None]:
    """The first call about a payment always goes wrong, in every way in turn; later ones often."""
    chance, seen = random.Random(seed), Counter[str]()

    def befalls(call: Call) -> Fault | None:
        seen[call.payment] += 1
        if seen[call.payment] == 1:
            return FAULTS[len(seen) % len(FAULTS)]
        return chance.choice(OF[call.method]) if chance.random() < 0.6 else None

    return befalls


def statuses(payment: str) -> str:
    """Most refunds succeed at once, some later, some never."""
    ends = ("pending", "failed", "canceled", *["succeeded"] * 8)
    return ends[int(payment.removeprefix("pi_")) % len(ends)]


async def test_a_thousand_faults_and_no_refund_twice(
    books: Engine,
    tmp_path: Path,
    fake: FakeStripe,
    provider: Stripe,
    figure: Callable[[str], None],
) -> None:  # signature: pytest
    """A timeout, a reset or a forgotten key would cost the shop the money a second time."""
    fake.fault, fake.status, fake.silent_s = troubles(SEED), statuses, CALL_S * 2
    service = Service(books, tmp_path, {"stripe": provider})
    await service.hears(*refunds(COMPLAINTS, amount_minor=AMOUNT_MINOR))
    for _ in range(ROUNDS_MAX):
        await service.rounds(1, kind="stripe")
        if not service.open("stripe"):
            break
    assert service.open("stripe") == 0, "some refund is still on its way"
    faults = Counter(call.fault for call in fake.journal if call.fault)
    assert sum(faults.values()) >= FAULTS_MIN
    per_payment = Counter(str(refund["payment_intent"]) for refund in fake.refunds)
    assert max(per_payment.values()) == 1, "a double effect"
    ends = Counter(end(events[-1], fake) for events in service.said().values())
    assert sum(ends.values()) == COMPLAINTS
    assert ends["settled"] > COMPLAINTS // 2
    figure(f"{sum(faults.values())} faults, 0 double effects: {dict(ends)}; {dict(faults)}")
    check_books(books, fake, settled=ends["settled"])


def end(last: RecoveryEvent, fake: FakeStripe) -> str:
    """How a complaint ended; what it says must be what the provider did."""
    (gesture,) = [each for each in last.gestures if each.provider == "stripe"]
    made = fake.effects(gesture.gesture_id)
    if isinstance(last, RecoverySettled):
        assert [(r["amount"], r["status"]) for r in made] == [(AMOUNT_MINOR, "succeeded")]
        return "settled"
    assert isinstance(last, RecoveryFailed)
    assert last.reasons
    if gesture.state == "manual":
        return f"person:{last.reasons[-1]}"
    assert gesture.state == "failed"
    assert all(refund["status"] in {"failed", "canceled"} for refund in made)
    return f"failed:{last.reasons[-1]}"


def check_books(books: Engine, fake: FakeStripe, *, settled: int) -> None:
    """What the books say left by Stripe is what Stripe says, but for what people have."""
    with books.begin() as connection:
        rows = connection.execute(
            select(ledger.settlements).where(ledger.settlements.c.provider == "stripe")
        ).all()
        assert ledger.unbalanced_entries(connection) == 0
    assert sum(row.amount_minor for row in rows) == settled * AMOUNT_MINOR
    for row in rows:
        assert [refund["status"] for refund in fake.effects(row.gesture_id)] == ["succeeded"]


async def test_a_forgotten_key_is_never_used_again(
    books: Engine, tmp_path: Path, fake: FakeStripe, provider: Stripe
) -> None:  # signature: pytest
    """A provider that has forgotten our key would take an old refund for a new one."""
    fake.fault = lambda call: "500_without" if call.method == "POST" else "503"
    service = Service(books, tmp_path, {"stripe": provider})
    await service.hears(*refunds(1))
    await service.rounds(1, kind="stripe")
    with books.begin() as connection:
        ago = (datetime.now(UTC) - DAY).timestamp()
        connection.execute(update(effects).where(effects.c.kind == "stripe").values(first_at=ago))
    fake.fault = lambda _call: None
    await service.rounds(12, kind="stripe")
    assert [call.method for call in fake.journal].count("POST") == 1
    (events,) = service.said().values()
    assert (events[-1].reasons[-1], events[-1].outcome) == ("key_expired", "with_person")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("succeeded", Outcome("posted", "re_1")),
        ("pending", Outcome("in_flight", "re_1")),
        ("requires_action", Outcome("in_flight", "re_1")),
        ("failed", Outcome("failed", "re_1", code="refund_failed")),
        ("canceled", Outcome("failed", "re_1", code="refund_canceled")),
        ("paused", Outcome("manual", "re_1", code="status_unknown")),
    ],
)
async def test_every_state_of_a_refund_is_known(
    fake: FakeStripe, provider: Stripe, *, status: str, expected: Outcome
) -> None:
    """A refund that waits would be called paid, or one that failed would be waited for."""
    fake.status = lambda _payment: status
    assert await provider.perform(claimed()) == expected


async def test_another_sum_goes_to_a_person(fake: FakeStripe, provider: Stripe) -> None:
    """The books would say what we asked for, not what left."""
    fake.fault = lambda _call: "wrong_amount"
    outcome = await provider.perform(claimed())
    assert outcome == Outcome("manual", "re_1", code="amount_differs")


async def test_a_refund_with_our_key_found_twice_goes_to_a_person(
    fake: FakeStripe, provider: Stripe
) -> None:
    """Money that left twice would look settled."""
    await provider.perform(claimed())
    fake.saved.clear()
    await provider.perform(claimed())
    assert await provider.ask(claimed()) == Outcome("manual", "re_2", code="refunded_twice")


def claimed() -> Claimed:
    """A refund in the dispatcher's hands."""
    payload: dict[str, JsonValue] = {
        "payment_reference": "pi_1",
        "amount_minor": AMOUNT_MINOR,
        "currency": "NOK",
    }
    return Claimed("gesture-1", "stripe", "c-1", payload, 1, datetime.now(UTC))
