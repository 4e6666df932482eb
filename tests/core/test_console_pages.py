"""A long queue has pages, and people work on it meanwhile."""

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.core.console_world import Room
from tests.core.test_desk_examples import CASE, event, triaged

PAGE = f"/cases/{CASE}"
NOON = "2026-11-29T12:00:00+00:00"


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """A desk with sixty-one cases that nobody has, and its console."""
    room = Room(tmp_path)
    for number in range(60):
        ids = {"complaint_id": f"many-{number:02}", "case_id": f"many-{number:02}"}
        room.here.loop.happens(
            replace(event(triaged(needs_person=True, **ids), f"m{number}"), key=f"k{number}")
        )
    return room


def beside(page: str, which: str) -> str:
    """The address of the page before ("prev") or after ("next"); "" where there is none."""
    found = re.search(f'rel="{which}" href="([^"]*)"', page)
    return found[1] if found else ""


def named(page: str) -> list[str]:
    """The cases on a page, in order."""
    return re.findall(r'<th scope="row"><a href="/cases/([^"]*)"', page)


def test_a_long_queue_has_pages(room: Room) -> None:
    """What stands below the first page is never found."""
    me = room.agent()
    first = me.sees("/cases?view=free")
    second = me.sees(beside(first, "next"))
    again = me.sees(beside(second, "prev"))
    assert [len(named(page)) for page in (first, second, again)] == [50, 11, 50]
    assert len({*named(first), *named(second)}) == 61
    assert named(again) == named(first)
    assert (beside(first, "prev"), beside(second, "next"), beside(again, "prev")) == ("", "", "")
    assert beside(again, "next") == beside(first, "next")


def test_what_is_taken_meanwhile_hides_no_case(room: Room) -> None:
    """She takes a case, turns the page, and the row that moved up is passed over."""
    me = room.agent()
    first = me.sees("/cases?view=free")
    rest = named(me.sees(beside(first, "next")))
    assert CASE in named(first)
    me.fills(PAGE, f"{PAGE}/take")
    assert named(me.sees(beside(first, "next"))) == rest


@pytest.mark.parametrize("words", ["7", "7~never~k", "7~2026-11-29~k", "x~~", f"7~{NOON}~\0"])
def test_a_place_that_is_none_is_the_beginning(room: Room, words: str) -> None:
    """A link that was cut short in a mail shows an error, or nothing."""
    me = room.agent()
    assert len(named(me.sees(f"/cases?{urlencode({'view': 'free', 'after': words})}"))) == 50
    assert me.answer.status_code == 200


def test_behind_the_last_case_is_the_first_page(room: Room) -> None:
    """All of the last page was taken meanwhile, and she is told that there is nothing to do."""
    me = room.agent()
    behind = urlencode({"view": "free", "severity": "", "after": f"99~{NOON}~z"})
    assert len(named(me.sees(f"/cases?{behind}"))) == 50
    assert me.answer.url.query == b"view=free"
