"""What a colleague's browser adds to her work: how a letter sounds, her language, practice."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from shared.contracts import cases as ca
from tests.browser.served import served, signed_in
from tests.core.console_world import Room
from tests.core.test_desk_examples import AGENT, CASE, event, triaged

SAME = "case-2"  # of the same complainant
TONE_MS_MAX = 20_000  # she stops typing, and the answer comes; the machine may be busy


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    """A desk with two cases of one complainant."""
    found = Room(tmp_path_factory.mktemp("at_the_desk"))
    again = triaged(needs_person=True, case_id=SAME, complaint_id=f"c-{SAME}")
    found.here.loop.happens(event(again, SAME))
    return found


@pytest.fixture(scope="module")
def page(room: Room, chrome: Browser) -> Iterator[Page]:
    """An agent's, signed in."""
    with served(room) as url:
        context, page = signed_in(chrome, room, url=url, person=AGENT)
        yield page
        context.close()


def test_she_is_told_how_it_sounds_while_she_types(room: Room, page: Page) -> None:
    """A letter that pushes people away is sent, because nobody said so in time."""
    page.goto(f"/cases/{CASE}")
    page.locator("form[action$='/take'] button").click()
    field, said = page.locator("#reply-text"), page.locator("#reply-tone li")
    expect(said).to_have_count(0)
    field.press_sequentially("Dessverre er reglene slik!!!")
    said.first.wait_for(timeout=TONE_MS_MAX)
    field.fill("Vi sender ein ny i dag.")
    expect(said).to_have_count(0, timeout=TONE_MS_MAX)
    # Only what she sent is a letter.
    assert [each.type for each in room.here.loop.published] == ["kulanse.case.assigned.v1"]


def test_her_language_follows_her(page: Page) -> None:
    """She chooses nynorsk, and the next page is in another form again."""
    page.goto("/cases?view=free")
    for name, form in (("English", "en"), ("Nynorsk", "nn"), ("Bokmål", "nb")):
        page.get_by_role("button", name=name).click()
        page.goto("/tasks")
        assert page.locator("html").get_attribute("lang") == form


def test_two_cases_become_one_matter_and_two_again(room: Room, page: Page) -> None:
    """A matter told twice gets two owners and two gifts, or a wrong link stays for ever."""
    before = len(room.here.loop.published)
    page.goto(f"/cases/{CASE}")
    if page.locator("form[action$='/take']").count():
        page.locator("form[action$='/take'] button").click()
    page.locator("details#link summary").click()
    page.locator("#link-other").select_option(SAME)
    page.locator("#link-reason").fill("Same traktar, meld to gonger")
    page.locator("details#link button").click()
    expect(page.get_by_role("status")).to_be_visible()
    expect(page.locator(f"section[aria-labelledby=linked] a[href='/cases/{SAME}']")).to_be_visible()
    page.locator("details#unlink summary").click()
    page.locator("#unlink-other").select_option(SAME)
    page.locator("details#unlink button").click()
    expect(page.get_by_role("status")).to_be_visible()
    expect(page.locator("section[aria-labelledby=linked]")).to_have_count(0)
    told = [each.data for each in room.here.loop.published[before:]]
    linked = [each for each in told if isinstance(each, ca.CaseLinked | ca.CaseUnlinked)]
    assert [(type(each), each.actor, each.other_case_id) for each in linked] == [
        (ca.CaseLinked, AGENT, SAME),
        (ca.CaseUnlinked, AGENT, SAME),
    ]


def test_an_exercise_is_answered(room: Room, page: Page) -> None:
    """Whoever learns the work can look at an exercise and not answer it."""
    published = len(room.here.loop.published)
    page.goto("/practice")
    page.get_by_role("main").get_by_role("link").first.click()
    expect(page.locator("#feedback")).to_have_count(0)
    page.locator("#severity").select_option("high")
    page.locator("input[name=person][value=yes]").check()
    page.locator("#text").fill("Jeg ordner det i dag.")
    page.get_by_role("main").get_by_role("button").click()
    expect(page.locator("#feedback")).to_be_visible()
    assert len(room.here.loop.published) == published
