"""The journeys that a working day is made of, in a real browser, over a real broker.

The ten that matter most: 1 in by a link that works once, or by a password · 2 every reason to call
a person found, taken, answered and closed (`test_every_reason.py`, and the last of the demo's here)
· 3 asked, handed over, answered by the other · 4 a no with reasons, read by the complainant
· 5 signed, refused with a reason, and another sum, signed by a second (`test_signatures.py`)
· 6 two people at one approval (there), two at one case, two cases that are one matter
(`test_at_the_desk.py`)
· 7 a correction that is hers · 8 a letter whose sound is told while she types
(`test_at_the_desk.py`) · 9 with the keyboard alone, without scripts, in three languages, dark and
small (`test_access.py`) · 10 covered words, and who looked.
"""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from shared.contracts import cases as ca
from tests.browser.world import (
    AGENT,
    AUDITOR,
    LEAD,
    MANAGER,
    OTHER,
    Desk,
    act,
    said,
    took,
    warned,
)
from tests.people import within, written

PASSWORD = "lang tale om regn"
NEWCOMER = "lead-furu"  # a new password ends her other sessions, so nobody else's journey has them
MAIL_S_MAX = 60.0
TABS_MAX = 200  # more than a page has places


def closed(page: Page) -> None:
    """She closes it in her name."""
    page.get_by_role("button", name="Close the case").click()
    said(page, "Closed, in your name")


def test_up_prints_a_link_that_signs_in_once(desk: Desk) -> None:
    """Whoever starts it cannot get in, or anyone who reads the terminal can."""
    told = desk.eik.state_dir.parent / f"{desk.eik.state_dir.name}.said"
    link = re.search(r"sign in: +(\S+)", told.read_text(encoding="utf-8"))
    assert link is not None
    with desk.window() as window:
        page = window.new_page()
        page.goto(link[1])
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator(".who")).to_contain_text(MANAGER)
        page.get_by_role("button", name="Logg ut").click()
        page.goto(link[1])
        page.get_by_role("button", name="Sign in").click()
        warned(page, "used already")


def test_a_password_signs_in(desk: Desk) -> None:
    """An account is made, and its password does not open."""
    made = desk.eik.types("console", "account", NEWCOMER, stdin=f"{PASSWORD}\n")
    assert (made.code, made.err) == (0, "")
    with desk.window() as window:
        page = window.new_page()
        page.goto("/approvals")
        page.get_by_label("Your name here").fill(NEWCOMER)
        page.get_by_label("Password").fill("feil passord her")
        page.get_by_role("button", name="Sign in").click()
        warned(page, "do not fit")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/approvals")


def test_asked_answered_handed_over_and_closed(desk: Desk) -> None:
    """A case cannot change hands, or the question never leaves."""
    with desk.at(AGENT) as me, desk.at(OTHER) as other:
        desk.opens(me, "d13")
        took(me)
        act(me, "ask", text="Hvilken brukerkonto gjelder det?")
        said(me, "The clock waits")
        me.locator("details#hand-over summary").click()
        me.get_by_label("To", exact=True).select_option(OTHER)
        me.get_by_role("button", name="Hand over").click()
        said(me, "Handed over")
        other.goto("/cases?view=mine")
        other.get_by_role("link", name=desk.case("d13").case_id[:8]).click()
        act(other, "reply", text="Tilgangen er åpen igjen nå. Si fra hvis den glipper.")
        said(other, "on its way")
        closed(other)
    case = desk.case("d13")
    assert (case.state, case.owner) == ("closed", OTHER)


def test_a_no_with_reasons_reaches_the_complainant(desk: Desk) -> None:
    """A person says no, and the one who complained never reads why."""
    why = "Avtalen gjelder fra den dagen du signerte, og det var etter at prisen ble endret."
    with desk.at(AGENT) as me:
        desk.opens(me, "d39")
        took(me)
        me.locator("details#decide summary").click()
        me.get_by_label("Not right").check()
        me.get_by_label("What kind of help?").select_option("explanation")
        me.get_by_label("The reasons").fill(why)
        me.get_by_role("button", name="Decide and send").click()
        said(me, "Decided")
        closed(me)
    sent = within(
        MAIL_S_MAX, lambda: "den dagen du signerte" in written(desk.eik.state_dir), wanted=True
    )
    assert sent


def test_a_correction_is_hers(desk: Desk) -> None:
    """A handler's word does not beat the machine's, or nobody sees whose it is."""
    with desk.at(LEAD) as lead:
        desk.opens(lead, "d18")
        lead.locator("details#override summary").click()
        lead.get_by_label("What should it be?").select_option("severity:high")
        lead.get_by_role("button", name="Correct how it was read").click()
        said(lead, "stands as your word")
        expect(lead.get_by_text(f"says {LEAD}")).to_be_visible()
    assert desk.case("d18").severity == "high"


