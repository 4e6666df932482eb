"""Two cases that are one matter, by a colleague's word; and two after all."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.desk.joining import parts
from services.desk.model import CaseView
from shared.contracts import cases as ca
from shared.contracts.identity import own_case
from tests.core.console_world import Browser, Room
from tests.core.test_desk_examples import AGENT, CASE, COMPLAINT, LEAD, event, triaged

PAGE = f"/cases/{CASE}"
SECOND, STRANGER = "case-2", "case-3"


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """Two cases of one complainant, and one of somebody else."""
    room = Room(tmp_path)
    ids = [{"case_id": each, "complaint_id": f"c-{each}"} for each in (SECOND, STRANGER)]
    mine, theirs = (event(triaged(needs_person=True, **each), each["case_id"]) for each in ids)
    room.here.loop.happens(mine, replace(theirs, key="key-2"))
    return room


def owner(room: Room) -> Browser:
    """The one who has taken the first case."""
    me = room.agent()
    me.fills(PAGE, f"{PAGE}/take")
    return me


def now(room: Room) -> CaseView:
    """The first case as it stands."""
    with room.here.person(LEAD) as someone:
        return someone.show(CASE)


def test_two_cases_become_one_matter_and_two_again(room: Room) -> None:
    """A matter told twice gets two owners and two gifts, or a wrong link stays for ever."""
    me = owner(room)
    page = me.fills(PAGE, f"{PAGE}/link", other=SECOND, reason="Same traktar")
    assert "Linked" in page
    assert "The same matter as" in page
    said = room.here.loop.published[-1].data
    assert isinstance(said, ca.CaseLinked)
    assert (said.other_case_id, said.actor, said.reason) == (SECOND, AGENT, "Same traktar")
    assert "Parted" in me.fills(PAGE, f"{PAGE}/unlink", other=SECOND)
    assert isinstance(room.here.loop.published[-1].data, ca.CaseUnlinked)
    assert now(room).linked == ()


@pytest.mark.parametrize(
    ("verb", "other", "expected"),
    [
        ("link", CASE, "That is this case"),
        ("link", STRANGER, "somebody else's case"),
        ("link", "K-00000000", "No case has this number"),
        ("unlink", SECOND, "are not linked"),
    ],
)
def test_what_is_not_one_matter_is_told(room: Room, verb: str, other: str, expected: str) -> None:
    """Two people's matters become one, or a word without effect looks like one with."""
    me = owner(room)
    before = len(room.here.loop.published)
    token = me.http.get(PAGE).text.partition('name="csrf" value="')[2].partition('"')[0]
    page = me.sends(f"{PAGE}/{verb}", {"csrf": token, "other": other, "key": "k"})
    assert expected in page
    assert me.answer.status_code in (404, 422)
    assert len(room.here.loop.published) == before


def test_whoever_does_not_own_it_links_nothing(room: Room) -> None:
    """Anybody moves what a colleague is working on."""
    owner(room)
    other = room.browser("agent-hassel")
    assert f'action="{PAGE}/link"' not in other.sees(PAGE)


def test_a_complaint_that_a_machine_put_here_can_be_parted(room: Room) -> None:
    """The machine's own link is the one that nobody can undo."""
    again = triaged(needs_person=True, complaint_id="c-9")
    room.here.loop.happens(event(again, "again"))
    me = owner(room)
    assert "Parted" in me.fills(PAGE, f"{PAGE}/unlink", other=own_case("c-9"))
    put_here = {own_case(COMPLAINT), own_case("c-9")}
    assert set(parts(now(room))) == put_here
