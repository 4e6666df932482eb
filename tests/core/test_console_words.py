"""The console's words: the same in every written form, every one that a page asks for, no HTML."""

import re
import string
from pathlib import Path
from typing import get_args

import pytest

from services.desk.answers import HINTS
from services.desk.reasons import TO_DO
from services.desk.web.policy import FORMS, Words, form_for, words_in
from shared.contracts.caserule import Standing
from shared.contracts.contract import Channel, Role, Segment, WrittenForm
from shared.contracts.notifications import Audience, NoticeKind
from shared.contracts.promises import PromiseKind
from shared.contracts.recoveries import Approval, Basis, GestureKind, GestureState, Outcome
from shared.contracts.topics import EVENT_TYPES
from shared.contracts.triaged import SEVERITIES, Abuse, Arousal, Kind, Mood, Necessity, Remedy
from shared.people import StaffRole
from tests.core.console_world import CONSOLE
from tests.core.test_desk_examples import POLICY

DESK = Path(__file__).resolve().parents[2] / "services" / "desk"
CODES = {
    "state": Standing,
    "channel": Channel,
    "role": Role,
    "segment": Segment,
    "form": WrittenForm,
    "audience": Audience,
    "notice": NoticeKind,
    "promise": PromiseKind,
    "approval": Approval,
    "basis": Basis,
    "gesture": GestureKind,
    "settling": GestureState,
    "outcome": Outcome,
    "abuse": Abuse,
    "arousal": Arousal,
    "kind": Kind,
    "mood": Mood,
    "necessity": Necessity,
    "remedy": Remedy,
    "staff": StaffRole,
}
# Told at intake's door or between machines: never an event of a case.
NOT_OF_A_CASE = ("submitted", "accepted", "complaint.rejected", "effect", "forgotten", "order.fact")
NOR_THESE = ("measure", "provider", "switch", "timer")


def places(words: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


@pytest.mark.parametrize("form", FORMS)
def test_every_written_form_says_everything(form: str) -> None:
    """Somebody's page breaks, or speaks another language in the middle of a sentence."""
    mine, model = CONSOLE.words[form], CONSOLE.words["en"]
    assert mine.keys() == model.keys()
    for section, names in model.items():
        assert (section, mine[section].keys()) == (section, names.keys())
        for name, words in names.items():
            said = mine[section][name]
            assert (section, name, places(said)) == (section, name, places(words))
            assert (section, name, said.strip()) == (section, name, said)
            assert not re.search(r"[<>]", said)


def test_every_page_finds_its_words() -> None:
    """A page asks for words that nobody wrote, and breaks when somebody opens it."""
    asked = set()
    for path in (DESK / "templates").glob("*.html"):
        asked |= set(re.findall(r"\bt\('([\w.]+)'", path.read_text(encoding="utf-8")))
    known = {
        f"{section}.{name}" for section, names in CONSOLE.words["en"].items() for name in names
    }
    # Those that end in a dot are put together with a code: the tests of the rooms open them.
    assert {each for each in asked if not each.endswith(".")} - known - {"cases.empty_"} == set()


def test_every_code_has_words() -> None:
    """A page in nynorsk says `recovery_with_person`."""
    words = CONSOLE.words["en"]
    for section, codes in CODES.items():
        assert (section, set(get_args(codes)) - words[section].keys()) == (section, set())
    assert set(SEVERITIES) <= words["severity"].keys()
    assert {*HINTS, *TO_DO} - words["refusal"].keys() == set()
    of_a_case = {t for t in EVENT_TYPES if not any(w in t for w in (*NOT_OF_A_CASE, *NOR_THESE))}
    assert of_a_case - words["event"].keys() == set()


@pytest.mark.parametrize("form", ["nb", "nn"])
def test_norwegian_is_written_in_its_own_form(form: str) -> None:
    """Bokmål with a few words changed passes for nynorsk."""
    other = {
        "nb": r"\b(ikkje|eg|kva|dei|frå|vere|berre)\b",
        "nn": r"\b(ikke|jeg|hva|de|fra|være)\b",
    }
    said = [f"{words}" for names in CONSOLE.words[form].values() for words in names.values()]
    assert [words for words in said if re.search(other[form], words, re.IGNORECASE)] == []


@pytest.mark.parametrize(
    ("chosen", "person", "accepted", "expected"),
    [
        ("en", "agent-hassel", "nb", "en"),
        ("", "agent-hassel", "en", "nn"),
        ("", "", "nn-NO,nn;q=0.9,en;q=0.8", "nn"),
        ("", "", "no, en", "nb"),
        ("", "", "fi, en-GB;q=0.5", "en"),
        ("xx", "", "", "nb"),
    ],
)
def test_she_is_spoken_to_in_her_own_form(
    chosen: str, person: str, accepted: str, expected: str
) -> None:
    """She reads bokmål all day because nobody asked her."""
    known = POLICY.people.named(person)
    assert form_for(chosen, person=known, accepted=accepted) == expected


def test_a_reason_is_told_in_two_words() -> None:
    """A page is full of codes that only a developer reads."""
    words: Words = words_in(CONSOLE, "en")
    assert words.reason("category.delivery") == "about: Delivery"
    assert words.reason("company.own_code") == "company.own code"
    assert words.why("task:visit") == "to be done: visit"
    assert words.why("approval:team_lead") == "to be signed: a team lead"
