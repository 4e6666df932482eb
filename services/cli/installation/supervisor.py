"""Keeps processes running: what exits is started again, later each time; all end with us.

Each runs under the embedded broker's keeper, so that none outlives us, however we end.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import orjson

from services.cli.installation.parts import Part
from shared.embedded.process import Kept
from shared.errors import Refused
from shared.stage.main import EXIT_REFUSED

GRACE_S = 20.0
LOOK_S = 0.2
AGAIN_S_FIRST, AGAIN_S_MAX = 0.5, 30.0
STEADY_S = 60.0  # who ran so long begins with the shortest wait again

Say = Callable[[str], None]


@dataclass(slots=True)
class _Watched:
    part: Part
    log: Path
    kept: Kept | None = None
    started_s: float = 0.0
    wait_s: float = AGAIN_S_FIRST
    due_s: float = 0.0


class Supervisor:
    """The processes of one installation. `logs`: a folder, one file a process."""

    def __init__(self, parts: Sequence[Part], logs: Path, say: Say) -> None:
        """Nothing runs until `start`."""
        logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._watched = [_Watched(part, logs / f"{part.name}.log") for part in parts]
        self._say = say

    @property
    def pids(self) -> dict[str, int]:
        """The process ids by name, of what runs now."""
        return {each.part.name: each.kept.pid for each in self._watched if each.kept}

    def log_of(self, name: str) -> Path:
        """Where a process writes its words."""
        return next(each.log for each in self._watched if each.part.name == name)

    async def start(self) -> None:
        """Start every process, at once."""
        await asyncio.gather(*(asyncio.to_thread(_start, each) for each in self._watched))

    async def watch(self) -> None:
        """For ever: start again what exited; raises `Refused` when that will not help."""
        while True:
            for each in self._watched:
                await self._look(each, time.monotonic())
            await asyncio.sleep(LOOK_S)

    async def _look(self, each: _Watched, now_s: float) -> None:
        if each.kept is not None:
            code = each.kept.exit_code
            if code is not None:
                self._ended(each, code, now_s=now_s)
        elif now_s >= each.due_s:
            await asyncio.to_thread(_start, each)

    def _ended(self, each: _Watched, code: int, *, now_s: float) -> None:
        name = each.part.name
        if code == EXIT_REFUSED:
            words = last_words(each.log)
            raise Refused("will_not_run", f"{name} cannot run: {words}", f"See {each.log}.")
        if now_s - each.started_s > STEADY_S:
            each.wait_s = AGAIN_S_FIRST
        self._say(f"{name} ended ({code}); again in {each.wait_s:g} s. See {each.log}")
        if each.kept is not None:
            each.kept.stop()  # it has ended; this closes its pipes
        each.kept, each.due_s = None, now_s + each.wait_s
        each.wait_s = min(each.wait_s * 2, AGAIN_S_MAX)

    def stop(self) -> None:
        """Ask every process to end, wait, insist; all at once, harmless a second time."""
        running = [each.kept for each in self._watched if each.kept]
        if running:
            with ThreadPoolExecutor(len(running)) as pool:
                list(pool.map(Kept.stop, running))


def _start(each: _Watched) -> None:
    each.kept = Kept(each.part.command, each.log, grace_s=GRACE_S)
    each.started_s = time.monotonic()


def last_words(log: Path) -> str:
    """What a log says last, for a message of one line: the words of a JSON line, else the line."""
    with suppress(OSError):
        lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
        if lines:
            return _message(lines[-1]) or lines[-1].strip()
    return "it said nothing"


def _message(line: str) -> str:
    with suppress(orjson.JSONDecodeError):
        told = orjson.loads(line)
        return str(told.get("message", "")) if isinstance(told, dict) else ""
    return ""
