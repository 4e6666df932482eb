"""What people write is shown as they wrote it: it runs nothing, fetches nothing, makes nothing."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Dialog, Page

from services.desk.web.texts import visible
from tests.browser.hostile import PAYLOADS
from tests.browser.hostile_cases import by_case, events_of
from tests.browser.served import served as serving
from tests.browser.served import signed_in
from tests.core.console_world import Room
from tests.core.test_desk_examples import (
    AGENT,
    LEAD,
    command,
    event,
    taken,
)

FILES = 4  # of each complaint: two with it and two with its reply
# What the pages make themselves; whatever else is there, a payload made.
OURS = (
    "iframe, object, embed, base, video, audio, math, portal, marquee, dialog, template, xss, img"
)
INLINE = (
    "[...document.querySelectorAll('*')].flatMap(e => [...e.attributes])"
    ".filter(a => a.name.startsWith('on') || a.name === 'style').map(a => a.name)"
)
SCRIPTS = "[...document.scripts].map(s => new URL(s.src || 'inline:').pathname)"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Room, str]]:
    """A room full of them, behind a real server."""
    room = Room(tmp_path_factory.mktemp("hostile"))
    for number, words in enumerate(by_case()):
        room.here.loop.happens(*events_of(number, words))
    with serving(room) as url:
        yield room, url


def watched(page: Page, found: list[str], *, url: str) -> None:
    """Note every dialog, every call to elsewhere, and every window."""

    def asked(dialog: Dialog) -> None:
        found.append(f"dialog {dialog.message}")
        dialog.dismiss()

    page.on("dialog", asked)
    page.on("popup", lambda popup: found.append(f"popup {popup.url}"))
    page.on(
        "request",
        lambda asked: (
            found.append(f"request {asked.url}") if not asked.url.startswith(url) else None
        ),
    )


def odd(page: Page) -> list[str]:
    """Nodes and attributes that no template of ours has."""
    nodes = [each.evaluate("e => e.outerHTML") for each in page.locator(OURS).all()]
    inline: list[str] = page.evaluate(INLINE)
    scripts: list[str] = page.evaluate(SCRIPTS)
    return [*nodes, *inline, *(each for each in scripts if each != "/static/console.js")]


def test_a_hundred_hostile_texts_run_nothing(served: tuple[Room, str], chrome: Browser) -> None:
    """Whoever complains sees what the handler sees, or acts in her name."""
    room, url = served
    found: list[str] = []
    context, page = signed_in(chrome, room, url=url, person=LEAD)
    watched(page, found, url=url)
    cases = by_case()
    pages = ("/cases?view=all", "/approvals", "/approvals?offset=50", "/tasks", "/live")
    for path in (*pages, *(f"/cases/k{n:02}" for n in range(len(cases)))):
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true })")
        found += [f"{path}: {each}" for each in odd(page)]
    missing = []
    for number, payloads in enumerate(cases):
        page.goto(f"/cases/k{number:02}")
        shown = {squeezed(words) for words in page.locator(".complaint .words").all_inner_texts()}
        missing += [words for words in payloads if squeezed(visible(words)) not in shown]
        assert page.locator(".files li").count() >= len(payloads) * FILES
    context.close()
    assert len(PAYLOADS) >= 100
    assert found == []
    assert missing == []


def squeezed(text: str) -> str:
    """Without white space, which a browser may break elsewhere."""
    return "".join(text.split())


def test_what_a_handler_types_comes_back_unrun(served: tuple[Room, str], chrome: Browser) -> None:
    """A text that was pasted runs when the form is shown again."""
    room, url = served
    room.here.loop.happens(event(command(type(taken()), 0, owner=AGENT), "taken"))
    found: list[str] = []
    context, page = signed_in(chrome, room, url=url, person=AGENT)
    watched(page, found, url=url)
    for words in PAYLOADS[:60:4]:
        page.goto("/cases/case-1")
        page.locator("details#decide summary").click()
        # Nothing chosen: the form comes back with what was typed.
        page.locator("details#decide form").evaluate("form => { form.noValidate = true }")
        page.locator("#decide-text").fill(words)
        page.locator("#amount1").fill(words[:20])
        page.locator("details#decide button.main").click()
        page.get_by_role("alert").wait_for()
        found += odd(page)
        assert page.locator("#decide-text").input_value() == words
    for words in PAYLOADS[1:60:20]:
        page.goto("/cases/case-1")
        page.locator("#reply-text").fill(words)
        page.locator("details#reply button[formaction]").last.click()
        page.locator("#reply-letter").wait_for()
        found += odd(page)
        assert page.locator("#reply-text").input_value() == words
    context.close()
    assert found == []
