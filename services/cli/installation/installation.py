"""A whole installation, from broker to doors: started in order, stopped in reverse, no orphan."""

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from services.cli.bus import hush
from services.cli.failures import BadInput
from services.cli.installation import whereabouts
from services.cli.installation.keys import keys
from services.cli.installation.parts import Part, parts, port_or_free
from services.cli.installation.readiness import await_ready
from services.cli.installation.supervisor import Say, Supervisor
from services.cli.installation.wanted import Wanted, exported
from services.cli.running import find
from shared.embedded import Broker, EmbeddedError, start_broker
from shared.errors import Refused
from shared.settings import Settings
from shared.stage.broker import ensure_topics


@dataclass(frozen=True, slots=True)
class Installation:
    """A running one: every part is ready. `keys`: the command's own, in the open."""

    settings: Settings
    parts: tuple[Part, ...]
    supervisor: Supervisor
    api_key: str
    token: str


@asynccontextmanager
async def running(wanted: Wanted, say: Say) -> AsyncIterator[Installation]:
    """Start everything and wait until it is ready; stop it all at the end, however it comes."""
    _make_room(wanted.state_dir)
    async with _broker(wanted, say) as bootstrap:
        settings = wanted.settings(bootstrap)
        os.environ.update(exported(settings))
        await ensure_topics(settings)
        api_key, token = await asyncio.to_thread(keys, settings)
        each = parts(settings)
        supervisor = Supervisor(each, settings.state_dir / "logs", say)
        try:
            await supervisor.start()
            async with _watched(supervisor):
                await await_ready(each, supervisor, say=say)
                whereabouts.write(settings, supervisor.pids)
                try:
                    yield Installation(settings, each, supervisor, api_key, token)
                finally:
                    whereabouts.forget(settings)
        finally:
            await _unhurried(asyncio.to_thread(supervisor.stop))


def _make_room(folder: Path) -> None:
    """The state folder, ours alone; raises `Invalid` or `Refused` in words for a person."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        hint = f"{folder} cannot be made: {reason}; choose another folder"
        raise BadInput("no_state_dir", "--state-dir", hint) from None
    found = find(Settings().model_copy(update={"state_dir": folder}))
    if found is not None and "up" in found.pids:
        message = f"Kulanse runs in {folder} already (process {found.pids['up']})."
        hint = "Use it, stop it with Ctrl-C, or take another folder with --state-dir."
        raise Refused("already_running", message, hint)


@asynccontextmanager
async def _broker(wanted: Wanted, say: Say) -> AsyncIterator[str]:
    """Where Kafka listens: one of our own, or the one that the settings name."""
    if not wanted.broker:
        bootstrap = Settings().bootstrap
        hush()
        say(f"Kafka is expected at {bootstrap}; this waits until it answers")
        yield bootstrap
        return
    starting = asyncio.create_task(asyncio.to_thread(_started, wanted))
    try:
        broker = await asyncio.shield(starting)
    except asyncio.CancelledError:
        # A thread cannot be cancelled: what it starts must be stopped all the same.
        await asyncio.gather(starting, return_exceptions=True)
        if starting.exception() is None:
            starting.result().stop()
        raise
    try:
        say(f"Kafka listens on {broker.bootstrap}")
        yield broker.bootstrap
    finally:
        await _unhurried(asyncio.to_thread(broker.stop))


def _started(wanted: Wanted) -> Broker:
    try:
        return start_broker(wanted.state_dir / "kafka", port=port_or_free(wanted.port))
    except EmbeddedError as error:  # whoever starts it by itself has an option of another name
        hint = error.hint.replace("--data-dir", "--state-dir")
        raise Refused(error.code, error.message, hint) from None


@asynccontextmanager
async def _watched(supervisor: Supervisor) -> AsyncIterator[None]:
    """Watch the processes meanwhile; when they cannot run, the block ends with the reason."""
    body = asyncio.current_task()
    watching = asyncio.create_task(supervisor.watch())
    failed = False

    def ended(task: asyncio.Task[None]) -> None:
        nonlocal failed
        if not task.cancelled() and body is not None:
            failed = True
            body.cancel()

    watching.add_done_callback(ended)
    try:
        yield
    except asyncio.CancelledError:
        if failed:
            await watching  # raises the reason
        raise
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _unhurried(stopping: Coroutine[None, None, None]) -> None:
    """Let an end come to its end, also when a second Ctrl-C arrives meanwhile."""
    task = asyncio.create_task(stopping)
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            continue
    task.result()
