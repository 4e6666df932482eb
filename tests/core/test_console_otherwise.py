"""What would change it, on the case page: the other services' cores, handed in, nothing sent."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from services.cli.desk_door import Cores
from services.desk.rehearsal import Changed, Difference, Otherwise, Without
from services.desk.web.otherwise import in_words
from services.desk.web.policy import words_in
from shared.contracts.contract import Contract, Sealed
from shared.contracts.envelope import Event
from shared.contracts.registered import ComplaintRegistered
from tests.core.console_world import CONSOLE, Room
from tests.core.test_desk_examples import CASE, registered

PAGE = f"/cases/{CASE}"
HOSTILE = "<b onclick=x>alle</b>"


class Said:
    """A rehearsal that says what it is told to."""

    def __init__(self) -> None:
        """Nobody asked yet."""
        self.asked: list[str] = []

    def otherwise(self, complaint: ComplaintRegistered) -> Otherwise | None:
        """Words, and an order, that decide."""
        self.asked.append(complaint.complaint_id)
        gestures = Changed("gestures", "refund 249.00 NOK, apology", "none")
        return Otherwise(
            "low",
            "complaint",
            (
                Without((HOSTILE,), "", (Changed("severity", "critical", "high"),)),
                Without((), "its order", (gestures,)),
            ),
        )

    def compared(self, past: Sequence[Event[Contract]], *, file: str, text: str) -> Difference:
        """Nothing moves."""
        assert file
        assert text
        return Difference(len(past), (), ())


@pytest.fixture
def said() -> Said:
    """What is asked."""
    return Said()


def test_it_is_told_when_asked_in_her_own_words(tmp_path: Path, said: Said) -> None:
    """Each page of a case costs a second, or a person must know the machine's codes."""
    room = Room(tmp_path, rehearsal=said)
    me = room.agent()
    page = me.sees(PAGE)
    assert said.asked == []
    asked = page.partition(f'href="{PAGE}?otherwise=')[2].partition("#")[0]
    page = me.sees(f"{PAGE}?otherwise={asked}")
    assert said.asked == [asked]
    assert "severity: Critical → High" in page
    assert "remedies: refund 249.00 NOK, apology → none" in page
    assert "Read by itself now it is complaint, Low" in page
    assert HOSTILE not in me.answer.text
    me.sees(f"{PAGE}?otherwise=somebody-elses")
    assert said.asked == [asked]


def test_without_the_cores_the_page_names_the_command(tmp_path: Path) -> None:
    """A room that is not there looks like a broken one."""
    assert "kulanse explain" in Room(tmp_path).agent().sees(PAGE)


def test_the_cores_read_a_registered_complaint_as_explain_does() -> None:
    """The console tells another story than the command."""
    text = "Kassesystemet er nede i alle butikkene."
    found = Cores().otherwise(registered(text))
    assert found is not None
    assert found.severity == "critical"
    moves = {each.words: each.changed for each in found.changes}
    assert Changed("severity", "critical", "high") in moves[("alle butikkene",)]


def test_sealed_words_are_not_read() -> None:
    """Whoever was forgotten would be read anew from nothing, or the page breaks."""
    sealed = Sealed(sealed="x", key_id="k")
    assert Cores().otherwise(registered().model_copy(update={"personal": sealed})) is None


def test_every_part_of_a_result_has_words() -> None:
    """A page in nynorsk says `needs_person no → yes`."""
    for form in ("nb", "nn", "en"):
        words = words_in(CONSOLE, form)
        assert in_words(words, "needs_person", value="yes") == words.code("value", "true")
        assert in_words(words, "basis", value="none") == words.code("value", "none")
        assert in_words(words, "abuse", value="none") == words.code("abuse", "none")
        assert in_words(words, "remedy_sought", value="refund") == words.code("remedy", "refund")
