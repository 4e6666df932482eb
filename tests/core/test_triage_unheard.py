"""Where no rule hears danger, but the words are those in which it is told, it is likely."""

import pytest

from shared.contracts.triaged import TriagePersonal
from tests.core.triage_examples import POLICY, read

REASON = "person.danger_words"
RULE = "severity.danger_likely"
UNHEARD = [
    ("Støpselet har gått i oppløsning og kobberet stikker fram.", "kobberet"),
    ("Støpselet har gått i oppløysing, og koparen stikk fram.", "stikk"),
    ("The pan handle snapped and hot oil went everywhere.", "snapped"),
]
DOUBTFUL = ["Sikringa går kvar gong eg slår på omnen.", "The shelf came off the wall."]
HARMLESS = [
    "Genseren ble mindre i vask. Jeg vil ha en ny.",
    "Genseren vart mindre i vask. Eg vil ha ein ny.",
    "The jumper shrank in the wash. I would like a new one.",
]


@pytest.mark.parametrize(("text", "word"), UNHEARD)
def test_a_likely_danger_is_critical_and_shows_its_words(text: str, word: str) -> None:
    """A danger that no list has would be left to a machine, or be graded without a reason."""
    found = read(text)
    assert {REASON, RULE} <= {*found.reasons}
    assert isinstance(found.personal, TriagePersonal)
    assert word in found.personal.evidence[RULE]
    assert (found.severity, found.needs_person, found.safety) == ("critical", True, False)
    assert found.confidence <= POLICY.rules.danger.sure_max


@pytest.mark.parametrize("text", DOUBTFUL)
def test_in_doubt_a_person_decides_and_nobody_is_woken(text: str) -> None:
    """Every doubt would wake somebody at night, or nobody would see it."""
    found = read(text)
    assert (REASON in found.reasons, RULE in found.reasons) == (True, False)
    assert (found.severity, found.needs_person) == ("low", True)


def test_hard_words_and_capitals_add_nothing() -> None:
    """Anger would move severity."""
    calm = read("The shelf came off the wall.")
    angry = read("THE FUCKING SHELF CAME OFF THE WALL, YOU IDIOTS!!!")
    assert calm.severity == angry.severity


def test_a_threat_against_others_is_no_danger_told() -> None:
    """Whoever threatens would be graded for it; abuse is apart from severity."""
    found = read("Får jeg ikke pengene i dag, kommer jeg ned og banker opp den første jeg ser.")
    assert (found.abuse, RULE in found.reasons) == ("threat", False)


@pytest.mark.parametrize("text", HARMLESS)
def test_everyday_words_call_nobody_for_danger(text: str) -> None:
    """Every jumper would wait for a person."""
    assert REASON not in read(text).reasons


def test_a_danger_that_a_rule_hears_needs_no_guess() -> None:
    """The same danger would be told twice, once by rule and once by guess."""
    found = read("Støpselet smeltet og kobberet stikker fram. Det tok fyr i gardinen.")
    assert "person.safety" in found.reasons
    assert REASON not in found.reasons


def test_no_whole_word_is_in_the_table() -> None:
    """A fitted word would pass for rightly spelt, and its slips would be followed no more."""
    assert [part for part in POLICY.weights["danger"].parts if part.startswith("=")] == []