def test_who_is_slower_with_a_case_keeps_her_words(desk: Desk) -> None:
    """Two answers leave, or twenty lines are lost."""
    with desk.at(LEAD) as lead, desk.at(AGENT) as me:
        desk.opens(me, "d04")
        took(me)
        me.locator("details#ask summary").click()
        me.locator("#ask-text").fill("Når ble den sendt?")
        desk.opens(lead, "d04")
        lead.locator("details#override summary").click()
        lead.get_by_label("What should it be?").select_option("severity:medium")
        lead.get_by_role("button", name="Correct how it was read").click()
        said(lead, "stands as your word")
        me.locator("details#ask").get_by_role("button", name="Send").click()
        warned(me, "Somebody was faster")
        expect(me.locator("#ask-text")).to_have_value("Når ble den sendt?")
        me.locator("details#ask").get_by_role("button", name="Send").click()
        said(me, "The clock waits")
    assert desk.case("d04").state == "waiting_for_complainant"


def tabbed(me: Page, to: Locator) -> None:
    """Go on with the tabulator until there."""
    for _ in range(TABS_MAX):
        if to.evaluate("place => place === document.activeElement"):
            return
        me.keyboard.press("Tab")
    pytest.fail(f"not within reach: {to}")


def test_with_the_keyboard_alone(desk: Desk) -> None:
    """Whoever cannot hold a mouse cannot work here."""
    with desk.at(AGENT) as me:
        me.goto("/cases?view=all")
        me.keyboard.press("Tab")
        expect(me.locator(":focus")).to_have_text("Skip to the content")
        me.keyboard.press("/")
        expect(me.locator("#q")).to_be_focused()
        me.keyboard.type(desk.complaints["d28"])
        me.keyboard.press("Enter")
        expect(me.get_by_role("button", name="Take the case")).to_be_visible()
        tabbed(me, me.get_by_role("button", name="Take the case"))
        me.keyboard.press("Enter")
        said(me, "The case is yours")
        tabbed(me, me.locator("#reply-text"))
        me.keyboard.type("Ja, den kan vaskes på seksti grader.")
        tabbed(me, me.locator("details#reply button.main"))
        me.keyboard.press("Enter")
        said(me, "on its way")
        closed(me)
    assert desk.case("d28").state == "closed"


def test_without_scripts(desk: Desk) -> None:
    """A script that does not load stops the work."""
    with desk.at(OTHER, scripts=False) as me:
        desk.opens(me, "d36")
        took(me)
        act(me, "reply", text="Vi kondolerer. Abonnementet er avsluttet, og ingenting mer kreves.")
        said(me, "on its way")
        closed(me)
    assert desk.case("d36").state == "closed"


def test_hurtful_words_are_covered(desk: Desk) -> None:
    """She reads the threat before she has decided to."""
    with desk.at(AGENT) as me:
        desk.opens(me, "d24")
        words = me.locator(".complaint .words")
        assert not words.is_visible()
        me.locator(".complaint summary", has_text="covered").click()
        assert words.is_visible()


def test_everything_is_found_taken_answered_and_closed(desk: Desk) -> None:
    """Some kind of case can be opened here and never finished."""
    with desk.at(MANAGER) as eik:
        finished: list[str] = []
        while True:
            eik.goto("/cases?view=needs")
            links = eik.locator("table.cases th a")
            if links.count() == 0:
                break
            links.first.click()
            finished.append(eik.url)
            assert finished.count(eik.url) == 1, eik.locator("main").inner_text()[:2000]
            _finish(eik)
    closers = {
        named: [line.by for line in desk.case(named).timeline if line.type == ca.CaseClosed.TYPE]
        for named in desk.complaints
        if desk.case(named).state == "closed"
    }
    assert [named for named, by in closers.items() if not by] == []


def _finish(page: Page) -> None:
    take = page.get_by_role("button", name=re.compile("^Take"))
    if take.count():
        took(page)
    act(page, "reply", text="Vi har sett på dette sammen, og det er ordnet.")
    said(page, "on its way")
    while page.get_by_role("button", name="Done").count():
        page.get_by_role("button", name="Done").first.click()
        said(page, "Done")
    closed(page)


def test_the_auditor_sees_who_looked(desk: Desk) -> None:
    """Nobody can tell who read what."""
    with desk.at(AGENT) as me:
        desk.opens(me, "d24")
    with desk.at(AUDITOR) as auditor:
        auditor.goto("/tasks")
        auditor.get_by_role("link", name="Log").click()
        row = auditor.get_by_role("row").filter(has_text=desk.case("d24").case_id).first
        assert AGENT in row.inner_text()


def test_every_call_is_to_ourselves(desk: Desk) -> None:
    """A page asks somebody else for something, and tells them who works on what."""
    asked: list[str] = []
    with desk.at(AGENT) as me:
        me.on("request", lambda request: asked.append(request.url))
        for path in ("/cases?view=all", "/approvals", "/tasks"):
            me.goto(path)
        desk.opens(me, "d04")
    assert [url for url in asked if not url.startswith(desk.url)] == []
