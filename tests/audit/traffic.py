"""What the audit sends: the demo's complaints, paid for with a provider that can fail.

Each yes of the door is written down, and to the disk, before anything else is sent.
"""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import httpx
import orjson
from pydantic import JsonValue
from sqlalchemy.exc import DBAPIError

from services.cli.demo.script import Node, Script, Told, script
from tests.system.load import AGAIN_S, Load

PROVIDER = "pi_"


class Traffic(Load):
    """A channel team whose shop takes cards by the fake provider."""

    # Where the door's promises are written down, and the ids of the complaints it took.
    promises: Path
    promised: set[str]

    async def __aenter__(self) -> Self:
        """Connect, and go on reading whatever becomes of the database with the keys."""
        await super().__aenter__()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        self._reading = asyncio.create_task(self._read_on())
        return self

    async def _read_on(self) -> None:
        while True:
            try:
                await self._reader.read()
            except DBAPIError:  # what came just then stays sealed: who counts needs no words
                await asyncio.sleep(AGAIN_S)

    def writing(self, promises: Path) -> "Traffic":
        """Write the promises to this file."""
        self.promises, self.promised = promises, set()
        return self

    def script(self, many: int, mark: str) -> Script:
        """The demo's list; every payment is the provider's."""
        usual = script(many, datetime.now(UTC), mark=mark)
        told = tuple(
            Told(each.id, each.via, _paid(each.submitted), again=each.again) for each in usual.told
        )
        return Script(told, tuple(_paid(each) for each in usual.orders), usual.broken)

    def answered(self, answer: httpx.Response) -> bool:
        """Whether it said yes: then it is held to it."""
        if not super().answered(answer):
            return False
        complaint_id = str(orjson.loads(answer.content)["complaint_id"])
        with self.promises.open("a", encoding="ascii") as kept:
            kept.write(complaint_id + "\n")
            kept.flush()
            os.fsync(kept.fileno())
        self.promised.add(complaint_id)
        return True


def _paid(node: Node) -> Node:
    return {name: _by_provider(name, value) for name, value in node.items()}


def _by_provider(name: str, value: JsonValue) -> JsonValue:
    if name == "reference" and isinstance(value, str):
        return PROVIDER + value
    if isinstance(value, dict):
        return _paid(value)
    if isinstance(value, list):
        return [_by_provider(name, each) for each in value]
    return value
