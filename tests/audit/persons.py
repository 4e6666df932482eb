"""What a person does by hand while a case runs: ask the readers why they stand, give a command."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Iterable

import httpx

from tests.audit.case import Harmless
from tests.audit.rig import Rig

STANDS_S = 60


async def silent(rig: Rig, readers: Iterable[str], *, words: str) -> list[str]:
    """The readers whose health page did not say so within a minute."""
    left = set(readers)
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        for _ in range(STANDS_S):
            for part in rig.parts:
                with contextlib.suppress(httpx.HTTPError):
                    if words in (await client.get(part.ready_url)).text:
                        left.discard(part.name.removesuffix("-2"))
            if not left:
                break
            await asyncio.sleep(1)
    return sorted(left)


def command(rig: Rig, *words: str) -> "subprocess.CompletedProcess[str]":
    """`kulanse` with these words, about this installation."""
    settings = rig.settings
    return subprocess.run(
        [sys.executable, "-m", "services", *words],
        env={
            **os.environ,
            "KULANSE_BOOTSTRAP": settings.bootstrap,
            "KULANSE_DATABASE_URL": settings.database_url,
            "KULANSE_STRIPE_KEY": settings.stripe_key.get_secret_value(),
            "KULANSE_STRIPE_URL": settings.stripe_url,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def repair(rig: Rig, *words: str, why: str) -> None:
    """The one step that a person takes (I8); raises `Harmless` when it is refused."""
    done = command(rig, "checkpoint", *words, "--actor", "audit", "--reason", why)
    if done.returncode:
        raise Harmless(done.stderr.strip())
