"""Where no rule hears danger, but the words are those in which it is told, a person is called."""

import pytest

from shared.contracts.triaged import TriagePersonal
from tests.core.triage_examples import POLICY, read

REASON = "person.danger_words"
UNHEARD = [
    ("Støpselet har gått i oppløsning og kobberet stikker fram.", "kobberet"),
    ("Støpselet har gått i oppløysing, og koparen stikk fram.", "koparen"),
    ("The scooter pitched me onto the kerb.", "pitched"),
]
HARMLESS = [
    "Genseren ble mindre i vask. Jeg vil ha en ny.",
    "Genseren vart mindre i vask. Eg vil ha ein ny.",
    "The jumper shrank in the wash. I would like a new one.",
]


@pytest.mark.parametrize(("text", "word"), UNHEARD)
def test_words_of_danger_call_a_person_and_nothing_more(text: str, word: str) -> None:
    """A danger that no list has would be left to a machine, or a guess would grade it."""
    found = read(text)
    assert REASON in found.reasons
    assert isinstance(found.personal, TriagePersonal)
    assert word in found.personal.evidence[REASON]
    assert (found.needs_person, found.safety) == (True, False)
    assert found.severity != "critical"


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
