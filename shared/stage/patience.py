"""Retry what the world refused for a moment; only before anything was recorded."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import stamina
from sqlalchemy.exc import OperationalError

from shared.errors import Transient

T = TypeVar("T")
PATIENCE_S = 20.0  # longer than a database's failover; after it the process ends and waits outside


async def retried(call: Callable[[], T], patience_s: float = PATIENCE_S) -> T:
    """Run a blocking call in a thread; try again with backoff while the database is away."""
    async for attempt in stamina.retry_context(
        on=(Transient, OperationalError), attempts=None, timeout=patience_s
    ):
        with attempt:
            return await asyncio.to_thread(call)
    raise AssertionError  # pragma: no cover -- the loop returns or raises
