"""Plurals: no text counts before a noun, wrong for one; what there is one of reads so.

Ours hold no plural forms: a count stands after its noun ("reasons: 1") or in words ("the third
time"), and a sum or a moment is Babel's.
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import JsonValue

from services.notify.policy import FORMS, Form
from services.notify.render import sum_of
from services.notify.wording import in_forms, said_to, told_to_colleagues
from shared.contracts.recoveries import Gesture, RecoveryApproved
from shared.policy import policy_dir
from tests.core.console_world import CONSOLE
from tests.core.test_notify_every_text import draft_of, policy_in
from tests.core.test_notify_texts import matter_of
from tests.notify_story import AT, POLICY, recovery

FILES = sorted(
    path for name in ("texts/*", "pages", "console") for path in policy_dir().glob(f"{name}/*.yaml")
)
# A count in a place of its own, and a noun right after it.
COUNTED = re.compile(
    r"\{\{? ?(n|count|number|minutes|hours|days|times|contact) ?\}?\}[^\S\n]+(?=[^\W\d_])"
)
ONE_OF_MANY = re.compile(r"(?<![\w.,])(?<!\d )1 [^\W\d_]+(?:er|ar|or|ene|ane|s)\b")
# Always more than one, as policy has it.
MANY = {"minutes": CONSOLE.rules.attempts_within_minutes}
CONTACTS = range(1, 12)


def gestures(count: int) -> dict[str, JsonValue]:
    """An approved recovery with so many gestures, each of one krone."""
    one = Gesture(gesture_id="g", kind="refund", amount_minor=100, currency="NOK", state="pending")
    made = recovery(RecoveryApproved, 2, gestures=(one,) * count)
    return made.model_dump(mode="json")


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_text_counts_before_a_noun(path: Path) -> None:
    """One of something would be told as "1 reasons"."""
    text = path.read_text(encoding="utf-8")
    found = [name for name in COUNTED.findall(text) if MANY.get(name, 1) == 1]
    assert found == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("count", [1, 2])
def test_one_and_several_read_well(form: Form, count: int) -> None:
    """Somebody with one remedy would read of several, or of "1 kroner" as of many."""
    policy = policy_in(form)
    for template in sorted(POLICY.nb.complainant):
        draft = replace(draft_of(template), recovery=gestures(count))
        for script in (None, "call"):
            matter = matter_of(form=form, contact=count)
            said = said_to(in_forms(matter, draft, now=AT, policy=policy), script=script)
            assert ONE_OF_MANY.findall(said.body) == [], template
    for template in sorted(POLICY.nb.staff):
        draft = draft_of(template, staff=True)
        told = told_to_colleagues(matter_of(form=form), draft, now=AT, policy=policy)
        assert ONE_OF_MANY.findall(told.body) == [], template
    assert sum_of(100, "NOK", form=form, policy=policy).replace("\xa0", " ") == "1 kr"


@pytest.mark.parametrize("form", FORMS)
def test_every_contact_has_its_ordinal(form: Form) -> None:
    """The sixth letter would be answered as "the 6 time"."""
    for contact in CONTACTS:
        matter = matter_of(form=form, contact=contact, severity="medium")
        draft = draft_of("acknowledgement")
        said = said_to(in_forms(matter, draft, now=AT, policy=policy_in(form)), script=None)
        assert re.findall(rf"\b{contact}[^\S\n]+(gong|gang|time)", said.body) == []


def test_the_pattern_finds_what_it_is_for() -> None:
    """The test would pass anything, since it finds nothing."""
    assert COUNTED.findall("Why: {n} reasons") == ["n"]
    assert COUNTED.findall("I {{ days }} dagar") == ["days"]
    assert COUNTED.findall("Ytelse {n}, nr. {{ contact }}.") == []
    assert ONE_OF_MANY.findall("Det er 1 dager siden, og 1 kr. 1 490 kroner.") == ["1 dager"]
