"""The stage as it runs, on a log in memory and a real SQLite ledger: batches, effects, books."""

from collections import Counter
from pathlib import Path

from services.recovery import ledger, payouts
from services.recovery.app import build
from shared.contracts.codec import decode, encode
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event, Outgoing
from shared.contracts.orders import OrderFact
from shared.contracts.topics import RECOVERIES, topic_of
from shared.ledger.engine import open_engine
from shared.ledger.migrate import migrate
from shared.settings import Settings
from shared.stage.dispatcher import Dispatcher
from shared.stage.memory import MemoryLog, MemoryWorker
from shared.stage.runner import Runner
from tests.core.recovery_world import START, order, registered, triaged

COMPLAINTS = 40
SUM_MINOR = 19900


def record(data: Contract, *, key: str, number: int) -> Outgoing:
    """An event from another stage, on its topic."""
    topic = topic_of(type(data)).name
    event = Event(f"{type(data).__name__}-{number}", "test", key, START, data, topic=topic)
    return encode(event)


def complaint(number: int) -> list[Outgoing]:
    """One complainant's complaint; the order of every second is a claim that a fact confirms."""
    key = f"key-{number}"
    mine = order(
        SUM_MINOR, id=f"order-{number}", reference=f"pay-{number}", buyer="kari@example.com"
    )
    state = "claimed" if number % 2 else "confirmed"
    told = [
        triaged(f"c-{number}", order=mine, order_state=state, severity="low"),
        registered(f"c-{number}", order=mine, order_state=state),
        OrderFact(order_id=f"order-{number}", order=mine, at=START),
    ]
    return [record(data, key=key, number=number) for data in told]


async def test_forty_complaints_settle_once_and_the_books_balance(tmp_path: Path) -> None:
    """The parts would be right each, and wrong together: lost, paid twice, or out of balance."""
    settings = Settings(state_dir=tmp_path, partitions=2)
    engine = open_engine(settings, "recovery")
    migrate(engine, "recovery")
    log = MemoryLog(2)
    for number in range(COMPLAINTS):
        await log.send(complaint(number))
        # The same again: a resend upstream changes nothing.
        await log.send(complaint(number)[:1])
    runner = Runner(build(settings), engine, sink=log, partitions=2)
    worker = MemoryWorker(log, runner, range(2))
    await worker.join(1)
    dispatcher = Dispatcher(runner.stage, engine, log, lambda: runner.claims)

    async def work() -> None:
        await worker.drain(7)
        while await dispatcher.round():
            await worker.drain(7)

    await work()
    listed = payouts.export(engine)
    assert len(listed.splitlines()) == COMPLAINTS + 1
    assert payouts.confirm(engine, listed.replace(",,,", ",paid,,"))["confirmed"] == COMPLAINTS
    await work()
    events = [decode(each).data for each in log.all(RECOVERIES.name)]
    counted = Counter(type(event).__name__ for event in events)
    assert counted == {"RecoveryApproved": COMPLAINTS, "RecoverySettled": COMPLAINTS}
    with engine.begin() as connection:
        (balance,) = ledger.balance(connection)
        assert ledger.unbalanced_entries(connection) == 0
    engine.dispose()
    paid_minor = COMPLAINTS * SUM_MINOR
    assert (True, paid_minor) == (balance.balanced, balance.settled_minor)
