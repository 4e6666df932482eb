"""All five services on a log in memory and ledgers of their own, without a broker or a door."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from services.desk import app as desk
from services.intake import app as intake
from services.notify import app as notify
from services.recovery import app as recovery
from services.triage import app as triage
from shared.contracts.envelope import Outgoing
from shared.contracts.topics import SUBMITTED
from shared.ledger.engine import open_engine
from shared.metrics.board import Board
from shared.settings import Settings
from shared.stage.dispatcher import Dispatcher
from shared.stage.gauges import look
from shared.stage.main import Build
from shared.stage.measuring import Measure
from shared.stage.memory import MemoryLog, MemoryWorker
from shared.stage.runner import Runner
from shared.vault.opening import open_vault
from tests.ledgers_made import with_tables

Headers = tuple[tuple[str, bytes], ...]
PARTITIONS = 2
BEGAN_MS = 1_794_816_000_000  # 16 November 2026, 08:00 UTC: a Monday
APPS: Mapping[str, Build] = {
    "intake": intake.build,
    "triage": triage.build,
    "recovery": recovery.build,
    "notify": notify.build,
    "desk": desk.build,
}


def last_monday() -> datetime:
    """08:00 UTC of the last Monday that is over, for offers that must still stand today.

    Dispatchers go by the real clock: from then on what falls due in days is due, and no more.
    """
    now = datetime.now(UTC)
    monday = now - timedelta(days=now.weekday() or 7)
    return monday.replace(hour=8, minute=0, second=0, microsecond=0)


class Service:
    """One stage with its worker, its dispatcher and its numbers."""

    def __init__(self, name: str, log: MemoryLog, settings: Settings, *, later_s: float) -> None:
        """`later_s`: how long after the first record the clock of the numbers stands."""
        built = APPS[name](settings)
        vault = open_vault(settings, name, gone=built.switches.gone)
        self.stage = replace(built, vault=vault)
        self.engine = open_engine(settings, name)
        with_tables(self.engine, name)
        runner = Runner(self.stage, self.engine, sink=log, partitions=PARTITIONS)
        self.worker = MemoryWorker(log, runner, range(PARTITIONS))
        self.dispatcher = Dispatcher(self.stage, self.engine, log, lambda: runner.claims)
        self.board = Board()
        measure = Measure(
            name, self.stage.inputs, self.board, clock=lambda: BEGAN_MS / 1000 + later_s
        )
        runner.on_batch, self.dispatcher.on_finished = measure.batch, measure.finished

    async def work(self) -> int:
        """Do what lies there and what is due; how much that was."""
        done = 0
        while count := await self.worker.step() + await self.dispatcher.round():
            done += count
        return done

    def rows(self, name: str) -> dict[tuple[str, ...], float]:
        """A metric's numbers, the ledger's asked now."""
        look(self.stage.name, self.engine, board=self.board, own=self.stage.gauges)
        return self.board.rows(name)


class Everybody:
    """The whole of it."""

    def __init__(self, folder: Path, *, later_s: float = 1.0, began_ms: int = BEGAN_MS) -> None:
        """`folder`: where the ledgers and the outbox lie. `began_ms`: when the log begins."""
        settings = Settings(state_dir=folder, partitions=PARTITIONS, database_url="")
        self.log = MemoryLog(PARTITIONS, began_ms=began_ms)
        self.services = {name: Service(name, self.log, settings, later_s=later_s) for name in APPS}

    async def start(self) -> None:
        """Every worker claims its partitions."""
        for service in self.services.values():
            await service.worker.join(1)

    def submit(
        self, message: object, *, topic: str = SUBMITTED.name, headers: Headers = ()
    ) -> None:
        """Put a message before intake, as a console producer does; bytes as they are."""
        value = message if isinstance(message, bytes) else orjson.dumps(message)
        self.log.append(Outgoing(topic, None, value, headers, partition=0))

    async def work(self) -> None:
        """Until nobody has anything left to do."""
        while sum([await service.work() for service in self.services.values()]):
            pass

    def rows(self, name: str) -> dict[tuple[str, ...], float]:
        """A metric's numbers over all services."""
        found: dict[tuple[str, ...], float] = {}
        for service in self.services.values():
            found |= service.rows(name)
        return found
