"""The books and the ways out, on a real SQLite ledger made by the migrations."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError

from services.recovery import ledger, payouts
from services.recovery.books import entries
from services.recovery.gestures.book import Book
from services.recovery.gestures.grant import ALPHABET, Grant, is_code, new_code
from services.recovery.gestures.order_lookup import LOOKS_MAX, OrderLookup
from shared.contracts.cases import GestureWanted
from shared.contracts.envelope import Event
from shared.contracts.inbox import EffectState, ProviderEvent
from shared.contracts.orders import OrderFact
from shared.contracts.submitted import Payment
from shared.errors import Invalid
from shared.ledger.engine import sqlite_engine
from shared.ledger.migrate import migrate
from shared.stage.decision import NOTHING, Effect
from shared.stage.effects import Claimed, Outcome
from tests.core.recovery_world import START, World, order, person_decides, triaged


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Recovery's own SQLite file, migrated."""
    made = sqlite_engine(str(tmp_path / "recovery.db"))
    migrate(made, "recovery")
    yield made
    made.dispose()


def claimed(effect: Effect, attempts: int = 1) -> Claimed:
    """An effect in the dispatcher's hands."""
    return Claimed(
        effect.key, effect.kind, effect.complaint_id, effect.payload, attempts, datetime.now(UTC)
    )


def performed(world: World, engine: Engine) -> Effect:
    """The world's one payout, entered in the book."""
    (effect,) = world.pending("book")
    assert Outcome("in_flight", effect.key) == asyncio.run(Book(engine).perform(claimed(effect)))
    return effect


def booked(world: World, engine: Engine) -> None:
    """Book all that the world has said, as the stage's record transaction does."""
    with engine.begin() as connection:
        ledger.book(connection, [entry for data in world.said for entry in entries(data)])


def balance(engine: Engine) -> list[tuple[int, int, int, int, bool]]:
    """The control sums."""
    with engine.begin() as connection:
        assert ledger.unbalanced_entries(connection) == 0
        return [
            (b.confirmed_minor, b.in_transit_minor, b.journal_minor, b.settled_minor, b.balanced)
            for b in ledger.balance(connection)
        ]


def refund() -> World:
    """A small refund on its way."""
    world = World()
    world.tell(triaged(severity="low", order=order(19900)))
    return world


def test_the_migration_makes_the_tables_that_the_code_uses(engine: Engine) -> None:
    """A column of the code would be missing in the database."""
    with engine.begin() as connection:
        for table in ledger.metadata.sorted_tables:
            assert connection.execute(select(table)).all() == []


def test_a_payout_is_pending_until_finance_confirms(engine: Engine) -> None:
    """Money would be called paid when it was only listed."""
    world, book = refund(), Book(engine)
    effect = performed(world, engine)
    listed = payouts.export(engine)
    assert effect.key in listed
    assert effect.key not in payouts.export(engine)
    assert Outcome("in_flight", effect.key) == asyncio.run(book.ask(claimed(effect)))
    # The list sent back as it was is no answer.
    assert payouts.confirm(engine, listed)["confirmed"] == 0
    answer = f"payout_id,state,provider_reference\r\n{effect.key},paid,bank-1\r\n"
    assert payouts.confirm(engine, answer)["confirmed"] == 1
    assert payouts.confirm(engine, answer)["before"] == 1
    assert Outcome("posted", "bank-1") == asyncio.run(book.ask(claimed(effect)))


def answered(world: World, engine: Engine, *, effect: Effect, said: str) -> None:
    """Finance's line on a payout, and what the dispatcher then hears from the book."""
    payouts.confirm(engine, f"payout_id,state,code\n{effect.key},{said}\n")
    outcome = asyncio.run(Book(engine).ask(claimed(effect)))
    state: EffectState = "posted" if outcome.state == "posted" else "failed"
    assert state == outcome.state
    world.comes_back(effect, state, code=outcome.code)


