"""The desk's lists on Postgres, which is stricter than SQLite with what it is asked."""

from collections.abc import Iterator

import pytest

from tests.core.console_world import Room
from tests.core.test_desk_examples import CASE
from tests.postgres import serving

NOON = "2026-11-29T12:00:00%2B00:00"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """A desk with one case, its ledger in a real Postgres."""
    with serving(tmp_path_factory.mktemp("postgres")) as url, pytest.MonkeyPatch.context() as here:
        here.setenv("KULANSE_DATABASE_URL", url)
        yield Room(tmp_path_factory.mktemp("desk"))


def test_a_list_goes_on_behind_a_place(room: Room) -> None:
    """Postgres compares a place otherwise than SQLite, and the last case is on no page."""
    me = room.agent()
    assert CASE[:8] in me.sees(f"/cases?view=all&after=0~{NOON}~a")
    assert CASE[:8] in me.sees(f"/cases?view=all&before=99~{NOON}~a")


@pytest.mark.parametrize("path", ["/cases?view=all&category=%00", "/cases/%00"])
def test_what_no_text_can_hold_is_not_found(room: Room, path: str) -> None:
    """She is told that the database is away, and tries again all day."""
    me = room.agent()
    assert "There is no such page" in me.sees(path)
    assert me.answer.status_code == 404


def test_the_door_has_no_case_of_such_a_name(room: Room) -> None:
    """A program is told to try again, and does, for ever."""
    answer = room.here.said("GET", "/v1/cases/%00")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_path")
