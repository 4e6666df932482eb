"""Look an order up in the shop's own books: the facts that came by Kafka, then a file.

Posted with the order, or failed with `order_unknown` after a few looks: the fact may be on its
way. Reading is harmless, so asking and performing are the same.
"""

import asyncio
from pathlib import Path

import orjson
from sqlalchemy import Engine

from services.recovery.facts import order_from
from services.recovery.ledger import known_order
from shared.contracts.submitted import Order
from shared.stage.effects import Claimed, Outcome

# The dispatcher waits 1, 2, 4 s between looks: about seven seconds for a fact to arrive.
LOOKS_MAX = 4


class OrderLookup:
    """Performs the effect `order_lookup`; the payload names the `order_id`."""

    def __init__(self, engine: Engine, file: Path | None) -> None:
        """`file`: JSON lines, an order each (with its `id`), or None."""
        self.engine, self.file = engine, file

    async def perform(self, effect: Claimed) -> Outcome:
        """The order as recorded, in `detail.order`."""
        return await asyncio.to_thread(self._look, effect)

    async def ask(self, effect: Claimed) -> Outcome:
        """Look again."""
        return await self.perform(effect)

    def _look(self, effect: Claimed) -> Outcome:
        order_id = str(effect.payload["order_id"])
        with self.engine.begin() as connection:
            order = known_order(connection, order_id)
        order = order or order_in(self.file, order_id)
        if order is not None:
            found = order.model_dump(mode="json", exclude_none=True)
            return Outcome("posted", order_id, detail={"order": found})
        if effect.attempts < LOOKS_MAX:
            return Outcome("again", code="order_unknown")
        return Outcome("failed", code="order_unknown")


def order_in(file: Path | None, order_id: str) -> Order | None:
    """The first line of the file that is this order; lines that are none are passed over."""
    if file is None or not file.exists():
        return None
    with file.open("rb") as lines:
        for line in lines:
            try:
                read = orjson.loads(line)
            except orjson.JSONDecodeError:
                continue
            # A line may be the order itself or an order fact around it.
            data = read.get("order", read) if isinstance(read, dict) else None
            order = order_from(data)
            if order is not None and order_id in {order.id, _id_of(read)}:
                return order if order.id else order.model_copy(update={"id": order_id})
    return None


def _id_of(read: object) -> object:
    return read.get("order_id") if isinstance(read, dict) else None