def test_a_payout_the_bank_rejects_comes_back_to_people(engine: Engine) -> None:
    """The complainant waits for money that the bank sent back, and the books say it left."""
    world = refund()
    answered(world, engine, effect=performed(world, engine), said="rejected,account_closed")
    booked(world, engine)
    last = world.last()
    assert (world.kinds()[-1], last.outcome, last.approval) == (
        "RecoveryFailed",
        "with_person",
        "automatic",
    )
    assert last.reasons[-1] == "account_closed"
    assert balance(engine) == []
    # Asked for again by a person, it is another payout, and the first stays rejected.
    wanted = GestureWanted(kind="refund", amount_minor=19900, currency="NOK")
    world.tell(person_decides(world, "agent-bjork", wanted))
    world.fires("payments_seen")
    answered(world, engine, effect=performed(world, engine), said="paid,")
    booked(world, engine)
    assert world.kinds()[-1] == "RecoverySettled"
    assert balance(engine) == [(19900, 0, 19900, 19900, True)]
    assert world.claimed == {"payment:pay-1": 19900}


def test_half_paid_and_half_rejected_balances_all_the_way(engine: Engine) -> None:
    """The half that left would be paid again, or never be booked."""
    halves = tuple(
        Payment(reference=name, amount_minor=10000, currency="NOK") for name in ("pay-1", "pay-2")
    )
    world, book = World(), Book(engine)
    world.tell(triaged(severity="low", order=order(payments=halves)))
    first, second = world.pending("book")
    for effect in (first, second):
        asyncio.run(book.perform(claimed(effect)))
    answered(world, engine, effect=first, said="paid,")
    answered(world, engine, effect=second, said="rejected,")
    booked(world, engine)
    assert world.kinds()[-1] == "RecoveryFailed"
    assert balance(engine) == [(10000, 10000, 0, 0, True)]
    wanted = GestureWanted(kind="refund", amount_minor=20000, currency="NOK")
    world.tell(person_decides(world, "agent-bjork", wanted))
    world.fires("payments_seen")
    again = performed(world, engine)
    assert (again.payload["amount_minor"], again.payload["payment_reference"]) == (10000, "pay-2")
    answered(world, engine, effect=again, said="paid,")
    booked(world, engine)
    assert balance(engine) == [(20000, 0, 20000, 20000, True)]


def test_the_same_key_is_one_payout(engine: Engine) -> None:
    """A second attempt would pay again, or change a sum that was already entered."""
    world, book = refund(), Book(engine)
    effect = performed(world, engine)
    asyncio.run(book.perform(claimed(effect, 2)))
    other = Effect(effect.key, "book", "c-1", {**effect.payload, "amount_minor": 1})
    assert asyncio.run(book.perform(claimed(other))).code == "key_conflict"
    with engine.begin() as connection:
        assert list(connection.execute(select(ledger.payouts.c.amount_minor)).scalars()) == [19900]


def test_finance_journal_and_settled_agree(engine: Engine) -> None:
    """Σ payouts, Σ journal and Σ settled would drift apart without anybody seeing it."""
    world = refund()
    effect = performed(world, engine)
    payouts.confirm(engine, f"payout_id,state\n{effect.key},paid\n")
    booked(world, engine)
    assert balance(engine) == [(19900, 19900, 0, 0, True)]
    world.comes_back(effect)
    booked(world, engine)
    booked(world, engine)
    assert balance(engine) == [(19900, 0, 19900, 19900, True)]


def test_a_reversal_takes_the_entry_back(engine: Engine) -> None:
    """Money that came back would still stand as paid."""
    world = refund()
    effect = performed(world, engine)
    payouts.confirm(engine, f"payout_id,state\n{effect.key},paid\n")
    world.comes_back(effect)
    world.tell(
        ProviderEvent(
            provider="book",
            provider_reference="bank-1",
            effect_key=effect.key,
            state="failed",
            at=world.now,
        )
    )
    booked(world, engine)
    assert balance(engine) == [(0, 0, 0, 0, True)]


def test_what_was_paid_without_an_event_is_seen(engine: Engine) -> None:
    """A booking that nobody made would balance."""
    world = refund()
    effect = performed(world, engine)
    world.comes_back(effect)
    booked(world, engine)
    assert balance(engine) == [(0, 0, 19900, 19900, False)]


