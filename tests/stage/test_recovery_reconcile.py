"""The daily control, and what is matched before a held dispatcher goes on."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from services.__main__ import run
from services.recovery import ledger
from services.recovery.gestures.stripe import Stripe
from services.recovery.payouts import export, may_have_left
from services.recovery.reconcile import AtProvider, differences
from shared.contracts.codec import decode
from shared.contracts.inbox import EffectOutcome
from shared.contracts.recoveries import RecoverySettled
from shared.contracts.topics import RECOVERY_INBOX
from shared.ledger.tables import effects
from shared.stage import adopting
from shared.stage.adopting import Told
from tests.fake_stripe import FakeStripe
from tests.stage.rig_recovery import Service, fake, ledger_in, provider, refunds

__all__ = ["fake", "provider"]
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
REFUNDS = 3


@pytest.fixture
async def settled(tmp_path: Path, provider: Stripe) -> AsyncIterator[Service]:
    """A service whose refunds by Stripe are all settled."""
    with ledger_in(tmp_path) as engine:
        service = Service(engine, tmp_path, {"stripe": provider})
        await service.hears(*refunds(REFUNDS))
        await service.rounds(1, kind="stripe")
        yield service
        service.close()


async def found(service: Service, provider: Stripe, *, since: datetime = LONG_AGO) -> list[str]:
    """The codes of what differs."""
    there = [each async for each in provider.made(since)]
    assert all(isinstance(each, AtProvider) for each in there)
    return [each.code for each in differences(service.engine, there, since=since)]


async def test_an_ordinary_day_differs_in_nothing(settled: Service, provider: Stripe) -> None:
    """Finance would be woken every day, and look no more."""
    assert await found(settled, provider) == []


def _gone(fake: FakeStripe) -> None:
    del fake.refunds[0]


def _failed(fake: FakeStripe) -> None:
    fake.refunds[0]["status"] = "failed"


def _more(fake: FakeStripe) -> None:
    fake.refunds[0]["amount"] = 1


def _twice(fake: FakeStripe) -> None:
    fake.refunds.append({**fake.refunds[0], "id": "re_again"})


def _foreign(fake: FakeStripe) -> None:
    fake.refunds.append({**fake.refunds[0], "metadata": {"gesture_id": "nobody knows it"}})


@pytest.mark.parametrize(
    ("happens", "expected"),
    [
        (_gone, ["missing_there"]),
        (_failed, ["missing_there"]),
        (_more, ["amount_differs"]),
        (_twice, ["refunded_twice"]),
        (_foreign, ["unknown_here"]),
    ],
)
async def test_what_the_provider_has_otherwise_is_seen(
    settled: Service,
    provider: Stripe,
    fake: FakeStripe,
    *,
    happens: Callable[[FakeStripe], None],
    expected: list[str],
) -> None:
    """Money would be gone, or paid twice, and nobody would know before the year's end."""
    happens(fake)
    assert await found(settled, provider) == expected


async def test_a_payout_without_its_event_is_seen(settled: Service, provider: Stripe) -> None:
    """Finance's list and the books would drift apart in silence."""
    row = {"payout_id": "p", "complaint_id": "c", "recovery_id": "r", "amount_minor": 1}
    with settled.engine.begin() as connection:
        connection.execute(
            ledger.journal.insert().values(
                entry_id="e", recovery_id="r", gesture_id="p", version=1, transition="settled"
            )
        )
        connection.execute(ledger.payouts.insert().values(**row, currency="NOK", state="confirmed"))
    assert await found(settled, provider) == ["payouts_differ"]


