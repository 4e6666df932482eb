"""The practice queue: answered, compared, and nowhere else to be found."""

from pathlib import Path

from sqlalchemy import select

from services.desk.ledger import events
from tests.core.console_world import CONSOLE, Room
from tests.core.test_desk_examples import AGENT

PAGE = "/practice/late"


def test_an_exercise_is_answered_and_compared(tmp_path: Path) -> None:
    """She learns nothing from it, or not how her letter sounds."""
    me = Room(tmp_path).agent()
    assert PAGE in me.sees("/practice")
    page = me.fills(PAGE, PAGE, severity="low", person="no", text="Dessverre er reglene slik!!!")
    assert "You read it differently" in page
    assert "Dessverre er reglene slik!!!</textarea>" in page
    assert '<ul class="tone"><li>' in page
    page = me.fills(PAGE, PAGE, severity="high", person="yes", text="Jeg ordner det i dag.")
    assert "You read it alike" in page
    me.sees("/practice/nothing")
    assert me.answer.status_code == 404


def test_a_remedy_is_chosen_and_compared(tmp_path: Path) -> None:
    """She learns to read and to write, and never what to give."""
    me, page = Room(tmp_path).agent(), "/practice/toaster"
    given = {"gesture1": "voucher", "gesture2": "refund", "gesture3": "apology"}
    mine = {"severity": "low", "person": "no", "basis": "statutory", **given}
    found = me.fills(page, page, **mine, total="740")
    assert "You would give what the policy gives" in found
    assert "a team lead" in found
    for other in ({"total": "690"}, {"total": "74O"}, {"total": "740", "gesture1": ""}):
        found = me.fills(page, page, **{**mine, **other})
        assert "You would give something else" in found
        assert other["total"] in found
    assert 'value="74O"' in me.fills(page, page, **mine, total="74O")


def test_nothing_of_it_is_sent_kept_or_counted(tmp_path: Path) -> None:
    """An invented complaint is in the figures, or somebody gets a letter about it."""
    room = Room(tmp_path)
    me = room.agent()

    def kept() -> list[str]:
        with room.keeping.engine.connect() as connection:
            return list(connection.execute(select(events.c.event_id)).scalars())

    before = kept()
    for name in CONSOLE.practice.exercises:
        page = me.fills(f"/practice/{name}", f"/practice/{name}", severity="low", person="no")
        assert "an invented complaint. Nothing is sent, paid or counted." in page
    assert (kept(), room.here.loop.published) == (before, [])
    assert AGENT in page
