"""A changed policy is tried on past decisions in the console: told, and nothing kept."""

from pathlib import Path

import pytest

from services.cli.desk_door import Cores
from shared.errors import Refused
from shared.policy import POLICY_DIR, read_policy_text
from tests.core.console_world import Room
from tests.core.test_desk_examples import LEAD
from tests.core.test_recovery_policy_diff import past

FILE = "recovery.yaml"
PAGE = f"/policies/try?file={FILE}"
TEXT = (POLICY_DIR / FILE).read_text(encoding="utf-8")
BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """A console with the cores in hand."""
    return Room(tmp_path, rehearsal=Cores())


def test_the_same_policy_moves_nothing_and_another_is_told(room: Room) -> None:
    """A policy owner ships a number and finds out from customers."""
    lead = room.browser(LEAD)
    page = lead.fills(PAGE, "/policies/try", text=TEXT)
    assert "would be others: 0, of 1." in page
    before = sorted(path.read_bytes() for path in POLICY_DIR.rglob("*.yaml"))
    broken = lead.fills(PAGE, "/policies/try", text=TEXT + "\nno_such_rule: <b>1</b>\n")
    assert lead.answer.status_code == 422
    assert "no_such_rule" in broken
    assert "<b>1</b>" not in lead.answer.text
    assert sorted(path.read_bytes() for path in POLICY_DIR.rglob("*.yaml")) == before


def test_the_cores_tell_what_the_command_tells() -> None:
    """The console and `kulanse policy diff` tell different stories."""
    found = Cores().compared(past(), file=FILE, text=TEXT)
    assert (found.decisions, found.moves) == (3, ())
    less = TEXT.replace("automatic: 25000", "automatic: 10000")
    (moved,) = Cores().compared(past(), file=FILE, text=less).moves
    assert moved.complaint_id == "small"
    assert (moved.before.approval, moved.after.approval) == ("automatic", "team_lead")
    people = (POLICY_DIR / "people.yaml").read_text(encoding="utf-8")
    assert Cores().compared(past(), file="people.yaml", text=people).decisions == 3


def test_who_may_not_try_does_not(room: Room) -> None:
    """Anybody keeps a core busy, or reads a file that is no policy."""
    agent, lead = room.agent(), room.browser(LEAD)
    agent.sees(PAGE)
    assert agent.answer.status_code == 403
    for other in ("../compose.yaml", "triage.yaml", ""):
        lead.sees(f"/policies/try?file={other}")
        assert lead.answer.status_code == 404
    assert "Try a change" in lead.sees(f"/policies?file={FILE}")


@pytest.mark.parametrize("text", [BOMB, "[" * 1000, "a: !!python/object:os.system x", "a: [", "\0"])
def test_what_is_typed_is_read_safely(text: str) -> None:
    """A few lines fill the memory, or run something."""
    with pytest.raises(Refused) as refused:
        read_policy_text(text, where="x")
    assert refused.value.code in {"policy_not_plain", "policy_not_yaml"}
