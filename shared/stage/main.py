"""What every service's `__main__` calls: the same verbs for every stage.

`python -m services.triage` (or `run`) works; `migrate` brings the tables up to date; `door`
serves the service's door where it has one.
"""

import asyncio
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import structlog
import uvloop

from shared import log
from shared.contracts.topics import topic_named
from shared.errors import Refused
from shared.http import serve_status
from shared.ledger.engine import open_engine
from shared.ledger.migrate import migrate
from shared.metrics.board import Board, Rows
from shared.settings import Settings
from shared.stage import controls
from shared.stage.batch import Plan
from shared.stage.broker import check_partitions, ensure_topics
from shared.stage.dispatcher import Dispatcher
from shared.stage.gauges import watch_ledger
from shared.stage.measuring import Measure
from shared.stage.patience import patiently, retries_told_without_words
from shared.stage.producer import KafkaSink
from shared.stage.runner import Runner, Sink
from shared.stage.shell import Shell, run_worker
from shared.stage.spans import open_spans
from shared.stage.stage import Stage
from shared.stage.watchdog import watch
from shared.vault.opening import MAKER, open_vault

Build = Callable[[Settings], Stage[Any]]
Door = Callable[[Settings, Board], None]
EXIT_REFUSED = 78  # configuration: starting again will not help


def _no_step(_step: str) -> None:
    return


@dataclass(frozen=True, slots=True)
class Made:
    """Of what a worker is made; the audit puts worse ones in their place, and must notice.

    `on_step` hears each step of a batch: where the audit strikes.
    """

    runner: type[Runner[Any]] = Runner
    sink: Callable[[Settings], Sink] = KafkaSink
    shell: type[Shell] = Shell
    on_step: Callable[[str], None] = _no_step


USUALLY = Made()


def main(build: Build, *, door: Door | None = None) -> None:
    """Run one verb of a service; ends the process with an exit code."""
    settings = Settings()
    log.configure(settings.log_level)
    retries_told_without_words()
    verb = sys.argv[1] if len(sys.argv) > 1 else "run"
    try:
        _do(verb, build, door=door, settings=settings)
    except Refused as refused:
        structlog.get_logger().error("refused", code=refused.code, message=str(refused))
        sys.exit(EXIT_REFUSED)


def _do(verb: str, build: Build, *, door: Door | None, settings: Settings) -> None:
    if verb == "run":
        run(build(settings), settings)
    elif verb == "migrate":
        name = build(settings).name
        migrate(open_engine(settings, name), name)
    elif verb == "door" and door is not None:
        _open_door(door, settings)
    else:
        verbs = "run, migrate" + (", door" if door else "")
        raise Refused("unknown_verb", f"There is no verb {verb!r}.", f"Try {verbs}.")


def run(stage: Stage[Any], settings: Settings, *, made: Made = USUALLY) -> None:
    """Wait for database and broker, then work until told to stop."""
    engine = open_engine(settings, stage.name)
    patiently(lambda: migrate(engine, stage.name))
    vault = patiently(lambda: open_vault(settings, stage.name, gone=stage.switches.gone))
    stage = replace(stage, vault=vault)
    names = [topic.name for topic in stage.inputs]
    keyed = [name for name in names if topic_named(name).partitions is None]
    after = uvloop.run(_prepared(stage, settings, names=[*keyed, *stage.more_inputs]))
    if stage.name == MAKER:
        # A copy of the vault that was restored brings back keys that are to stay destroyed.
        patiently(vault.destroy_again)
    sink = made.sink(settings)
    runner = made.runner(stage, engine, sink=sink, partitions=settings.partitions)
    dispatcher = Dispatcher(stage, engine, sink, lambda: runner.claims)
    runner.on_step = made.on_step
    shell = made.shell(runner, settings, group=f"kulanse-{stage.name}")
    watch(shell.progress, lambda: runner.stopped is not None)
    told: list[Callable[[Plan], None]] = [dispatcher.hear]
    spans = open_spans(settings, stage.name)
    if spans is not None:
        told.append(spans.batch)
    if settings.http_port:
        board = Board()
        measure = Measure(stage.name, stage.inputs, board)
        told.append(measure.batch)
        dispatcher.on_finished = measure.finished
        _tell(shell, measure, state_dir=settings.state_dir)
        watch_ledger(stage.name, engine, board=board, own=stage.gauges)
        serve_status(
            settings.http_host,
            settings.http_port,
            why_not_ready=lambda: _why_not_ready(shell),
            board=board,
        )
    runner.on_batch = partial(_tell_all, told)
    following = partial(controls.follow, settings, stage.switches, after=after)
    run_worker(shell, lambda: asyncio.gather(dispatcher.run(), following()), leave=dispatcher.leave)


def _tell_all(told: list[Callable[[Plan], None]], plan: Plan) -> None:
    for tell in told:
        try:
            tell(plan)
        except Exception as error:  # noqa: BLE001 -- the batch itself is done
            structlog.get_logger().error("not_counted", error=type(error).__name__)


def _open_door(door: Door, settings: Settings) -> None:
    """A door's own port is for strangers: what it counts is shown on another."""
    board = Board()
    if settings.http_port:
        serve_status(settings.http_host, settings.http_port, why_not_ready=str, board=board)
    door(settings, board)


def _tell(shell: Shell, measure: Measure, *, state_dir: Path) -> None:
    """What is only asked for when somebody looks."""
    stage, board, progress, runner = measure.stage, measure.board, shell.progress, shell.runner

    def stopped() -> Rows:
        return {(stage, runner.stopped.code): 1.0} if runner.stopped else {}

    def waited() -> Rows:
        return {(stage,): progress.waited_s(time.monotonic(), measure.last_done_age_s())}

    def paused() -> Rows:
        standing = runner.stage.switches.standing()
        return {(stage, word.switch): float(word.paused) for word in standing}

    def free() -> Rows:
        disk = shutil.disk_usage(state_dir if state_dir.exists() else "/")
        return {(stage,): disk.free / disk.total}

    board.ask("kulanse_paused", paused)
    board.ask("kulanse_disk_free_ratio", free)
    board.ask("kulanse_ready", lambda: {(stage,): 0.0 if _why_not_ready(shell) else 1.0})
    board.ask("kulanse_stopped", stopped)
    board.ask("kulanse_partitions", lambda: {(stage,): float(len(runner.claims))})
    board.ask("kulanse_lag_records", lambda: {(stage,): float(progress.lag)})
    board.ask("kulanse_lag_age_seconds", waited)


async def _prepared(stage: Stage[Any], settings: Settings, *, names: list[str]) -> int:
    """Topics are there, partitions fit, what is paused is known; how far `controls` was read."""
    await ensure_topics(settings, [n for n in names if topic_named(n).name != n])
    await check_partitions(settings, names)
    return await controls.read_in_full(settings, stage.switches)


def _why_not_ready(shell: Shell) -> str:
    if shell.runner.stopped:
        return f"stopped: {shell.runner.stopped}"
    return "" if shell.progress.ready else "no partitions assigned yet"
