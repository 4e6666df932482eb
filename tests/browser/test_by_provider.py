"""A colleague signs in by her company's own provider, in a real browser, from another site."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from services.desk.web import bindings
from services.desk.web.by_provider import PATH
from services.desk.web.console import COOKIE
from services.desk.web.policy import FORMS
from services.desk.web.provider import BACK, Provider
from shared.embedded.probe import free_port
from tests.browser.pages import BY_PROVIDER
from tests.browser.served import served
from tests.browser.test_access import faults
from tests.core.console_world import CONSOLE, Room
from tests.core.test_desk_examples import AGENT
from tests.fake_provider import CLIENT, SECRET, SUBJECT, Fake, provider

QUEUE = "**/cases?view=mine"
UNBOUND, ENTERED, AWAY = (name for name, _ in BY_PROVIDER)


@pytest.fixture
def fake() -> Iterator[Fake]:
    """The provider, by another name than the console: to a browser that is another site."""
    with provider() as found:
        found.url, found.asks = found.url.replace("127.0.0.1", "localhost"), True
        yield found


@pytest.fixture
def room(tmp_path: Path, fake: Fake) -> Iterator[tuple[Room, str]]:
    """A desk that lets this provider vouch, and its address. Nobody's account is bound."""
    room, port = Room(tmp_path), free_port()
    fake.now = room.now
    back = f"http://127.0.0.1:{port}{BACK}"
    room.lets_in(Provider(fake.url, CLIENT, SECRET, back))
    with served(room, port=port) as url:
        yield room, url


def window(chrome: Browser, url: str, *, form: str) -> tuple[BrowserContext, Page]:
    """A window of hers, which asks for this written form."""
    context = chrome.new_context(base_url=url, locale={"en": "en-GB"}.get(form, f"{form}-NO"))
    return context, context.new_page()


def goes_there(page: Page, form: str) -> None:
    """She presses the button on the page that asks who she is, and then the provider's."""
    page.goto("/sign-in")
    page.get_by_role("link", name=CONSOLE.words[form]["sign_in"]["by_provider"]).click()
    page.get_by_role("link", name="I am she").click()


def test_she_signs_in_by_her_companys_account(
    room: tuple[Room, str], fake: Fake, chrome: Browser
) -> None:
    """A cookie or a policy of the browser stops her on her way, or a page there keeps her out."""
    desk, url = room
    found: list[str] = []
    with desk.keeping.engine.begin() as connection:
        bindings.bind(connection, AGENT, issuer=fake.url, subject=SUBJECT)
    context, page = window(chrome, url, form="en")
    goes_there(page, "en")
    page.wait_for_url(QUEUE)
    expect(page.locator(".who")).to_contain_text(AGENT)
    page.locator("form[action='/sign-out'] button").click()
    page.wait_for_url("**/sign-in")
    page.goto("/cases")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert [each for each in context.cookies() if each.get("name") == COOKIE] == []
    # The page that leads on is gone at once: here it is held.
    page.route(QUEUE, lambda route: route.abort("aborted"))
    goes_there(page, "en")
    page.wait_for_url(f"**{BACK}?*")
    found += faults(page, ENTERED)
    page.unroute(QUEUE)
    page.get_by_role("main").get_by_role("link").click()
    page.wait_for_url(QUEUE)
    context.close()
    assert found == []


def test_whoever_does_not_get_in_is_told_what_to_do(
    room: tuple[Room, str], fake: Fake, chrome: Browser
) -> None:
    """Whoever is new reads an error, in another language, and nobody learns whom to bind."""
    _, url = room
    for form in FORMS:
        context, page = window(chrome, url, form=form)
        goes_there(page, form)
        words = CONSOLE.words[form]["sign_in"]
        expect(page.get_by_role("alert")).to_have_text(words["unbound"])
        line = f"kulanse console bind {words['pseudonym']} {SUBJECT}"
        expect(page.get_by_text(line, exact=True)).to_be_visible()
        if form != FORMS[-1]:
            context.close()
    found = [*faults(page, UNBOUND)]
    fake.down = True
    page.goto(PATH)
    found += faults(page, AWAY)
    context.close()
    assert found == []
