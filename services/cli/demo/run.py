"""One run of the demo: send, let people work, wait until everything has come to its end, count."""

import asyncio
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from services.cli.demo.colleagues import Clerk, Lead, colleagues
from services.cli.demo.feed import Feed, Reader
from services.cli.demo.ledgers import Books, books, orders_known
from services.cli.demo.script import Script, script
from services.cli.demo.sending import SOURCE, Sender, names_of
from services.cli.demo.tally import Tally, tally
from services.cli.installation.installation import Installation
from services.cli.installation.supervisor import Say
from services.cli.installation.whereabouts import desk_url, intake_url
from shared.contracts.topics import SUBMITTED
from shared.errors import Refused
from shared.settings import Settings

DEADLINE_S, DEADLINE_S_EACH = 240.0, 2.0
QUIET_S = 2.0  # nothing new for so long: what can come without a person has come
QUIET_S_WORK = 0.7  # a pause in which people look at their desks
LOOK_S = 0.2
ORDERS_S_MAX = 60.0


@dataclass(frozen=True, slots=True)
class Counted:
    """What the run came to. `submitted` counts records; `seconds` since the command began."""

    submitted: int
    tally: Tally
    books: Books
    dead: int
    lost: int
    refused_at_door: int
    seconds: float

    @property
    def double_effects(self) -> int:
        """Effects that happened twice, by the ledgers; messages sent twice, by the topics."""
        return self.books.double_effects + self.tally.sent_twice

    @property
    def good(self) -> bool:
        """Whether everything balances."""
        even = self.tally.balances and not self.tally.undone and self.books.balanced
        return even and self.lost == 0 and self.double_effects == 0

    @property
    def object(self) -> dict[str, int | float]:
        """The JSON line (issue 1): counted from topics and ledgers."""
        t = self.tally
        return {
            "submitted": self.submitted,
            "duplicates": t.duplicates,
            "registered": t.registered,
            "triaged": t.triaged,
            "recovered": t.recovered,
            "settled": t.at("settled"),
            "answered": t.at("answered"),
            "rejected": t.at("rejected"),
            "payout_pending": t.at("payout_pending"),
            "with_people": t.at("with_people"),
            "notified": t.notified,
            "dead_letters": self.dead,
            "lost": self.lost,
            "double_effects": self.double_effects,
            "seconds": round(self.seconds, 1),
        }


