"""Nobody is kept out of a page: axe-core finds nothing serious, at any width, light or dark."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.pages import FURNISHED, LIVED_IN, OUTSIDE
from tests.browser.served import signed_in
from tests.browser.world import MANAGER, Desk
from tests.core.console_world import Room

# Those that the guide shows.
PICTURES = {
    "cases-light-1280",
    "case-light-1280",
    "live-dark-1280",
    "approvals-dark-1280",
    "case-light-320",
}
SERIOUS = {"serious", "critical"}
SCREENSHOTS = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
# WCAG 2.2's reflow: a phone of 320 CSS pixels, and nothing to scroll sideways.
NARROW_PX, HEIGHT_PX, WIDE_PX = 320, 800, 1280
# How wide, in which colours, and what axe-core asks then: in the dark only the colours are others
# than in the light, and on a phone everything else may be.
WANTED: dict[str, object] = {"resultTypes": ["violations"]}
LOOKS: tuple[tuple[Literal["light", "dark"], int, dict[str, object]], ...] = (
    ("light", WIDE_PX, WANTED),
    ("dark", WIDE_PX, {**WANTED, "runOnly": ["color-contrast"]}),
    ("light", NARROW_PX, {**WANTED, "rules": {"color-contrast": {"enabled": False}}}),
)
UNFOLD = "document.querySelectorAll('details').forEach(each => { each.open = true })"
WIDTH = "document.documentElement.scrollWidth"


def looks(page: Page) -> Iterator[tuple[str, int, dict[str, object]]]:
    """The page that is open, in each of them."""
    for scheme, width_px, rules in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width_px, "height": HEIGHT_PX})
        yield scheme, width_px, rules


def serious(page: Page, rules: dict[str, object]) -> Iterator[str]:
    """What axe-core calls serious or worse: the rule, and where."""
    found = json.loads(json.dumps(Axe().run(page, options=rules).response))
    for each in found["violations"]:
        if each["impact"] in SERIOUS:
            for node in each["nodes"]:
                yield f"{each['id']}: {node['target']} {node['failureSummary']}"


def kept(page: Page, name: str) -> None:
    """Pictures for docs/, when somebody asks for them."""
    if os.environ.get("KULANSE_SCREENSHOTS"):
        for scheme, width_px, _ in looks(page):
            if (look := f"{name}-{scheme}-{width_px}") in PICTURES:
                SCREENSHOTS.mkdir(exist_ok=True)
                page.screenshot(path=SCREENSHOTS / f"{look}.png")


def faults(page: Page, name: str) -> Iterator[str]:
    """Of the page that is open, in every look, with its folded parts unfolded."""
    kept(page, name)
    page.evaluate(UNFOLD)
    for scheme, width_px, rules in looks(page):
        look = f"{name}-{scheme}-{width_px}"
        yield from (f"{look}: {each}" for each in serious(page, rules))
        wide = page.evaluate(WIDTH)
        if wide > width_px:
            yield f"{look}: {wide} pixels wide"


def test_no_page_of_a_working_day_keeps_anybody_out(desk: Desk) -> None:
    """A label, a contrast or a heading is missing, and somebody cannot do her work."""
    found: list[str] = []
    with desk.at(MANAGER) as eik:
        for name, _, path in LIVED_IN:
            eik.goto(path)
            found += faults(eik, name)
        desk.opens(eik, "d18")
        found += faults(eik, "case")
    assert found == []


def test_no_other_page_keeps_anybody_out(whole: tuple[Room, str], chrome: Browser) -> None:
    """A room that is seldom entered is one that somebody cannot enter."""
    room, url = whole
    found: list[str] = []
    context, page = signed_in(chrome, room, url=url, person=MANAGER)
    for name, _, path in FURNISHED:
        page.goto(path)
        found += faults(page, name)
    context.clear_cookies()
    for name, _, path in OUTSIDE:
        page.goto(path)
        found += faults(page, name)
    context.close()
    assert found == []


def test_no_answer_to_a_form_keeps_anybody_out(whole: tuple[Room, str], chrome: Browser) -> None:
    """Whoever reads with her ears fills in a form, and cannot read what it came to."""
    room, url = whole
    found: list[str] = []
    context, page = signed_in(chrome, room, url=url, person=MANAGER)
    page.goto("/practice/late")
    page.locator("#severity").select_option("high")
    page.locator("input[name=person][value=yes]").check()
    page.locator("#text").fill("Dessverre er reglene slik!!!")
    page.get_by_role("main").get_by_role("button").click()
    page.locator("#feedback").wait_for()
    found += faults(page, "exercise, answered")
    for text in ("automatic: 10000", "no_such_rule: 1"):
        page.goto("/policies/try?file=recovery.yaml")
        said = page.locator("#text").input_value()
        page.locator("#text").fill(said.replace("automatic: 25000", text))
        page.locator("form:has(#text) button").click()
        page.locator(".flash").wait_for()
        found += faults(page, f"tried: {text}")
    context.close()
    assert found == []
