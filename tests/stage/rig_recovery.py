"""The recovery service whole, but for the broker: its stage, its ledger, its dispatcher."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from services.recovery.app import build
from services.recovery.gestures.book import Book
from services.recovery.gestures.stripe import Stripe
from services.recovery.policy import Policy
from shared.contracts.codec import decode, encode
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.recoveries import RecoveryEvent
from shared.contracts.submitted import Payment
from shared.contracts.topics import RECOVERIES, TRIAGED, topic_of
from shared.ledger.tables import effects
from shared.settings import Settings
from shared.stage.dispatcher import Dispatcher
from shared.stage.effects import Performer
from shared.stage.memory import MemoryLog, MemoryWorker
from shared.stage.runner import Runner
from shared.stage.stage import Stage
from tests.core.recovery_world import START, order, policy, triaged
from tests.fake_stripe import FakeStripe
from tests.stage.ledgers import opened

PARTITIONS = 4
CALL_S = 0.25  # how long our way to the fake waits for an answer


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    """A provider that answers."""
    with FakeStripe().running() as running:
        yield running


@pytest.fixture
async def provider(fake: FakeStripe) -> AsyncIterator[Stripe]:
    """Our way to it."""
    made = Stripe("sk_test", url=fake.url, call_s=CALL_S)
    yield made
    await made.close()


def with_stripe() -> Policy:
    """The policy that ships, with payments that begin with "pi_" going back by Stripe."""
    known = policy()
    recovery = known.recovery.model_copy(update={"providers": {"stripe": ("pi_",)}})
    return known.model_copy(update={"recovery": recovery})


def ledger_in(folder: Path, database_url: str = "") -> AbstractContextManager[Engine]:
    """Recovery's own ledger, migrated."""
    return opened(folder, database_url, service="recovery")


@dataclass
class Service:
    """Recovery at work on a log in memory."""

    engine: Engine
    folder: Path
    performers: Mapping[str, Performer] = field(default_factory=dict)
    rules: Policy = field(default_factory=with_stripe)
    database_url: str = ""

    def __post_init__(self) -> None:
        """Built as the service builds itself, with our performers in place of the world's."""
        stage = build(Settings(state_dir=self.folder, database_url=self.database_url))
        ours = {**stage.performers, **self.performers}
        self.stage: Stage[Policy] = replace(stage, policy=self.rules, performers=ours)
        self.log = MemoryLog(PARTITIONS)
        self.runner = Runner(self.stage, self.engine, sink=self.log, partitions=PARTITIONS)
        self.worker = MemoryWorker(self.log, self.runner, range(PARTITIONS))
        self.dispatcher = Dispatcher(self.stage, self.engine, self.log, lambda: self.runner.claims)

    async def hears(self, *events: Event[Contract]) -> None:
        """Decide on these."""
        if not self.runner.claims:
            await self.worker.join(1)
        await self.log.send([encode(event) for event in events])
        await self.worker.drain()

    async def rounds(self, times: int, *, kind: str) -> None:
        """Look after what is due, and let the waits of this kind be over after each look."""
        for _ in range(times):
            while await self.dispatcher.round():
                await self.worker.drain()
            with self.engine.begin() as connection:
                connection.execute(
                    update(effects).where(effects.c.kind == kind).values(next_at=0.0)
                )

    def close(self) -> None:
        """Let go of the engine that the service opened for itself."""
        book = self.stage.performers["book"]
        assert isinstance(book, Book)
        book.engine.dispose()

    def open(self, kind: str) -> int:
        """How many effects of a kind have not come to an end."""
        unfinished = effects.c.state.in_(("pending", "in_flight", "unknown"))
        statement = select(effects.c.key).where((effects.c.kind == kind) & unfinished)
        with self.engine.begin() as connection:
            return len(connection.execute(statement).all())

    def said(self) -> dict[str, list[RecoveryEvent]]:
        """What was said of each complaint's recovery, in order."""
        found: dict[str, list[RecoveryEvent]] = {}
        for event in map(decode, self.log.all(RECOVERIES.name)):
            if isinstance(event.data, RecoveryEvent):
                found.setdefault(event.data.complaint_id, []).append(event.data)
        return found


def about(data: Contract, key: str, *, event_id: str, topic: str = "") -> Event[Contract]:
    """An event of one complainant."""
    where = topic or topic_of(type(data)).name
    return Event(id=event_id, source="test", key=key, time=START, data=data, topic=where)


def refunds(
    count: int, *, reference: str = "pi", amount_minor: int = 19900
) -> Iterable[Event[Contract]]:
    """Calm complaints, each of somebody else about something small that a machine may refund."""
    for number in range(count):
        paid = Payment(
            reference=f"{reference}_{number}",
            amount_minor=amount_minor,
            currency="NOK",
            paid_at=START,
        )
        data = triaged(f"c-{number}", severity="low", order=order(payments=(paid,)))
        yield about(data, f"who-{number}", event_id=f"triaged-{number}", topic=TRIAGED.name)
