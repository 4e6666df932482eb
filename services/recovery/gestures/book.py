"""Money by our own book: an entry that stays pending until finance confirms the payout.

The key is the gesture's id: asked again, the same row; with another sum, refused.
"""

import asyncio

from sqlalchemy import Engine, select

from services.recovery.ledger import payouts
from services.recovery.payouts import row_of
from shared.ledger.engine import insert_if_absent
from shared.stage.effects import Claimed, Outcome


class Book:
    """Performs the effect `book`: refund, price reduction, compensation."""

    def __init__(self, engine: Engine) -> None:
        """`engine`: recovery's ledger."""
        self.engine = engine

    async def perform(self, effect: Claimed) -> Outcome:
        """Enter the payout, once; it is in flight until finance has paid."""
        return await asyncio.to_thread(self._enter, effect)

    async def ask(self, effect: Claimed) -> Outcome:
        """What finance has said of it by now."""
        return await asyncio.to_thread(self._state, effect)

    def _enter(self, effect: Claimed) -> Outcome:
        row = row_of(effect.key, effect.complaint_id, payload=effect.payload)
        with self.engine.begin() as connection:
            connection.execute(insert_if_absent(payouts, self.engine), [row])
        return self._state(effect)

    def _state(self, effect: Claimed) -> Outcome:
        with self.engine.begin() as connection:
            found = connection.execute(
                select(payouts).where(payouts.c.payout_id == effect.key)
            ).one_or_none()
        if found is None:
            # Never entered: the next attempt enters it under the same key.
            return Outcome("again", code="not_entered")
        wanted = effect.payload["amount_minor"], effect.payload["currency"]
        if (found.amount_minor, found.currency) != wanted:
            return Outcome("failed", code="key_conflict")
        if found.state == "confirmed":
            return Outcome("posted", found.provider_reference)
        if found.state == "rejected":
            return Outcome("failed", found.provider_reference, code=found.code or "payout_rejected")
        # The row is our own reference: a look that fails later makes nothing unknown.
        return Outcome("in_flight", effect.key)
