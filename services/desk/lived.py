"""The scorecard of the latest complaints, counted from the desk's own events.

Words are opened to count whether two facts were named, and forgotten with the counting: what is
kept for the next reader is figures.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from services.desk.ledger import events
from services.desk.stored import opened, restored
from shared.contracts import cases as ca
from shared.contracts import feedback as fe
from shared.contracts import notifications as no
from shared.contracts import promises as pr
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.registered import ComplaintRegistered
from shared.contracts.triaged import ComplaintTriaged
from shared.scorecard.following_up import Followed
from shared.scorecard.measures import Measure

TOLD: tuple[type[Contract], ...] = (
    ComplaintRegistered,
    ComplaintTriaged,
    no.NotificationRequested,
    no.NotificationSent,
    ca.CaseAsked,
    ca.CaseAnswered,
    ca.CaseDecided,
    ca.CaseReopened,
    pr.PromiseKept,
    pr.PromiseBroken,
    fe.FeedbackGiven,
)


@dataclass(frozen=True, slots=True)
class Card:
    """The figures, when they were counted, and of how many; `followed` None: nobody could say."""

    at: datetime
    complaints: int
    measures: tuple[Measure, ...]
    causes: tuple[tuple[str, str, int], ...]
    exposure: tuple[int, int]
    followed: tuple[Followed, ...] | None


@dataclass
class Board:
    """The last card of each grouping: ten readers at once have it counted once."""

    cards: dict[str, Card] = field(default_factory=dict)
    counting: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def card(
        self, by: str, make: Callable[[], Awaitable[Card]], *, now: datetime, fresh: timedelta
    ) -> Card:
        """The card, counted anew when it is older than `fresh`."""
        async with self.counting:
            known = self.cards.get(by)
            if known is None or now - known.at >= fresh:
                known = self.cards[by] = await make()
            return known


def latest(connection: Connection, most: int) -> list[Event[Contract]]:
    """What became of the latest complaints, open where their keys are still there."""
    newest = (
        select(events.c.complaint_id)
        .where(events.c.type == ComplaintRegistered.TYPE)
        .order_by(events.c.time.desc())
        .limit(most)
    )
    found = select(events.c.body).where(
        events.c.complaint_id.in_(newest), events.c.type.in_([kind.TYPE for kind in TOLD])
    )
    return opened(connection, connection.execute(found).scalars())


def readings(connection: Connection, most: int) -> list[Event[Contract]]:
    """What triage said of the latest complaints, as it is kept: sealed words stay sealed."""
    newest = (
        select(events.c.body)
        .where(events.c.type == ComplaintTriaged.TYPE)
        .order_by(events.c.time.desc())
        .limit(most)
    )
    return [restored(body) for body in connection.execute(newest).scalars()]
