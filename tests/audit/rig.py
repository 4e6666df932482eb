"""A whole installation on loopback with journals around it: provider, relay, and wires that fail.

Real Kafka from jars, SQLite or a real Postgres, every stage and door a process of its own, two of
recovery. Faults are signals to processes that the rig started, wires it cuts, and what the fake
provider and the relay are told to do. Who counts comes by no such wire.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
from pydantic import SecretStr

from services.cli.installation.keys import keys
from services.cli.installation.parts import STAGES, Part, parts
from services.cli.installation.readiness import SILENT, await_ready, why_not
from services.cli.installation.supervisor import Supervisor
from services.cli.installation.wanted import exported
from shared.embedded import Broker, start_broker
from shared.embedded.probe import free_port
from shared.settings import Settings
from shared.stage.broker import ensure_topics
from tests.audit.database import Database
from tests.audit.disks import KAFKA, LOGS, SIZE_MB, small_disk
from tests.audit.proxy import HOST, Proxy
from tests.audit.victim import orders
from tests.fake_stripe import FakeStripe
from tests.stage.smtp_faults import Faults, faulty

PARTITIONS = 4
SILENT_S = 1.5  # longer than the performer waits
SECOND = "recovery-2"
LOOK_S = 0.1


@dataclass(frozen=True)
class Ports:
    """Where the broker listens: for the services (who are told the wire's), for who counts."""

    services: int = field(default_factory=free_port)
    counting: int = field(default_factory=free_port)
    controller: int = field(default_factory=free_port)

    def properties(self, told: int) -> dict[str, str]:
        """Kafka's own settings."""
        controller = f"{HOST}:{self.controller}"
        return {
            "listeners": f"BROKER://{HOST}:{self.services},COUNTING://{HOST}:{self.counting},"
            f"CONTROLLER://{controller}",
            "advertised.listeners": f"BROKER://{HOST}:{told},COUNTING://{HOST}:{self.counting}",
            "listener.security.protocol.map": "BROKER:PLAINTEXT,COUNTING:PLAINTEXT,"
            "CONTROLLER:PLAINTEXT",
            "controller.quorum.voters": f"1@{controller}",
        }


@dataclass
class Rig:
    """What a case strikes at. `broker` is the one that runs now; `said` the supervisor's words."""

    settings: Settings
    ports: Ports
    supervisor: Supervisor
    parts: tuple[Part, ...]
    bank: FakeStripe
    relay: Faults
    wire: Proxy
    # None on SQLite: there is no wire to it.
    ledger_wire: Proxy | None
    said: list[str]
    broker: Broker
    # What lies on a small disk, if anything does.
    disk: Path | None = None
    api_key: str = ""
    # Set when the case's load is sent: some faults last as long.
    all_sent: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def state_dir(self) -> Path:
        """Where ledgers, logs and the outbox lie."""
        return self.settings.state_dir

    def signal(self, name: str, number: int) -> None:
        """Send a signal to one part."""
        os.kill(self.supervisor.pids[name], number)

    def signal_broker(self, number: int) -> None:
        """Send a signal to the broker."""
        os.kill(self.broker.pid, number)

    def order(self, service: str, what: str) -> Path:
        """Let a service be struck once ("kill recorded"); gives the file that appears then."""
        path = orders(self.state_dir, service)
        struck = path.with_suffix(".struck")
        struck.unlink(missing_ok=True)
        path.write_text(what, encoding="ascii")
        return struck

    async def all_ready(self) -> None:
        """Return when every part says that it is ready."""
        await await_ready(self.parts, self.supervisor, say=self.said.append)

    async def answers(self, name: str) -> bool:
        """Whether a part is so far up that it answers, ready or not: a signal is no surprise."""
        (part,) = (each for each in self.parts if each.name == name)
        async with httpx.AsyncClient(timeout=SILENT_S, trust_env=False) as client:
            return await why_not(client, part) != SILENT

    async def come_again(self, name: str, former: int) -> None:
        """Return when a part that was `former` runs again, as another process."""
        while self.supervisor.pids.get(name, former) == former:  # noqa: ASYNC110 -- a dict
            await asyncio.sleep(LOOK_S)

    async def kill_broker(self, *, away_s: float) -> None:
        """SIGKILL, nothing for so long, then a broker on the same data."""
        self.signal_broker(signal.SIGKILL)
        await asyncio.to_thread(self.broker.wait)
        self.broker.stop()
        await asyncio.sleep(away_s)
        await self.start_broker()

    async def start_broker(self) -> None:
        """Another broker on the same data; the one before has ended."""
        self.broker = await asyncio.to_thread(
            _broker, self.state_dir, self.ports, told=self.wire.port
        )


def _broker(state_dir: Path, ports: Ports, *, told: int) -> Broker:
    """Tells the services to come through the wire."""
    return start_broker(
        state_dir / "kafka", port=ports.services, heap_mb=384, properties=ports.properties(told)
    )


@dataclass(frozen=True)
class Wanted:
    """How an installation is to be: what its services are told beside, and when Kafka comes.

    `own`: what one part alone is told. `small`: what lies on a small disk of its own.
    """

    lease_s: float = 60
    environment: tuple[tuple[str, str], ...] = ()
    broker_late_s: float = 0
    own: tuple[tuple[str, str, str], ...] = ()
    small: str = ""


@asynccontextmanager
async def rigged(folder: Path, database: Database, *, wanted: Wanted) -> AsyncIterator[Rig]:
    """The installation, ready; ended afterwards, whatever came."""
    with ExitStack() as stack:
        bank = stack.enter_context(FakeStripe(silent_s=SILENT_S).running())
        relay, ports = Faults({}), Ports()
        smtp_url = stack.enter_context(faulty(relay))
        wire = stack.enter_context(Proxy(ports.services, kafka=True).running())
        ledger_wire = (
            stack.enter_context(Proxy(database.socket).running()) if database.url else None
        )
        settings = _settings(folder, database, ports=ports, smtp_url=smtp_url, bank=bank)
        told = {"bootstrap": f"{HOST}:{wire.port}"}
        if ledger_wire:
            told["database_url"] = database.through(ledger_wire.port)
        stack.enter_context(_environment(settings.model_copy(update=told), wanted))
        each, said = _parts(settings, wanted), list[str]()
        disk = database.folder
        if wanted.small in (KAFKA, LOGS):
            size_mb = SIZE_MB[wanted.small]
            place = small_disk(folder / wanted.small, size_mb=size_mb, owner=folder)
            disk = stack.enter_context(place)
        supervisor = Supervisor(each, folder / "logs", said.append)
        early = await _without_broker(supervisor, wanted) if wanted.broker_late_s else None
        broker = await asyncio.to_thread(_broker, folder, ports, told=wire.port)
        rig = Rig(
            settings, ports, supervisor, each, bank, relay, wire, ledger_wire, said, broker, disk
        )
        try:
            await ensure_topics(settings)
            rig.api_key, _ = await asyncio.to_thread(keys, settings)
            async with _watched(rig, early):
                yield rig
        finally:
            broker = rig.broker  # another one than at first, when a case killed that
            await asyncio.to_thread(broker.stop)


def _settings(
    folder: Path, database: Database, *, ports: Ports, smtp_url: str, bank: FakeStripe
) -> Settings:
    """As who counts has them: no wire between."""
    return Settings(
        bootstrap=f"{HOST}:{ports.counting}",
        database_url=database.url,
        state_dir=folder,
        partitions=PARTITIONS,
        intake_port=free_port(),
        desk_port=free_port(),
        smtp_url=smtp_url,
        stripe_key=SecretStr("sk_test"),
        stripe_url=bank.url,
    )


async def _without_broker(supervisor: Supervisor, wanted: Wanted) -> "asyncio.Task[None]":
    """Everything is started, and nobody is there to speak with for a while."""
    await supervisor.start()
    watching = asyncio.create_task(supervisor.watch())
    await asyncio.sleep(wanted.broker_late_s)
    return watching


@asynccontextmanager
async def _watched(rig: Rig, early: "asyncio.Task[None] | None") -> AsyncIterator[None]:
    """Everything runs, and is started again when it ends."""
    if early is None:
        await rig.supervisor.start()
    watching = early or asyncio.create_task(rig.supervisor.watch())
    try:
        await rig.all_ready()
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await asyncio.to_thread(rig.supervisor.stop)


def _parts(settings: Settings, wanted: Wanted) -> tuple[Part, ...]:
    """As `kulanse up` has them, the stages under the audit's hand, and recovery twice."""
    usual = [
        replace(part, module="tests.audit.victim", verb=part.name) if part.name in STAGES else part
        for part in parts(settings)
    ]
    again = next(part for part in parts(settings) if part.name == "recovery")
    second = replace(again, name=SECOND, module="tests.audit.victim", verb="recovery")
    return tuple(_told(part, wanted) for part in (*usual, second))


def _told(part: Part, wanted: Wanted) -> Part:
    own = {name: value for who, name, value in wanted.own if who == part.name}
    return replace(part, environment={**part.environment, **own})


@contextmanager
def _environment(told: Settings, wanted: Wanted) -> Iterator[None]:
    given: Mapping[str, str] = {
        **exported(told),
        "AUDIT_LEASE_S": str(wanted.lease_s),
        "KULANSE_DATABASE_URL": told.database_url,
        "KULANSE_SMTP_URL": told.smtp_url,
        "KULANSE_STRIPE_KEY": told.stripe_key.get_secret_value(),
        "KULANSE_STRIPE_URL": told.stripe_url,
        **dict(wanted.environment),
    }
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