def test_the_command_says_so_by_its_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A nightly job would end green on books that do not add up."""
    monkeypatch.setenv("KULANSE_STATE_DIR", str(tmp_path))
    with ledger_in(tmp_path) as engine:
        assert run(["report", "reconcile"]) == 0
        with engine.begin() as connection:
            lone = {"account": "goodwill", "amount_minor": 100, "currency": "NOK"}
            connection.execute(ledger.postings.insert().values(entry_id="e", line=0, **lone))
    capsys.readouterr()
    assert run(["report", "reconcile", "--json"]) == 1
    assert "entries_unbalanced" in capsys.readouterr().out


async def test_what_the_log_says_was_done_is_not_done_again(
    tmp_path: Path, provider: Stripe, fake: FakeStripe
) -> None:
    """A database from yesterday would pay again what was paid since."""
    with ledger_in(tmp_path) as engine:
        service = Service(engine, tmp_path, {"stripe": provider})
        await service.hears(*refunds(REFUNDS))
        known, *unknown = _keys(engine)
        for key in (known, *unknown[:1]):
            # Paid before the restore, longer ago than the provider keeps a key.
            fake.refunds.append(_refund(engine, key))
        assert adopting.adopt(engine, {known: Told("posted", "re_1"), "other": Told("posted", "x")})
        assert adopting.ask_first(engine, ("stripe",)) == REFUNDS - 1
        await service.rounds(4, kind="stripe")
        service.close()
    per_key = [len(fake.effects(key)) for key in (known, *unknown)]
    assert per_key == [1] * REFUNDS
    assert [call.method for call in fake.journal].count("POST") == 1


async def test_what_was_read_before_it_was_decided_is_told_again(
    tmp_path: Path, provider: Stripe, fake: FakeStripe
) -> None:
    """Read again after a restore, an outcome may come first: its case would wait for ever."""
    with ledger_in(tmp_path / "lost") as engine:
        service = Service(engine, tmp_path / "lost", {"stripe": provider})
        await service.hears(*refunds(REFUNDS))
        await service.rounds(1, kind="stripe")
        outcomes = [decode(record) for record in service.log.all(RECOVERY_INBOX.name)]
        service.close()
    keys = {each.id: str(each.data.model_dump()["effect_key"]) for each in outcomes}
    with ledger_in(tmp_path) as engine:
        service = Service(engine, tmp_path, {"stripe": provider})
        await service.hears(*outcomes)
        await service.hears(*refunds(REFUNDS))
        early = adopting.too_early(engine, keys)
        adopting.take_back(engine, early)
        # Whoever took them back may die before she sends them.
        assert adopting.too_early(engine, keys) == early == {*keys}
        await service.hears(*outcomes)
        assert not adopting.too_early(engine, keys)
        assert adopting.adopt(engine, dict.fromkeys(_keys(engine), Told("posted", "re_1")))
        ends = [said[-1].TYPE for said in service.said().values()]
        await service.rounds(2, kind="stripe")
        service.close()
    assert ends == [RecoverySettled.TYPE] * REFUNDS
    assert [call.method for call in fake.journal].count("POST") == REFUNDS


async def test_an_early_word_that_a_later_one_has_overtaken_is_not_told_again(
    tmp_path: Path, provider: Stripe
) -> None:
    """A refund that had arrived would be unknown again, by what was true before."""
    with ledger_in(tmp_path / "lost") as engine:
        service = Service(engine, tmp_path / "lost", {"stripe": provider})
        await service.hears(*refunds(1))
        await service.rounds(1, kind="stripe")
        came = [decode(record) for record in service.log.all(RECOVERY_INBOX.name)]
        (posted,) = [event for event in came if isinstance(event.data, EffectOutcome)]
        service.close()
    unknown = replace(posted, id="before", data=posted.data.model_copy(update={"state": "unknown"}))
    with ledger_in(tmp_path) as engine:
        service = Service(engine, tmp_path, {"stripe": provider})
        await service.hears(unknown)
        await service.hears(*refunds(1))
        (key,) = _keys(engine)
        assert adopting.too_early(engine, {unknown.id: key, posted.id: key}) == {unknown.id}
        await service.hears(posted)
        assert adopting.too_early(engine, {unknown.id: key, posted.id: key}) == frozenset()
        service.close()


def _keys(engine: Engine) -> list[str]:
    with engine.begin() as connection:
        wanted = select(effects.c.key).where(effects.c.kind == "stripe").order_by(effects.c.key)
        return list(connection.execute(wanted).scalars())


def _refund(engine: Engine, key: str) -> dict[str, object]:
    with engine.begin() as connection:
        row = connection.execute(select(effects).where(effects.c.key == key)).one()
    reference = row.payload.split('"payment_reference":"')[1].split('"')[0]
    return {
        "id": f"re_{key[:4]}",
        "object": "refund",
        "amount": 19900,
        "currency": "nok",
        "payment_intent": reference,
        "status": "succeeded",
        "metadata": {"gesture_id": key},
    }


async def test_open_payouts_are_compared_by_finance_after_a_restore(tmp_path: Path) -> None:
    """A list that the bank already has would go to the bank once more."""
    with ledger_in(tmp_path) as engine:
        service = Service(engine, tmp_path)
        await service.hears(*refunds(2, reference="pay"))
        assert may_have_left(engine) == 2
        await service.rounds(1, kind="book")
        assert len(export(engine).splitlines()) == 1
        assert len(export(engine, again=True).splitlines()) == 3
        service.close()
