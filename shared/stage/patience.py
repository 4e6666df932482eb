"""Retry what the world refused for a moment; only before anything was recorded."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import stamina
import structlog
from sqlalchemy.exc import OperationalError
from stamina.instrumentation import (
    PrometheusOnRetryHook,
    RetryDetails,
    RetryHook,
    RetryHookFactory,
    set_on_retry_hooks,
)

from shared.errors import Transient

T = TypeVar("T")
PATIENCE_S = 20.0  # longer than a database's failover; after it the process ends and waits outside
_attempts = partial(stamina.retry_context, on=(Transient, OperationalError), attempts=None)


def retries_told_without_words() -> None:
    """Count retries and log them by the error's class: its words may hold a row."""
    hooks: tuple[RetryHook | RetryHookFactory, ...] = (PrometheusOnRetryHook, _tell)
    set_on_retry_hooks(hooks)


def _tell(details: RetryDetails) -> None:
    structlog.get_logger().warning(
        "tried_again",
        error=type(details.caused_by).__name__,
        number=details.retry_num,
        again_in_s=details.wait_for,
    )


async def retried(call: Callable[[], T], patience_s: float = PATIENCE_S) -> T:
    """Run a blocking call in a thread; try again with backoff while the database is away."""
    async for attempt in _attempts(timeout=patience_s):
        with attempt:
            return await asyncio.to_thread(call)
    raise AssertionError  # pragma: no cover -- the loop returns or raises


def patiently(call: Callable[[], T], patience_s: float = PATIENCE_S) -> T:
    """The same here and now, for a process that has nothing else to do yet."""
    for attempt in _attempts(timeout=patience_s):
        with attempt:
            return call()
    raise AssertionError  # pragma: no cover -- the loop returns or raises
