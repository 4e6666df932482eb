"""A whole installation on loopback with journals around it: provider, relay, and wires that fail.

Real Kafka from jars, SQLite or a real Postgres, every stage and door a process of its own, two of
recovery. Faults are signals to processes that the rig started, wires it cuts, and what the fake
provider and the relay are told to do.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import SecretStr

from services.cli.installation.keys import keys
from services.cli.installation.parts import STAGES, Part, parts
from services.cli.installation.readiness import await_ready
from services.cli.installation.supervisor import Supervisor
from services.cli.installation.wanted import exported
from shared.embedded import Broker, start_broker
from shared.embedded.probe import free_port
from shared.settings import Settings
from shared.stage.broker import ensure_topics
from tests.audit.proxy import HOST, Proxy
from tests.audit.victim import orders
from tests.fake_stripe import FakeStripe
from tests.stage.smtp_faults import Faults, faulty

PARTITIONS = 4
SILENT_S = 1.5  # longer than the performer waits
SECOND = "recovery-2"


@dataclass
class Rig:
    """What a case strikes at. `broker` is the one that runs now; `said` the supervisor's words."""

    settings: Settings
    broker: Broker
    supervisor: Supervisor
    parts: tuple[Part, ...]
    bank: FakeStripe
    relay: Faults
    wire: Proxy
    said: list[str]
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

    def order(self, service: str, where: str) -> Path:
        """Let a service die once at this place; gives the file that appears when it did."""
        path = orders(self.state_dir, service)
        struck = path.with_suffix(".struck")
        struck.unlink(missing_ok=True)
        path.write_text(where, encoding="ascii")
        return struck

    async def all_ready(self) -> None:
        """Return when every part says that it is ready."""
        await await_ready(self.parts, self.supervisor, say=self.said.append)

    async def kill_broker(self, *, away_s: float) -> None:
        """SIGKILL, nothing for so long, then a broker on the same data."""
        port = self.broker.port
        self.signal_broker(signal.SIGKILL)
        await asyncio.to_thread(self.broker.wait)
        self.broker.stop()
        await asyncio.sleep(away_s)
        self.broker = await asyncio.to_thread(
            _broker, self.state_dir, port, told_port=self.wire.port
        )


def _broker(state_dir: Path, port: int, *, told_port: int) -> Broker:
    """Listens on `port`, and tells everybody to come through the proxy."""
    told = {"advertised.listeners": f"BROKER://{HOST}:{told_port}"}
    return start_broker(state_dir / "kafka", port=port, heap_mb=384, properties=told)


@asynccontextmanager
async def rigged(
    folder: Path, database_url: str = "", *, lease_s: float = 60
) -> AsyncIterator[Rig]:
    """The installation, ready; ended afterwards, whatever came."""
    with ExitStack() as stack:
        bank = stack.enter_context(FakeStripe(silent_s=SILENT_S).running())
        relay = Faults({})
        smtp_url = stack.enter_context(faulty(relay))
        wire = stack.enter_context(Proxy(free_port()).running())
        settings = Settings(
            bootstrap=f"{HOST}:{wire.port}",
            database_url=database_url,
            state_dir=folder,
            partitions=PARTITIONS,
            intake_port=free_port(),
            desk_port=free_port(),
            smtp_url=smtp_url,
            stripe_key=SecretStr("sk_test"),
            stripe_url=bank.url,
        )
        stack.enter_context(_environment(settings, lease_s))
        each, said = _parts(settings), list[str]()
        supervisor = Supervisor(each, folder / "logs", said.append)
        broker = await asyncio.to_thread(_broker, folder, wire.target, told_port=wire.port)
        rig = Rig(settings, broker, supervisor, each, bank, relay, wire, said)
        try:
            await ensure_topics(settings)
            rig.api_key, _ = await asyncio.to_thread(keys, settings)
            async with _watched(rig):
                yield rig
        finally:
            broker = rig.broker  # another one than at first, when a case killed that
            await asyncio.to_thread(broker.stop)


@asynccontextmanager
async def _watched(rig: Rig) -> AsyncIterator[None]:
    """Everything runs, and is started again when it ends."""
    await rig.supervisor.start()
    watching = asyncio.create_task(rig.supervisor.watch())
    try:
        await rig.all_ready()
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await asyncio.to_thread(rig.supervisor.stop)


def _parts(settings: Settings) -> tuple[Part, ...]:
    """As `kulanse up` has them, the stages under the audit's hand, and recovery twice."""
    usual = [
        replace(part, module="tests.audit.victim", verb=part.name) if part.name in STAGES else part
        for part in parts(settings)
    ]
    again = next(part for part in parts(settings) if part.name == "recovery")
    return (*usual, replace(again, name=SECOND, module="tests.audit.victim", verb="recovery"))


@contextmanager
def _environment(settings: Settings, lease_s: float) -> Iterator[None]:
    given = {
        **exported(settings),
        "AUDIT_LEASE_S": str(lease_s),
        "KULANSE_DATABASE_URL": settings.database_url,
        "KULANSE_SMTP_URL": settings.smtp_url,
        "KULANSE_STRIPE_KEY": settings.stripe_key.get_secret_value(),
        "KULANSE_STRIPE_URL": settings.stripe_url,
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
