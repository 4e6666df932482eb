"""A desk with no case, without its broker, and without its database: each says what to do next."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from services.desk import ledger
from shared.contracts import cases as ca
from tests.browser.served import served, signed_in
from tests.browser.test_access import faults
from tests.browser.world import act, said, took, warned
from tests.core.console_world import CONSOLE, Room
from tests.core.test_desk_examples import AGENT, CASE

WORDS = CONSOLE.words["en"]
EMPTY = (
    "/cases?view=mine",
    "/cases?view=free",
    "/cases?view=needs",
    "/cases?view=all",
    "/cases?view=all&severity=low",
    "/approvals",
    "/tasks",
    "/scorecard",
)
LETTER = "Hei, vi sender en ny i dag."


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    """A desk with one case, in a folder that can be taken away."""
    folder = tmp_path_factory.mktemp("fails") / "here"
    folder.mkdir()
    return Room(folder)


@pytest.fixture(scope="module")
def page(room: Room, chrome: Browser) -> Iterator[Page]:
    """An agent's, signed in, in English."""
    with served(room) as url:
        context, page = signed_in(chrome, room, url=url, person=AGENT)
        page.get_by_role("button", name="English").click()
        yield page
        context.close()


@contextmanager
def nothing(room: Room) -> Iterator[None]:
    """Nobody has complained yet."""
    with room.keeping.engine.begin() as connection:
        for table in (ledger.waiting, ledger.cases, ledger.events):
            connection.execute(table.delete())
    try:
        yield
    finally:
        room.here.loop.happens()


@contextmanager
def lost(room: Room) -> Iterator[None]:
    """Its database is not there for a while."""
    here = room.here.state_dir
    away = here.rename(here.with_name("away"))
    room.keeping.engine.dispose()
    try:
        yield
    finally:
        away.rename(here)


def test_a_desk_without_a_case_says_where_to_go(room: Room, page: Page) -> None:
    """On her first day she sees an empty page, and does not know whether it is broken."""
    led = {}
    with nothing(room):
        for path in EMPTY:
            page.goto(path)
            onward = page.locator(".empty a")
            assert (path, onward.count()) == (path, 1)
            onward.click()
            led[path] = page.locator("h1").inner_text()
    assert {*led.values()} == {WORDS[name]["title"] for name in ("cases", "approvals", "live")}


def test_without_the_broker_what_she_wrote_stays(room: Room, page: Page) -> None:
    """She believes that her letter was sent, or writes it anew."""
    before = len(letters(room))
    hers(page)
    room.here.loop.down = True
    act(page, "reply", text=LETTER)
    warned(page, WORDS["refusal"]["broker_unavailable"])
    expect(page.locator("#reply-text")).to_have_value(LETTER)
    room.here.loop.down = False
    act(page, "reply")
    said(page, WORDS["did"]["reply"])
    assert letters(room)[before:] == [LETTER]


def test_without_the_database_nothing_is_lost(room: Room, page: Page) -> None:
    """A page of the browser's own, or of nothing; and what she wrote is gone, or sent twice."""
    before = len(letters(room))
    hers(page)
    found: list[str] = []
    with lost(room):
        act(page, "reply", text=LETTER)
        warned(page, WORDS["refusal"]["ledger_unavailable"])
        expect(page.get_by_text(WORDS["error"]["resend"])).to_be_visible()
    page.reload()
    said(page, WORDS["did"]["reply"])
    page.reload()
    assert letters(room)[before:] == [LETTER]
    with lost(room):
        page.goto("/nowhere")
        warned(page, WORDS["refusal"]["ledger_unavailable"])
        page.goto("/cases?view=mine")
        warned(page, WORDS["refusal"]["ledger_unavailable"])
        found += faults(page, "no database")
    page.get_by_role("link", name=WORDS["error"]["again"]).click()
    expect(page.locator("h1")).to_have_text(WORDS["cases"]["title"])
    assert found == []


def hers(page: Page) -> None:
    """The case is open, and hers."""
    page.goto(f"/cases/{CASE}")
    if page.locator("form[action$='/take'] button").count():
        took(page)


def letters(room: Room) -> list[str]:
    """What was sent to the complainant."""
    told = [each.data for each in room.here.loop.published]
    sent = [each.personal for each in told if isinstance(each, ca.CaseAnswered)]
    return [each.text for each in sent if isinstance(each, ca.Words)]