class Run:
    """A demo in the making. `feed` is what came on the topics since it began."""

    def __init__(self, place: Installation, count: int, *, say: Say, began_s: float) -> None:
        """Nothing is sent yet. `began_s`: when the command began, on the monotonic clock."""
        self.place, self.count, self._say, self._began_s = place, count, say, began_s
        self._reader = Reader(place.settings)
        self._refused = 0
        self._told = ""

    @property
    def feed(self) -> Feed:
        """What was read so far."""
        return self._reader.feed

    async def start(self) -> None:
        """Begin to read: only what comes from now on is this run's."""
        await self._reader.start(at_end=True)

    async def stop(self) -> None:
        """Leave the topics."""
        await self._reader.stop()

    async def go(self) -> Counted:
        """The whole run; ends by its deadline, whatever is left undone."""
        reading = asyncio.create_task(self._reader.run())
        try:
            await self._send(self._script())
            deadline_s = time.monotonic() + DEADLINE_S + DEADLINE_S_EACH * self.count
            await self._until_done(deadline_s, reading)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        return await asyncio.to_thread(self._counted)

    def _script(self) -> Script:
        now = datetime.now(UTC)
        # A folder that was used before has these people and orders already: others then.
        used = (self.place.settings.state_dir / "demo-was-here").exists()
        (self.place.settings.state_dir / "demo-was-here").touch()
        return script(self.count, now, mark=f"{now:%d%H%M%S}" if used else "")

    async def _send(self, what: Script) -> None:
        settings = self.place.settings
        api_key = await asyncio.to_thread(_demo_key, self.place)
        url = intake_url(settings)
        sender = Sender(settings, intake_url=url, api_key=api_key, feed=self.feed)
        async with sender:
            before = await asyncio.to_thread(orders_known, settings)
            await sender.confirm_orders(what.orders)
            await self._orders(before + len(what.orders))
            self._say(f"sending {len(what.told)} messages and {len(what.broken)} broken ones")
            await sender.send_all(what)
        self._refused = sender.refused

    async def _orders(self, wanted: int) -> None:
        """Wait until recovery knows them: a claim is confirmed by what is recorded."""
        deadline_s = time.monotonic() + ORDERS_S_MAX
        while await asyncio.to_thread(orders_known, self.place.settings) < wanted:
            if time.monotonic() > deadline_s:
                raise Refused(
                    "orders_not_taken",
                    f"Recovery did not take the orders within {ORDERS_S_MAX:g} s.",
                    f"See {self.place.supervisor.log_of('recovery')}.",
                )
            await asyncio.sleep(LOOK_S)

    async def _until_done(self, deadline_s: float, reading: "asyncio.Task[None]") -> None:
        settings = self.place.settings
        who = colleagues()
        lead = Lead(who.team_lead, settings, desk_url(settings))
        clerk = Clerk(who.finance_clerk, settings)
        try:
            while time.monotonic() < deadline_s and not reading.done():
                await asyncio.sleep(LOOK_S)
                self._progress()
                quiet_s = self.feed.quiet_s
                if quiet_s <= QUIET_S_WORK:
                    continue
                last_round = quiet_s > QUIET_S  # by now everything has come to her desk
                worked = await self._worked(lead, clerk, last_round=last_round)
                if last_round and not worked and finished(self.feed):
                    break
        finally:
            clerk.close()
        self._say(
            f"{who.team_lead.person} signed {lead.approved} and refused {lead.rejected}; "
            f"{who.finance_clerk.person} confirmed {clerk.paid} payouts"
        )

    async def _worked(self, lead: Lead, clerk: Clerk, *, last_round: bool) -> int:
        """What the colleagues did in a pause."""
        names = names_of(self.feed)
        signed = await asyncio.to_thread(lead.work, names, last_round=last_round)
        return signed + await asyncio.to_thread(clerk.work)

    def _progress(self) -> None:
        counts: dict[str, int] = {}
        for event in self.feed.events:
            counts[event.topic] = counts.get(event.topic, 0) + 1
        told = (
            f"{self.feed.submitted} submitted, {counts.get('complaints.registered', 0)} "
            f"registered, {counts.get('complaints.triaged', 0)} triaged, "
            f"{counts.get('recoveries', 0)} recovery events, "
            f"{counts.get('notifications', 0)} message events, {len(self.feed.dead)} dead letters"
        )
        if told != self._told and self.feed.quiet_s < QUIET_S:
            self._told = told
            self._say(told)

    def _counted(self) -> Counted:
        seconds = time.monotonic() - self._began_s
        return count(self.feed, self.place.settings, refused=self._refused, seconds=seconds)


def finished(feed: Feed) -> bool:
    """Whether everything that was submitted has come to an end of its own."""
    counts = tally(feed.events)
    return not counts.undone and counts.balances and _taken(feed, counts) >= feed.submitted


def count(feed: Feed, settings: Settings, *, refused: int, seconds: float) -> Counted:
    """What came of all that the feed has read, and what the ledgers say of it."""
    counts = tally(feed.events)
    missing = max(0, feed.submitted - _taken(feed, counts))
    return Counted(
        submitted=feed.submitted,
        tally=counts,
        books=books(settings),
        dead=len(feed.dead),
        lost=missing + counts.registered - counts.triaged,
        refused_at_door=refused,
        seconds=seconds,
    )


def _taken(feed: Feed, counts: Tally) -> int:
    dead = sum(d.get("topic", "").startswith(SUBMITTED.name) for d in feed.dead)
    return counts.registered + counts.replied + counts.duplicates + dead


def _demo_key(place: Installation) -> str:
    """A key that vouches for nothing: what it says of orders must be confirmed."""
    from services.intake.doors.keys import mint_key

    return mint_key(place.settings.state_dir, f"{SOURCE}-{os.getpid()}")
