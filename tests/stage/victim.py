"""A worker of the probe stage as a process of its own, to which trouble comes on request.

It is put together as `shared.stage.main.run` does it; what is to befall it stands in VICTIM, as
JSON (`Orders`). It serves /ready on a port that it writes to `PID.port` in the state folder.
"""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

import orjson
import uvloop

from shared import log
from shared.http import serve_status
from shared.ledger.engine import open_engine
from shared.ledger.migrate import migrate
from shared.settings import Settings
from shared.stage.broker import check_partitions
from shared.stage.dispatcher import Dispatcher
from shared.stage.producer import KafkaSink
from shared.stage.runner import Runner
from shared.stage.shell import COMMIT_S, Shell, run_worker
from shared.stage.transport import BatchTransport, ClaimPartitions, Logs, Positions
from shared.stage.watchdog import PATIENCE_S, watch
from tests.stage.mutants import RUNNERS, AcksFirst, DoesNotWait, sink_of
from tests.stage.probe import probe

VARIABLE = "VICTIM"
# A mutant must be at it long enough for Kafka to hear of its early ack, and to hold what it
# did not wait for until it is killed.
MUTANT_S = 2.5
HANG_S = 3600.0


@dataclass(frozen=True, slots=True)
class Orders:
    """What befalls this worker: `how` is kill, raise, stop (SIGSTOP), pause, hang or deaf
    (reads no more), at `step`.

    `chance`: of an exception after each step, from `seed`. `instance`: a static member, whose
    successor need not wait for the session to end.
    """

    group: str
    step: str = ""
    nth: int = 1
    how: str = "kill"
    chance: float = 0.0
    seed: int = 0
    mutant: str = ""
    dispatching: bool = True
    instance: str = ""
    session_s: float = 6.0
    records_max: int = 500
    stall_patience_s: float = PATIENCE_S
    # The journal answers at once: no need to wait a minute for what a killed worker had in hand.
    lease_s: float = 5.0
    # How long each claim takes, as before a slow ledger.
    claim_s: float = 0.0
    # How often Kafka is told how far we are.
    commit_s: float = COMMIT_S

    def environment(self) -> dict[str, str]:
        """The variable that carries these orders."""
        return {VARIABLE: orjson.dumps(asdict(self)).decode()}


class Fate:
    """The `on_step` that brings the trouble; it says in a file when it did."""

    def __init__(self, orders: Orders, told: Path, deafen: Callable[[], None]) -> None:
        """`told` appears when the step is reached."""
        self.orders, self.told, self.deafen = orders, told, deafen
        self._seen: Counter[str] = Counter()
        self._dice = random.Random(orders.seed)

    def __call__(self, name: str) -> None:
        """Count, and strike when it is time."""
        orders = self.orders
        self._seen[name] += 1
        if self._dice.random() < orders.chance:
            raise RuntimeError("between the steps")
        if name == orders.step and self._seen[name] == orders.nth:
            if orders.how == "deaf":
                # What a poll under way still brings is dropped; said once that is over.
                asyncio.get_running_loop().call_later(MUTANT_S, self.told.write_text, name)
                self.deafen()
                return
            self.told.write_text(name)
            self._strike(orders.how)

    def _strike(self, how: str) -> None:
        if how == "raise":
            raise RuntimeError("between the steps")
        if how in ("pause", "hang"):
            time.sleep(MUTANT_S if how == "pause" else HANG_S)
            return
        os.kill(os.getpid(), signal.SIGKILL if how == "kill" else signal.SIGSTOP)


def main() -> None:
    """Work until told to stop, or until fate strikes."""
    settings = Settings()
    orders = Orders(**orjson.loads(os.environ[VARIABLE]))
    log.configure(settings.log_level)
    stage = probe(settings.state_dir / "journal")
    engine = open_engine(settings, stage.name)
    migrate(engine, stage.name)
    uvloop.run(check_partitions(settings, [topic.name for topic in stage.inputs]))
    AcksFirst.heard_after_s = DoesNotWait.linger_s = MUTANT_S
    sink = sink_of(orders.mutant, KafkaSink(settings))
    runner = RUNNERS[orders.mutant](stage, engine, sink=sink, partitions=settings.partitions)
    dispatcher = Dispatcher(stage, engine, sink, lambda: runner.claims)
    dispatcher.lease_s = orders.lease_s
    told = settings.state_dir / f"{os.getpid()}.told"

    def deafen() -> None:
        consumer = shell.app.consumer
        consumer.pause_partitions(consumer.assignment())

    fate = Fate(orders, told, deafen)

    def on_step(name: str) -> None:
        fate(name)
        if name == "cleared":
            dispatcher.wake()

    runner.on_step = on_step
    shell = _shell(runner, settings, orders=orders)
    watch(shell.progress, lambda: runner.stopped is not None, patience_s=orders.stall_patience_s)
    _serve(shell, settings)
    beside = dispatcher.run if orders.dispatching else _nothing
    run_worker(shell, beside, leave=dispatcher.leave)


def _shell(runner: Runner[None], settings: Settings, *, orders: Orders) -> Shell:
    shell = Shell(runner, settings, group=orders.group)
    shell.app.conf.broker_session_timeout = orders.session_s
    shell.app.conf.broker_heartbeat_interval = orders.session_s / 6
    shell.measure_every_s = orders.stall_patience_s / 4
    shell.app.conf.broker_commit_interval = orders.commit_s
    shell.app.conf.broker_max_poll_records = orders.records_max
    if orders.claim_s:
        transport = cast("BatchTransport", shell.app.transport)
        transport.claim = _slowly(transport.claim, orders.claim_s)
    if orders.instance:
        shell.app.conf.consumer_group_instance_id = orders.instance
    return shell


def _slowly(claim: ClaimPartitions, seconds: float) -> ClaimPartitions:
    async def claimed(logs: Logs, generation: int) -> Positions:
        await asyncio.sleep(seconds)
        return await claim(logs, generation)

    return claimed


def _serve(shell: Shell, settings: Settings) -> None:
    def why_not_ready() -> str:
        if shell.runner.stopped:
            return f"stopped: {shell.runner.stopped}"
        return "" if shell.progress.ready else "no partitions assigned yet"

    port = serve_status("127.0.0.1", 0, why_not_ready=why_not_ready)
    (settings.state_dir / f"{os.getpid()}.port").write_text(str(port))


async def _nothing() -> None:
    return


if __name__ == "__main__":
    main()
