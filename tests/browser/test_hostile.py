"""What people write is shown as they wrote it: it runs nothing, fetches nothing, makes nothing."""

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import uvicorn
from playwright.sync_api import Browser, Dialog, Page

from services.desk.web.texts import visible
from shared.contracts import recoveries as re
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.registered import Personal
from shared.contracts.triaged import TriagePersonal
from tests.browser.hostile import PAYLOADS
from tests.core.console_world import Room
from tests.core.test_desk_examples import (
    AGENT,
    LEAD,
    command,
    event,
    gesture,
    recovery,
    registered,
    taken,
    triaged,
)

FIELDS = 7  # of a case, each with a payload of its own
STARTED_S_MAX = 30
# What the pages make themselves; whatever else is there, a payload made.
OURS = (
    "iframe, object, embed, base, video, audio, math, portal, marquee, dialog, template, xss, img"
)
INLINE = (
    "[...document.querySelectorAll('*')].flatMap(e => [...e.attributes])"
    ".filter(a => a.name.startsWith('on') || a.name === 'style').map(a => a.name)"
)
SCRIPTS = "[...document.scripts].map(s => new URL(s.src || 'inline:').pathname)"


def by_case() -> list[tuple[str, ...]]:
    """The payloads, as many to a case as it has fields."""
    return [PAYLOADS[at : at + FIELDS] for at in range(0, len(PAYLOADS), FIELDS)]


def case_of(number: int, words: tuple[str, ...]) -> tuple[Event[Contract], ...]:
    """A case with a payload in every field that somebody else fills in; two to a complainant."""
    name, mail, firm, subject, text, category, reason = (words * FIELDS)[:FIELDS]
    ids = {"complaint_id": f"c{number:02}", "case_id": f"k{number:02}"}
    personal = Personal(
        name=name, email=mail, organisation=firm, phone=name, subject=subject, text=text
    )
    said = registered().model_copy(
        update={"personal": personal, "complaint_id": ids["complaint_id"]}
    )
    evidence = TriagePersonal(evidence={reason: (text[:20], name)})
    read = triaged(
        needs_person=True, category=category, reasons=(reason,), personal=evidence, **ids
    )
    paid = gesture("refund", amount_minor=100, currency="NOK", payment_reference=mail)
    given = recovery(
        re.RecoveryProposed, gestures=(paid,), reasons=(category,), recovery_id=f"r{number:02}"
    ).model_copy(update=ids)
    events = (event(said, f"s{number}"), event(read, f"t{number}"), event(given, f"g{number}"))
    return tuple(replace(each, key=f"key-{number // 2}") for each in events)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Room, str]]:
    """A room full of them, behind a real server."""
    room = Room(tmp_path_factory.mktemp("hostile"))
    for number, words in enumerate(by_case()):
        room.here.loop.happens(*case_of(number, words))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(room.app, port=port, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    until = time.monotonic() + STARTED_S_MAX
    while not server.started and time.monotonic() < until:
        time.sleep(0.05)
    yield room, f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


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
    context = chrome.new_context(base_url=url)
    page = context.new_page()
    watched(page, found, url=url)
    page.goto(room.link(LEAD))
    page.get_by_role("main").get_by_role("button").click()
    cases = len(by_case())
    paths = ["/cases?view=all", "/approvals", *(f"/cases/k{n:02}" for n in range(cases))]
    missing = []
    for path in paths:
        page.goto(path)
        for each in page.locator("details").all():
            each.evaluate("e => { e.open = true }")
        found += [f"{path}: {each}" for each in odd(page)]
        if path.startswith("/cases/k"):
            shown = page.locator(".complaint .words").inner_text()
            text = case_text(int(path[-2:]))
            missing += [] if squeezed(text) == squeezed(shown) else [(text, shown)]
    context.close()
    assert len(PAYLOADS) >= 100
    assert found == []
    assert missing == []


def case_text(number: int) -> str:
    """What a case's text should look like: itself, with the unseen spelled."""
    words = by_case()[number]
    return visible((words * FIELDS)[4])


def squeezed(text: str) -> str:
    """Without white space, which a browser may break elsewhere."""
    return "".join(text.split())


def test_what_a_handler_types_comes_back_unrun(served: tuple[Room, str], chrome: Browser) -> None:
    """A text that was pasted runs when the form is shown again."""
    room, url = served
    room.here.loop.happens(event(command(type(taken()), 0, owner=AGENT), "taken"))
    found: list[str] = []
    context = chrome.new_context(base_url=url)
    page = context.new_page()
    watched(page, found, url=url)
    page.goto(room.link(AGENT))
    page.get_by_role("main").get_by_role("button").click()
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
