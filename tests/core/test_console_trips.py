"""How many trips to the provider may come to nothing: as many as passwords may be wrong."""

from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from services.desk.web import bindings, trips
from services.desk.web.by_provider import PATH
from services.desk.web.provider import BACK
from services.desk.web.trips import Trip
from tests.core.console_world import CONSOLE, Browser, Room
from tests.core.test_desk_examples import AGENT

HERE = "127.0.0.1"
MOST, MINUTES = CONSOLE.rules.attempts_per_address, CONSOLE.rules.attempts_within_minutes


class Vouches:
    """A provider whose codes are its accounts; it counts how often somebody is sent to it."""

    issuer = "https://id.example.com"
    asked = 0

    async def way_to(self, trip: Trip) -> str:
        """Its page."""
        self.asked += 1
        return f"{self.issuer}/authorize?{urlencode({'state': trip.state})}"

    async def who(self, code: str, trip: Trip, *, now: datetime) -> str:
        """Whose the code is; `trip` and `now` are not looked at."""
        return code


def leaves(browser: Browser) -> int:
    """She presses the button; the status."""
    browser.answer = browser.http.get(PATH)
    return browser.answer.status_code


def test_after_many_trips_that_came_to_nothing_nobody_may_begin_one(tmp_path: Path) -> None:
    """Whoever likes has us write and ask for ever; or an office behind one address is shut out."""
    room, provider = Room(tmp_path), Vouches()
    room.lets_in(provider)
    with room.keeping.engine.begin() as connection:
        bindings.bind(connection, AGENT, issuer=provider.issuer, subject="hers")
        for _ in range(MOST - 1):
            trips.begin(connection, then="/", address=HERE, now=room.now, rules=CONSOLE.rules)
    agent = room.browser()
    leaves(agent)
    state = parse_qs(urlsplit(agent.answer.headers["location"]).query)["state"][0]
    agent.sees(f"{BACK}?{urlencode({'code': 'hers', 'state': state})}")
    assert AGENT in agent.sees("/cases")
    # Hers came to something: one more may, and no other.
    browser = room.browser()
    assert [leaves(browser), leaves(browser)] == [303, 429]
    assert CONSOLE.words["en"]["sign_in"]["too_often"].format(minutes=MINUTES) in browser.sees(PATH)
    assert provider.asked == 2
    browser.sends(room.link(AGENT), {})
    assert AGENT in browser.sees("/cases")
    room.now += timedelta(minutes=MINUTES, seconds=1)
    assert leaves(room.browser()) == 303
