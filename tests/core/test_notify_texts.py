"""The texts are whole: every template in every form, with every place filled."""

import re
from functools import partial
from typing import get_args

import pytest
from jinja2 import UndefinedError
from pydantic import JsonValue

from services.notify.facts import about_of
from services.notify.memories import remembered
from services.notify.model import Draft, Matter, add
from services.notify.phrases import Phrases, board_for
from services.notify.policy import FORMS, Form
from services.notify.render import one_line, render, sum_of
from services.notify.ways import is_address
from shared.contracts.contract import Channel
from shared.contracts.recoveries import Approval, GestureKind, RecoveryApproved
from shared.contracts.triaged import Fact, Severity, TriagePersonal
from shared.letters import Values, fill, spoken_name
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
        # Endings are a language's own.
        words = {name: texts.words[name].keys() for name in texts.words if name != "definite"}
        expected = {name: first.words[name].keys() for name in first.words if name != "definite"}
        assert expected == words, form


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("template", sorted(POLICY.nb.complainant))
def test_every_template_is_filled(template: str, form: Form) -> None:
    """A misspelt placeholder would be found by a complainant."""
    seen = remembered(event(recovery(RecoveryApproved, 2)))
    draft = Draft("n", "decision", template, recovery=seen, limits=True)
    phrases = Phrases(matter_of(form=form), draft, form=form, now=AT, policy=POLICY)
    frame = POLICY.texts(form).words["frame"]
    message = POLICY.texts(form).complainant[template]
    said = render(message, phrases.values, closing=frame["closing"], greeting=frame["greeting"])
    for mark in ("{{", "}}", "{%", "None", "null", "  "):
        assert mark not in said.body + said.subject, mark
    assert "\n\n\n" not in said.body


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", sorted(POLICY.nb.words["gesture"]))
def test_every_gesture_reads_as_a_line(kind: str, form: Form) -> None:
    """A gesture without words of its own would stand as a code."""
    gesture: JsonValue = {"kind": kind, "amount_minor": 21900, "currency": "NOK"}
    draft = Draft("n", "decision", "outcome", recovery={"gestures": [gesture]})
    phrases = Phrases(matter_of(form=form), draft, form=form, now=AT, policy=POLICY)
    line = str(phrases.values["gestures"])
    assert line.startswith("- ")
    assert "_" not in line


def test_what_no_text_asks_for_is_not_worked_out() -> None:
    """Each letter would cost the words of all letters; or the value that is asked for is lost."""
    worked_out = list[str]()

    def work_out(name: str) -> str:
        worked_out.append(name)
        return name.upper()

    values = Values({name: partial(work_out, name) for name in ("asked", "idle", "own")})
    assert fill("{{ asked }} {{ asked }}{{ own }}", values.but({"own": "!"})) == "ASKED ASKED!"
    assert fill("Two braces: {{ '{{' }}", values) == "Two braces: {{"
    assert values["asked"] == "ASKED"
    assert worked_out == ["asked"]
    with pytest.raises(UndefinedError):
        fill("{{ lacking }}", values)


def test_what_people_wrote_is_never_a_template() -> None:
    """A complainant could run code in our mails, or read what lies behind them."""
    hostile = "{{7*7}} {% raw %} ${x} %s {0.__class__}"
    facts = TriagePersonal(facts=(Fact(kind="thing", words=hostile), Fact(kind="sum", words="1")))
    said = about_of(matter_of(personal=facts), form="nb", policy=POLICY)
    assert hostile in said
    message = POLICY.nb.complainant["outcome"]
    phrases = Phrases(
        matter_of(personal=facts),
        Draft("n", "decision", "outcome"),
        form="nb",
        now=AT,
        policy=POLICY,
    )
    assert hostile in render(message, phrases.values, closing="", greeting="").body


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
        ("", ""),
    ],
)
def test_a_greeting_takes_names_only(name: str, said: str) -> None:
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


@pytest.mark.parametrize(
    ("reasons", "said"),
    [
        (("safety.child",), "Ikke bruk det mer"),
        (("safety.fire",), "støpselet"),
        (("safety.gas", "safety.fire"), "Steng gassen"),
        (("safety.poison",), "22 59 13 00"),
    ],
)
def test_what_to_do_now_fits_the_danger(reasons: tuple[str, ...], said: str) -> None:
    """A parent of a child who fell would be told to unplug a chair, or food to be switched off."""
    draft = Draft("n", "acknowledgement", "safety")
    phrases = Phrases(
        matter_of(safety=True, reasons=reasons), draft, form="nb", now=AT, policy=POLICY
    )
    assert said in str(phrases.values["danger"])


@pytest.mark.parametrize("form", FORMS)
def test_colleagues_are_told_in_words(form: Form) -> None:
    """A colleague would read "team_lead" and "refund" in the middle of a Norwegian sentence."""
    words = POLICY.texts(form).words
    severities, channels, roles = get_args(Severity), get_args(Channel), get_args(Approval)
    assert set(severities) == words["staff_severity"].keys()
    assert set(channels) == words["staff_channel"].keys()
    assert set(roles) == words["staff_approval"].keys()
    assert set(get_args(GestureKind)) == words["staff_gesture"].keys()
