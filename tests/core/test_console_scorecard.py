"""The scorecard in the console: figures with n, drawn without script or style, and no names."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from services.desk.lived import TOLD
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.measures import MeasureRecorded
from shared.errors import Transient
from shared.scorecard.measures import FEW
from shared.scorecard.scorecard import GROUPS, scorecard
from tests.core.console_world import CONSOLE, Room
from tests.core.test_desk_examples import AGENT, LEAD, MONDAY, event, registered, triaged

HOSTILE = "<svg onload=alert(1)>"


@dataclass
class Words:
    """Where measures lie, in memory."""

    said: tuple[Event[Contract], ...] = ()
    fails: bool = False

    async def measures(self) -> tuple[Event[Contract], ...]:
        """All of them."""
        if self.fails:
            raise Transient("away")
        return self.said


def complaints(count: int, **read: object) -> Iterator[Event[Contract]]:
    """So many complaints, each read as told."""
    for number in range(count):
        ids = {"complaint_id": f"s-{number:03}"}
        came = registered().model_copy(update={**ids, "received_at": MONDAY})
        told = triaged(**ids, case_id=f"s-{number:03}", **read)
        for name, data in (("r", came), ("t", told)):
            yield replace(event(data, f"{name}{number}"), key=f"s{number}")


def measure(what: str = "Nytt bud") -> Event[Contract]:
    """A leader's word on a cause."""
    word = MeasureRecorded(
        measure_id="m-1",
        at=MONDAY,
        phase="during",
        cause="delivery",
        what=what,
        owner=LEAD,
        holds_from=MONDAY + timedelta(days=1),
        actor=LEAD,
    )
    return event(word, "m-1")


@pytest.fixture
def words() -> Words:
    """One measure, in hostile words."""
    return Words((measure(HOSTILE),))


@pytest.fixture
def room(tmp_path: Path, words: Words) -> Room:
    """A desk with a case, and its console."""
    return Room(tmp_path, measured=words)


def test_each_figure_stands_with_n_and_too_few_says_nothing(room: Room) -> None:
    """One angry customer becomes a hundred per cent."""
    page = room.agent().sees("/scorecard")
    assert "too few" in page
    assert 'class="range"' not in page
    assert "95 %" in page
    assert AGENT not in page.partition("<main")[2]


def test_causes_are_drawn_and_measures_stand_with_them(room: Room, words: Words) -> None:
    """A cause is seen, and nobody sees that something was done."""
    room.here.loop.happens(*complaints(FEW, category="delivery", phase="during"))
    me = room.agent()
    page = me.sees("/scorecard")
    assert f"The latest complaints: {FEW + 1}" in page
    assert "Causes with a measure: 1, of" in page
    assert "<rect" in me.answer.text
    assert HOSTILE not in me.answer.text
    assert "&lt;svg onload" in me.answer.text
    assert "style=" not in me.answer.text
    words.fails = True
    room.now += timedelta(minutes=CONSOLE.rules.scorecard_minutes)
    assert "could not be fetched" in me.sees("/scorecard")


def test_it_is_counted_anew_only_when_it_is_old(room: Room) -> None:
    """Ten leaders look at once, and the desk stands still."""
    me = room.agent()
    assert "The latest complaints: 1" in me.sees("/scorecard")
    room.here.loop.happens(*complaints(1))
    assert "The latest complaints: 1" in me.sees("/scorecard")
    room.now += timedelta(minutes=CONSOLE.rules.scorecard_minutes)
    assert "The latest complaints: 2" in me.sees("/scorecard")


@pytest.mark.parametrize("by", [*GROUPS, "owner"])
def test_every_grouping_has_its_words(room: Room, by: str) -> None:
    """A page asks for a grouping that it cannot show, or one by colleague."""
    page = room.browser(LEAD, form="nn").sees(f"/scorecard?by={by}")
    assert "Kor gode vi er" in page
    assert ("selected>" in page.partition('id="by"')[2].partition("</select>")[0]) == (by in GROUPS)


def test_every_figure_and_criterion_has_words() -> None:
    """A page in nynorsk says "time to a human"."""
    every = scorecard({})
    for form in ("nb", "nn", "en"):
        words = CONSOLE.words[form]
        assert {each.name for each in every} - words["measure"].keys() == set()
        assert {each.criterion for each in every} - words["criterion"].keys() == set()
        assert set(GROUPS) - words["grouping"].keys() == set()


def test_what_the_figures_count_is_what_is_read() -> None:
    """A figure stands at nought because the desk left its events out."""
    named = {part for each in scorecard({}) for part in each.events.split(", ")}
    told = {kind.TYPE.removeprefix("kulanse.").removesuffix(".v1") for kind in TOLD}
    assert named - told == set()
