"""Waits until every process says that it is ready."""

import asyncio
import time
from collections.abc import Sequence

import httpx

from services.cli.failures import Unreachable
from services.cli.installation.parts import Part
from services.cli.installation.supervisor import Say, Supervisor

READY_S_MAX = 120.0  # 10 s on two quick cores; a busy machine needs many times that
LOOK_S = 0.1
ANSWER_S_MAX = 5.0
SILENT = "does not answer"


async def await_ready(parts: Sequence[Part], supervisor: Supervisor, *, say: Say) -> None:
    """Return when all are ready; raises `Unreachable` naming who is not, and why."""
    deadline_s = time.monotonic() + READY_S_MAX
    waiting = {part.name: SILENT for part in parts}
    async with httpx.AsyncClient(timeout=ANSWER_S_MAX, trust_env=False) as client:
        while waiting:
            for part in parts:
                if part.name in waiting:
                    why = await why_not(client, part)
                    if why:
                        waiting[part.name] = why
                    else:
                        del waiting[part.name]
                        say(f"{part.name} is ready")
            if waiting and time.monotonic() > deadline_s:
                raise _too_late(waiting, supervisor)
            await asyncio.sleep(LOOK_S if waiting else 0)


async def why_not(client: httpx.AsyncClient, part: Part) -> str:
    """Why a process is not ready; empty when it is."""
    try:
        async with client.stream("GET", part.ready_url) as answer:
            if answer.is_success:
                return ""
            return (await answer.aread()).decode("utf-8", "replace").strip()
    except httpx.HTTPError:
        return SILENT


def _too_late(waiting: dict[str, str], supervisor: Supervisor) -> Unreachable:
    listed = "; ".join(f"{name}: {why}" for name, why in waiting.items())
    logs = ", ".join(str(supervisor.log_of(name)) for name in waiting)
    message = f"Not ready within {READY_S_MAX:g} s: {listed}."
    return Unreachable("not_ready", message, f"See {logs}.")
