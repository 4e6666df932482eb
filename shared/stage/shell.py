"""The Faust shell of a stage: app, agent, queue, runner task. The only module with Faust in it
beside the transport.

The agent only hands batches over (`noack`): nothing of Faust's can ack what was not done. On
anything unforeseen the process ends at once; nothing was acked, the next claim tells the rest.
"""

import asyncio
import gc
import os
import sys
import tempfile
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any, cast

import faust
import structlog
import uvloop
from mode.supervisors import CrashingSupervisor

from shared.broker_access import access
from shared.log import where
from shared.settings import Settings
from shared.stage.batch import Batch
from shared.stage.lag import EVERY_S, watch_lag
from shared.stage.rounds import Rounds
from shared.stage.runner import Runner
from shared.stage.transport import NO_CLAIM, RECORDS_MAX, BatchConsumer, BatchTransport
from shared.stage.watchdog import Progress

EXIT_CRASHED = 70
COMMIT_S = 1.0
COLLECT_EVERY = 100_000  # allocations: about one full round's worth
SESSION_S, HEARTBEAT_S, REQUEST_S, REBALANCE_S = 10.0, 3.0, 30.0, 60.0


def crash(error: BaseException) -> None:
    """Say why and end the process now: no `finally` of anyone runs, nothing more is acked."""
    log = structlog.get_logger()
    log.error("crashed", error=type(error).__name__, where=where(error))
    if os.environ.get("KULANSE_DEBUG"):
        traceback.print_exception(error)
    with suppress(OSError):  # the disk of the logs may be what is full
        sys.stderr.flush()
    os._exit(EXIT_CRASHED)


class Shell:
    """One worker of a stage on Kafka."""

    measure_every_s = EVERY_S

    def __init__(self, runner: Runner[Any], settings: Settings, *, group: str) -> None:
        """`group` names the consumer group; changing it reads everything again."""
        self.runner, self.progress = runner, Progress()
        self._waiting = Rounds()
        stage = runner.stage
        self.topics = [*(topic.name for topic in stage.inputs), *stage.more_inputs]
        self.app = _app(settings, group)
        transport = BatchTransport(self.app.conf.broker, self.app, loop=None)
        transport.claim, transport.fetched = self._claim, self.progress.took
        self.app.transport = transport
        self.app.on_partitions_assigned.connect(cast("Any", self._spare))
        self._agent()

    def _agent(self) -> None:
        names = self.topics
        topic = self.app.topic(
            *names, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
        )

        async def hand_over(stream: Any) -> None:
            task = asyncio.create_task(self._rounds())
            task.add_done_callback(_ended)
            async for event in self._events(stream):
                await self._waiting.add(self._batch(event))

        self.app.agent(topic, name="records", supervisor_strategy=CrashingSupervisor)(hand_over)

    def _events(self, stream: Any) -> AsyncIterator[Any]:
        """None is acked because the next one comes: `ack` does it, when the batch is done."""
        return cast("AsyncIterator[Any]", stream.noack().events())

    def _batch(self, event: Any) -> Batch:
        message = event.message
        consumer = cast("BatchConsumer", self.app.consumer)
        records, claim = event.value

        def ack() -> None:
            event.ack()
            self.progress.did(len(records))

        def forget() -> None:
            consumer.forget(message)
            self.progress.did(len(records))

        return Batch(message.partition, records, claim, ack, forget)

    async def _claim(self, logs: Any, claim: int) -> Any:
        try:
            positions = await self.runner.claim(logs, claim)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 -- whatever it is, the process must end
            crash(error)
        self.progress.assigned()
        if self.runner.stopped:
            structlog.get_logger().error("stopped", why=str(self.runner.stopped))
        return positions

    async def _spare(self, _app: faust.App, assigned: set[Any], **_more: Any) -> None:
        """More workers than partitions: nothing is ours (Faust seeks nothing then), yet ready."""
        if not assigned:
            await self._claim({}, NO_CLAIM)

    async def _rounds(self) -> None:
        async for batches in self._waiting.each():
            try:
                await self.runner.run(batches)
            except BaseException as error:  # noqa: BLE001 -- whatever it is, the process must end
                crash(error)


def _ended(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and task.exception() is not None:
        crash(task.exception() or RuntimeError())


def _app(settings: Settings, group: str) -> faust.App:
    return faust.App(
        group,
        broker="kafka://" + settings.bootstrap.replace(",", ";kafka://"),
        broker_credentials=_credentials(settings),
        store="memory://",
        key_serializer="raw",
        value_serializer="raw",
        web_enabled=False,
        datadir=tempfile.mkdtemp(prefix="kulanse-"),
        topic_allow_declare=False,
        topic_disable_leader=True,
        topic_partitions=settings.partitions,
        # Faust's own assignor keeps partition i of every input on one worker only with standbys.
        table_standby_replicas=1,
        stream_wait_empty=True,
        stream_buffer_maxsize=16,
        agent_supervisor=CrashingSupervisor,
        consumer_auto_offset_reset="earliest",
        broker_commit_interval=COMMIT_S,
        broker_session_timeout=SESSION_S,
        broker_heartbeat_interval=HEARTBEAT_S,
        broker_request_timeout=REQUEST_S,
        broker_rebalance_timeout=REBALANCE_S,
        broker_max_poll_records=RECORDS_MAX,
        worker_redirect_stdouts=False,
    )


def _credentials(settings: Settings) -> faust.SASLCredentials | None:
    told = access(settings)
    if "ssl_context" not in told:
        return None
    return faust.SASLCredentials(
        username=told["sasl_plain_username"],
        password=told["sasl_plain_password"],
        mechanism=told["sasl_mechanism"],
        ssl_context=told["ssl_context"],
    )


def calm_collector() -> None:
    """Let the garbage collector look less often: a batch's objects live as long as the batch.

    At the default of 700 allocations it walks them dozens of times for nothing (a third of the
    CPU of intake, measured). What is loaded by now stays for ever and is not walked at all.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_EVERY, 20, 50)


def run_worker(
    shell: Shell, background: Callable[[], Any], *, leave: Callable[[], Awaitable[None]]
) -> None:
    """Run until SIGTERM or SIGINT; `background` is started beside the agent (the dispatcher).

    `leave` is awaited once the last batch is done, before the background is cancelled.
    """

    async def beside() -> None:
        try:
            await background()
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 -- whatever it is, the process must end
            crash(error)

    async def measure() -> None:
        consumer = cast("BatchConsumer", shell.app.consumer)
        await watch_lag(consumer, shell.progress, every_s=shell.measure_every_s)

    async def leaving(_app: faust.App, **_more: Any) -> None:
        await leave()

    shell.app.on_before_shutdown.connect(cast("Any", leaving))
    shell.app.task(beside)
    shell.app.task(measure)
    calm_collector()
    # For Faust's own threads, too: each makes a loop of its own.
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    # Its logging would replace ours: tracebacks, words and all, and aiokafka's debug lines.
    worker = faust.Worker(
        shell.app, loglevel="error", quiet=True, redirect_stdouts=False, override_logging=False
    )
    worker.execute_from_commandline()
