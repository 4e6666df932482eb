"""The console's own rows, read and written off the event loop."""

import asyncio
import hashlib
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine

R = TypeVar("R")


class Keeping:
    """The desk's engine, for the console's tables only."""

    def __init__(self, engine: Engine) -> None:
        """`engine`: the desk's own."""
        self.engine = engine
        self._reader = engine.execution_options(read_only=True)

    async def read(self, ask: Callable[[Connection], R]) -> R:
        """One reading; never in a writer's way."""
        return await asyncio.to_thread(_within, self._reader, ask)

    async def write(self, change: Callable[[Connection], R]) -> R:
        """One transaction that writes."""
        return await asyncio.to_thread(_within, self.engine, change)


def _within(engine: Engine, what: Callable[[Connection], R]) -> R:
    with engine.begin() as connection:
        return what(connection)


def hashed(secret: str) -> str:
    """What is kept of a secret that we drew ourselves: long, so one round of a hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
