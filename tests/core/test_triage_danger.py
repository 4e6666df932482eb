"""Danger, threats and insults on examples that were written before the rules."""

import pytest

from tests.core.danger_examples import CIVIL, DANGERS, EVERYDAY, HOSTILE, THREATS
from tests.core.triage_examples import read


@pytest.mark.parametrize("text", DANGERS)
def test_danger_is_critical_and_goes_to_a_person(text: str) -> None:
    """Somebody in danger would wait days, or be answered by a machine."""
    triaged = read(text)
    assert (triaged.severity, triaged.needs_person) == ("critical", True)


@pytest.mark.parametrize("text", EVERYDAY)
def test_what_only_sounds_dangerous_wakes_nobody(text: str) -> None:
    """People on call would be woken by figures of speech, and stop believing the alarm."""
    triaged = read(text)
    assert (triaged.severity != "critical", False) == (True, triaged.safety)


@pytest.mark.parametrize("text", THREATS)
def test_a_threat_is_heard_also_when_veiled(text: str) -> None:
    """A handler would answer someone who threatens, alone and under her own name."""
    assert read(text).abuse == "threat"


@pytest.mark.parametrize("text", HOSTILE)
def test_an_insult_at_people_is_hostile(text: str) -> None:
    """A handler would read insults uncovered."""
    assert read(text).abuse == "hostile"


@pytest.mark.parametrize("text", CIVIL)
def test_a_visit_a_lawyer_and_a_curse_are_no_abuse(text: str) -> None:
    """Someone with a right to complain would be treated as an aggressor."""
    assert read(text).abuse == "none"


@pytest.mark.parametrize(
    ("text", "safety"),
    [
        ("Jeg bestilte parfymen som heter Eksplosjon til mor.", False),
        ("Det kom en eksplosjon ut av ovnen.", True),
        ("OVNEN DIN TOK FYR OG DET KOM EN EKSPLOSJON", True),
        ("Fingeren min. Han kuttet prislappen av.", False),
    ],
)
def test_a_name_and_another_sentence_tell_of_no_danger(text: str, *, safety: bool) -> None:
    """A product's name would wake people, or a shouted danger would pass for a name."""
    assert read(text).safety == safety
