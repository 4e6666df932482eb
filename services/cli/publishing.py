"""What a command has to say, on its topic."""

import asyncio
from collections.abc import Iterable

from services.cli import bus
from services.cli.running import need
from services.cli.surroundings import settings
from shared.contracts.envelope import Outgoing


def publish(outputs: Iterable[Outgoing]) -> None:
    """Produce these, and return when the broker has them; raises `Unreachable` or `Refused`."""
    asyncio.run(_put(outputs))


async def _put(outputs: Iterable[Outgoing]) -> None:
    async with bus.writer(need(settings()).bootstrap) as producer:
        for output in outputs:
            await bus.put(producer, output)
