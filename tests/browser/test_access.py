"""Nobody is kept out of a page: axe-core finds nothing serious, at any width, light or dark."""

import json
import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.world import MANAGER, Desk

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
PAGES = {
    "cases": "/cases?view=needs",
    "mine": "/cases?view=mine",
    "approvals": "/approvals",
    "tasks": "/tasks",
    "live": "/live",
    "practice": "/practice",
    "exercise": "/practice/late",
    "letters": "/dead-letters",
    "scorecard": "/scorecard",
    "log": "/log",
    "nowhere": "/nowhere",
}


def serious(page: Page) -> list[str]:
    """What axe-core calls serious or worse: the rule, and where."""
    found = json.loads(json.dumps(Axe().run(page).response))["violations"]
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]


def kept(page: Page, name: str) -> None:
    """A picture for docs/, when somebody asks for them."""
    if os.environ.get("KULANSE_SCREENSHOTS") and name in PICTURES:
        SCREENSHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png")


@pytest.mark.parametrize(
    ("scheme", "width_px"),
    [("light", WIDE_PX), ("dark", WIDE_PX), ("light", NARROW_PX)],
    ids=["light", "dark", "phone"],
)
def test_no_page_keeps_anybody_out(desk: Desk, scheme: str, width_px: int) -> None:
    """A label, a contrast or a heading is missing, and somebody cannot do her work."""
    found: dict[str, list[str]] = {}
    size = {"width": width_px, "height": HEIGHT_PX}
    with desk.window(color_scheme=scheme, viewport=size) as window:
        page = window.new_page()
        page.goto("/sign-in")
        found["sign-in"] = serious(page)
    with desk.at(MANAGER, color_scheme=scheme, viewport=size) as eik:
        for name, path in PAGES.items():
            eik.goto(path)
            found[name] = serious(eik)
            kept(eik, f"{name}-{scheme}-{width_px}")
        desk.opens(eik, "d18")
        found["case"] = serious(eik)
        kept(eik, f"case-{scheme}-{width_px}")
        wide = eik.evaluate("document.documentElement.scrollWidth")
    assert {name: said for name, said in found.items() if said} == {}
    assert wide <= width_px
