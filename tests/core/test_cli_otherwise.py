"""What `explain` shows people: marked words, the rules, and what would have changed the result."""

import pytest

from services.cli.answer import answer_of
from services.cli.explaining import explained, severity_rules
from services.cli.lines import Line
from services.cli.otherwise import Change, changes, without
from services.cli.showing import marked, told
from services.cli.stages import parts
from shared.contracts.submitted import Order
from shared.contracts.triaged import ComplaintTriaged
from tests.core.cli_examples import AT, submitted

STOPPED = "Kassesystemet er nede i alle butikkene."
SHOUTED = "Koppen var knust. RASENDE!!! Jeg vil ha pengene tilbake."
MONEY = ("severity", "outcome", "basis", "gestures", "approval")


def _line(text: str, order: Order | None = None) -> Line:
    return Line.model_validate(submitted(text).model_dump() | {"order": order})


def _changes(line: Line) -> list[Change]:
    complaint_id, events = explained(line, parts(), now=AT)
    answer = answer_of(None, complaint_id=complaint_id, events=events)
    return list(changes(line, parts(), told=told(answer), now=AT))


def test_a_word_that_decides_is_named_with_what_it_decides() -> None:
    """Nobody could see what would have to be otherwise for another result."""
    found = {change.without: change.changed for change in _changes(_line(STOPPED))}
    assert "severity critical → high" in found["“alle butikkene”"]


def test_a_shouted_word_changes_how_and_never_what() -> None:
    """Anger would move severity or money, or the reader would think that it does."""
    loud = next(c for c in _changes(_line(SHOUTED)) if "RASENDE" in c.without)
    assert [each for each in loud.changed if each.startswith(MONEY)] == []
    assert any(each.startswith("arousal") for each in loud.changed)


def test_words_that_only_decide_together_are_told_together() -> None:
    """Two words for one danger would each look as if they did not matter."""
    line = _line("Det ryker av den, og jeg brente meg. Vil ha pengene tilbake for genseren.")
    wide = [c for c in _changes(line) if "severity critical → low" in c.changed]
    assert wide
    assert all("“, ”" in c.without or "”, “" in c.without for c in wide)


def test_an_order_that_decides_is_named() -> None:
    """What was given beside the text would look as if it told nothing."""
    bought = Order(id="A-1", amount_minor=9000, currency="NOK", sold="shop", kind="goods")
    found = {change.without: change.changed for change in _changes(_line(SHOUTED, bought))}
    assert any("severity" in each for each in found["its order"])


def test_a_text_of_one_word_has_nothing_to_leave_out() -> None:
    """The reading of an empty message would be shown, which nobody can send."""
    assert [c for c in _changes(_line("RASENDE")) if "RASENDE" in c.without] == []


def test_words_are_left_out_wherever_and_however_they_stand() -> None:
    """A phrase over two lines, or said twice in other letters, would still be there."""
    line = _line("Vil ha\npengene nå. Jeg VIL HA PENGENE. Villhapengene.")
    assert without(line, ("vil ha pengene",)).text == "nå. Jeg . Villhapengene."


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("Koppen var knust.", {"knust": [1, 3]}, "Koppen var [knust](1,3)."),
        ("Knust var den.", {"knust": [2]}, "[Knust](2) var den."),
        ("pengene tilbake nå", {"pengene tilbake": [1], "tilbake nå": [4]}, "[{}](1,4)"),
        ("pengene\ntilbake", {"pengene tilbake": [1]}, "[{}](1)"),
        ("uknust", {"knust": [1]}, "{}"),
        ("[brackets] (stay)", {}, "{}"),
    ],
)
def test_a_word_that_fired_is_marked_with_its_reasons(
    text: str, words: dict[str, list[int]], shown: str
) -> None:
    """In a pipe, without colour, nobody could see which words told, or what."""
    assert shown.replace("{}", text) == marked(text, words).plain


def test_rules_say_whether_they_fire_and_what_they_lack() -> None:
    """A grade would stand there without the rule that gave it, or the one it narrowly missed."""
    _, events = explained(_line(STOPPED), parts(), now=AT)
    rules = {rule.code: rule for rule in severity_rules(events)}
    assert rules["severity.stop_hits_many"].short_by == 0
    assert rules["severity.privacy_breach"].missing == ("privacy",)
    assert next(iter(rules)) == "severity.safety"


def test_the_rules_shown_are_those_that_graded() -> None:
    """The explanation would tell of other rules than those that decided."""
    for text in (STOPPED, SHOUTED, "Laderen brenner.", "Fakturaen på 9000 kr er feil."):
        _, events = explained(_line(text), parts(), now=AT)
        said = next(e.data.reasons for e in events if isinstance(e.data, ComplaintTriaged))
        fired = [rule for rule in severity_rules(events) if not rule.short_by]
        highest = {rule.code for rule in fired if rule.severity == fired[0].severity}
        assert highest == {rule.code for rule in fired} & set(said)
