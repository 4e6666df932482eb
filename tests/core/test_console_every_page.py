"""Every page that is served is one that the sweep with axe-core looks at."""

from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Match

from services.cli.desk_door import Cores
from services.desk.web.rooms import API
from tests.browser.pages import BY_PROVIDER, FURNISHED, LIVED_IN, NO_PAGES, OUTSIDE
from tests.core.console_world import Room
from tests.core.test_console_dead_letters import Topic, fallen
from tests.core.test_console_rooms import MANAGER
from tests.core.test_console_trips import Vouches

PAGES = (*LIVED_IN, *FURNISHED, *OUTSIDE)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """A console with a dead letter, the cores in hand, and a provider that signs people in."""
    made = Room(tmp_path, fallen=Topic([fallen()]), rehearsal=Cores())
    made.lets_in(Vouches())
    return made


def routes(room: Room) -> list[APIRoute]:
    """What the application serves."""
    return [each for each in room.app.routes if isinstance(each, APIRoute)]


def test_a_new_page_is_looked_at_too(room: Room) -> None:
    """A page is served that nobody has tried without a mouse, or without eyes."""
    served = {each.path for each in routes(room) if "GET" in (each.methods or ())}
    pages = {path for path in served if not path.startswith(API)} - NO_PAGES.keys()
    swept = {route for _, route, _ in PAGES} | {route for _, route in BY_PROVIDER}
    assert pages == swept - {"/nowhere"}
    assert NO_PAGES.keys() <= served


def test_no_two_pages_share_a_name() -> None:
    """The guide's picture of a page is overwritten with another's, or a fault names the wrong."""
    names = [*(name for name, _, _ in PAGES), *(name for name, _ in BY_PROVIDER), "case"]
    assert len(names) == len(set(names))


def test_the_sweep_comes_to_the_page_that_it_names(room: Room) -> None:
    """What is looked at is a page that says sorry."""
    manager, wrong = room.browser(MANAGER), {}
    for name, route, path in PAGES:
        scope = {"type": "http", "method": "GET", "path": path.partition("?")[0]}
        led = [each.path for each in routes(room) if each.matches(scope)[0] is Match.FULL]
        manager.sees(path)
        if (led[:1] or ["/nowhere"], manager.answer.status_code) != ([route], 200):
            wrong[name] = (led, manager.answer.status_code)
    assert wrong == {"nowhere": ([], 404)}
