"""The texts are whole: every template in every form, with every place filled."""

import re

import pytest
from pydantic import JsonValue

from services.notify.facts import facts_of
from services.notify.memories import remembered
from services.notify.model import Draft, Matter, add
from services.notify.notices import is_address
from services.notify.phrases import Phrases, board_for, spoken_name
from services.notify.policy import FORMS, Form
from services.notify.render import one_line, render, sum_of
from shared.contracts.recoveries import RecoveryApproved
from shared.contracts.triaged import Fact, TriagePersonal
from shared.policy import policy_dir
from tests.notify_story import AT, POLICY, event, recovery, registered, triaged


def matter_of(*, form: str = "nb", **changes: object) -> Matter:
    """A matter that was registered and read."""
    matter = Matter("c1")
    for contract in (registered(), triaged(written_form=form, **changes)):
        seen = remembered(event(contract))
        assert seen is not None
        add(matter, seen)
    return matter


def test_every_form_has_every_text() -> None:
    """A message would fail in one written form only, on the day it is first needed."""
    first = POLICY.texts("nb")
    for form in FORMS:
        texts = POLICY.texts(form)
        assert first.complainant.keys() == texts.complainant.keys(), form
        assert first.staff.keys() == texts.staff.keys(), form
        words = {name: texts.words[name].keys() for name in texts.words}
        expected = {name: first.words[name].keys() for name in first.words}
        assert expected == words, form


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("template", sorted(POLICY.nb.complainant))
def test_every_template_is_filled(template: str, form: Form) -> None:
    """A misspelt placeholder would be found by a complainant."""
    seen = remembered(event(recovery(RecoveryApproved, 2)))
    draft = Draft("n", "decision", template, recovery=seen, limits=True)
    phrases = Phrases(matter_of(form=form), draft, form=form, policy=POLICY)
    frame = POLICY.texts(form).words["frame"]
    message = POLICY.texts(form).complainant[template]
    said = render(message, phrases.values(AT), closing=frame["closing"], greeting=frame["greeting"])
    for mark in ("{{", "}}", "{%", "None", "null", "  "):
        assert mark not in said.body + said.subject, mark
    assert "\n\n\n" not in said.body


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", sorted(POLICY.nb.words["gesture"]))
def test_every_gesture_reads_as_a_line(kind: str, form: Form) -> None:
    """A gesture without words of its own would stand as a code."""
    gesture: JsonValue = {"kind": kind, "amount_minor": 21900, "currency": "NOK"}
    draft = Draft("n", "decision", "outcome", recovery={"gestures": [gesture]})
    line = Phrases(matter_of(form=form), draft, form=form, policy=POLICY).answer(AT)["gestures"]
    assert str(line).startswith("- ")
    assert "_" not in str(line)


def test_what_people_wrote_is_never_a_template() -> None:
    """A complainant could run code in our mails, or read what lies behind them."""
    hostile = "{{7*7}} {% raw %} ${x} %s {0.__class__}"
    facts = TriagePersonal(facts=(Fact(kind="thing", words=hostile), Fact(kind="sum", words="1")))
    said = facts_of(matter_of(personal=facts), form="nb", policy=POLICY)
    assert hostile in said
    message = POLICY.nb.complainant["outcome"]
    phrases = Phrases(
        matter_of(personal=facts), Draft("n", "decision", "outcome"), form="nb", policy=POLICY
    )
    assert hostile in render(message, phrases.values(AT), closing="", greeting="").body


def test_facts_are_found_when_triage_finds_none() -> None:
    """An acknowledgement would fit any complaint."""
    bare = matter_of(personal=TriagePersonal(), arousal="furious")
    assert facts_of(bare, form="nb", policy=POLICY) == "219 kr og kjøpet 5. november"


def test_a_sum_does_not_end_a_sentence() -> None:
    """A sum as "219 kr." would read as an abbreviation, and as Norwegian in an English text."""
    two = TriagePersonal(
        facts=(Fact(kind="thing", words="umbrella"), Fact(kind="sum", words="9 kr"))
    )
    said = facts_of(matter_of(form="en", personal=two), form="en", policy=POLICY)
    assert said == "9 kr and umbrella"


def test_shouted_facts_are_said_quietly() -> None:
    """Capitals would be thrown back at whoever shouted them."""
    loud = TriagePersonal(
        facts=(Fact(kind="thing", words="PARAPLYEN 😡"), Fact(kind="date", words="5. NOVEMBER"))
    )
    said = facts_of(matter_of(personal=loud, arousal="furious"), form="nb", policy=POLICY)
    assert said == "paraplyen og 5. november"


def test_another_persons_papers_are_not_repeated() -> None:
    """A breach would be made greater by our own acknowledgement."""
    said = facts_of(matter_of(privacy=True), form="nb", policy=POLICY)
    assert "paraplyen" not in said


@pytest.mark.parametrize(
    ("form", "amount_minor", "currency", "said"),
    [
        ("nb", 649000, "NOK", "6 490 kr"),
        ("nn", 21950, "NOK", "219,50 kr"),
        ("en", 649000, "NOK", "6,490 kr"),
        ("en", 1900, "ISK", "1,900 ISK"),
    ],
)
def test_sums_are_written_as_the_form_writes_them(
    form: Form, amount_minor: int, currency: str, said: str
) -> None:
    """1,900 krónur would read as 19, or a sum would carry an empty fraction."""
    found = sum_of(amount_minor, currency, form=form, policy=POLICY)
    assert said == found.replace("\u00a0", " ")


def test_one_line_holds_no_line_break_or_picture() -> None:
    """A subject could carry a header, or a smile to an angry person."""
    assert one_line("a\r\nb\u2028c \u202e😊") == "a b c"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Siv Tangerud", "Siv"),
        ("Anne-Lise O'Hara", "Anne-Lise"),
        ("x@example.com", ""),
        ("Click https://example.com", ""),
        ("{{7*7}}", ""),
        (None, ""),
    ],
)
def test_a_greeting_takes_names_only(name: str | None, said: str) -> None:
    """A link put in the field for a name would be sent by us to whomever it names."""
    assert said == spoken_name(name)


@pytest.mark.parametrize(
    "address",
    ["a@example.com,b@example.com", "a@example.com\r\nBcc: b@example.com", "A <a@b.example>", ""],
)
def test_an_address_is_one_address(address: str) -> None:
    """A second recipient could be smuggled in."""
    assert not is_address(address)


def test_no_board_for_consumers_is_named_to_a_business() -> None:
    """A firm would be sent to a board that does not take its case."""
    for board in POLICY.boards.boards:
        assert board.source.startswith("https://"), board.address
    for category in ("product", "privacy"):
        found = board_for(matter_of(segment="business", category=category), POLICY)
        assert found is not None
        assert "business" in found.segments


def test_every_right_has_a_name_that_people_understand() -> None:
    """An outcome would name its rule by a code with underscores."""
    regimes = policy_dir().glob("regimes/*.yaml")
    codes = {
        found for path in regimes for found in re.findall(r"- code: (\w+)", path.read_text("utf-8"))
    }
    assert codes
    for form in FORMS:
        assert codes - POLICY.texts(form).words["rule"].keys() == set(), form
