"""One installation and one Chromium for the whole ring; without Chromium it is left out."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from services.cli.desk_door import Cores
from tests.browser.served import served
from tests.browser.surroundings import CHROMIUM, chromium
from tests.browser.world import DEMO, Desk
from tests.core.console_world import Room
from tests.core.test_console_dead_letters import Topic, fallen
from tests.people import busy


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    """A browser."""
    if not CHROMIUM:
        pytest.skip("there is no Chromium here (apt-get install chromium)")
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def desk(chrome: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Everything running on a real broker, and complaints that wait for people."""
    with busy(tmp_path_factory.mktemp("console"), wanted=DEMO) as (eik, complaints):
        yield Desk(eik, chrome, complaints)


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Room, str]]:
    """A room with all that a console can have, and its address: a dead letter, the cores."""
    room = Room(tmp_path_factory.mktemp("whole"), fallen=Topic([fallen()]), rehearsal=Cores())
    with served(room) as url:
        yield room, url