def test_the_books_are_append_only(engine: Engine) -> None:
    """Somebody could change what was booked."""
    world = refund()
    world.comes_back(world.pending("book")[0])
    booked(world, engine)
    for statement in ("UPDATE postings SET amount_minor = 1", "DELETE FROM journal"):
        with pytest.raises(IntegrityError), engine.begin() as connection:
            connection.execute(text(statement))


def test_a_grant_has_one_code_however_often_it_is_tried(engine: Engine) -> None:
    """A retry would give two vouchers, or a code that nobody kept."""
    effect = Effect(
        "gesture-1",
        "grant",
        "c-1",
        {"recovery_id": "r-1", "gesture": "voucher", "amount_minor": 5000, "currency": "NOK"},
    )
    grant = Grant(engine)
    first, second = (asyncio.run(grant.perform(claimed(effect, n))) for n in (1, 2))
    assert ("posted", first) == (first.state, second)
    assert is_code(str(first.provider_reference))


def test_a_slip_of_the_finger_is_no_code() -> None:
    """A mistyped voucher code would be taken for another voucher."""
    code = new_code()
    signs = code.replace("-", "")
    for place, sign in enumerate(signs):
        other = ALPHABET[(ALPHABET.index(sign) + 1) % len(ALPHABET)]
        assert not is_code(signs[:place] + other + signs[place + 1 :])
    assert is_code(code.lower())


def lookup(order_id: str) -> Effect:
    """A look-up of this order."""
    return Effect("lookup-1", "order_lookup", "c-1", {"order_id": order_id})


def test_the_first_fact_of_an_order_wins(engine: Engine) -> None:
    """A later record could rewrite what was paid."""
    facts = [
        OrderFact(order_id="order-1", order=order(sum_minor), at=START)
        for sum_minor in (19900, 99900)
    ]
    decided = [
        (Event(f"fact-{n}", "shop", "order-1", START, fact), NOTHING, ())
        for n, fact in enumerate(facts)
    ]
    with engine.begin() as connection:
        ledger.also_record(connection, decided)
    found = asyncio.run(OrderLookup(engine, None).perform(claimed(lookup("order-1"))))
    assert found.state == "posted"
    assert "19900" in str(found.detail["order"])


def test_an_unknown_order_is_looked_for_a_few_times(engine: Engine) -> None:
    """A fact on its way would be missed, or a look-up would never end."""
    look = OrderLookup(engine, None)
    states = [
        asyncio.run(look.perform(claimed(lookup("nobody"), attempts))).state
        for attempts in range(1, LOOKS_MAX + 1)
    ]
    assert states == ["again"] * (LOOKS_MAX - 1) + ["failed"]


def test_a_file_of_orders_is_an_order_port(engine: Engine, tmp_path: Path) -> None:
    """A shop without Kafka could not confirm its orders, or one bad line would hide the rest."""
    file = tmp_path / "orders.jsonl"
    own = order(19900).model_dump(mode="json", exclude_none=True)
    lines = ["not json", json.dumps({"id": 7}), json.dumps(own)]
    file.write_text("\n".join(lines), encoding="utf-8")
    found = asyncio.run(OrderLookup(engine, file).perform(claimed(lookup("order-1"))))
    assert own == found.detail["order"]


def test_a_spreadsheet_runs_nothing_of_ours() -> None:
    """A payment reference from outside would run as a formula at finance's desk."""
    row = dict.fromkeys(payouts.LISTED, "x") | {"payment_reference": "=cmd|'/c calc'!A0"}
    assert "'=cmd" in payouts.to_csv([row])


@pytest.mark.parametrize(
    "text_", ["", "state\npaid\n", "payout_id\np-1\n", "payout_id,state\np-1,maybe\n"]
)
def test_a_bad_confirmation_says_what_is_wrong(text_: str) -> None:
    """Finance's wrong file would be taken in part, or in silence."""
    with pytest.raises(Invalid):
        payouts.from_csv(text_)
