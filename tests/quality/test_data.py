"""Are the quality cases what they claim to be? A broken line would judge the rules wrongly."""

from collections import Counter
from typing import get_args

import orjson
import pytest

from shared.contracts.codec import read
from shared.contracts.contract import Role, Segment, WrittenForm
from shared.contracts.recoveries import Approval, Basis, GestureKind, Outcome
from shared.contracts.submitted import ComplaintSubmitted
from shared.contracts.triaged import Abuse, Arousal, Kind, Mood, Necessity, Phase, Remedy, Severity
from tests.quality.cases import Case, cases, every_case, names

FLAGS = ("vulnerable", "safety", "legal", "needs_person")
CATEGORIES = (
    *("delivery", "product", "billing", "contract", "access", "outage", "service", "safety"),
    *("privacy", "other"),
)
TRIAGE: dict[str, tuple[object, ...]] = {
    "kind": get_args(Kind),
    "written_form": (*get_args(WrittenForm), None),
    "severity": get_args(Severity),
    "arousal": get_args(Arousal),
    "abuse": get_args(Abuse),
    "role": get_args(Role),
    "segment": get_args(Segment),
    "necessity": get_args(Necessity),
    "phase": get_args(Phase),
    "mood": get_args(Mood),
    "category": CATEGORIES,
    "remedy_sought": get_args(Remedy),
    **dict.fromkeys(FLAGS, (True, False)),
}
RECOVERY: dict[str, tuple[object, ...]] = {
    "basis": get_args(Basis),
    "outcome": get_args(Outcome),
    "approval": get_args(Approval),
    "gestures_never": get_args(GestureKind),
}
NUMBERS = ("amount_claimed_minor", "money_minor")
# How many of a written form a file must hold at least: nb, nn and en are spread evenly.
SHARE_MIN = 0.25


@pytest.mark.parametrize("name", names())
def test_every_line_is_a_complaint_that_could_be_submitted(name: str) -> None:
    """A line that intake would refuse says nothing of how a complaint is read."""
    earlier = [dict(each) for case in cases(name) for each in case.history]
    for each in earlier:
        each.pop("gestures", None)
    lines = [*(dict(case.submitted) for case in cases(name)), *earlier]
    found = [read(ComplaintSubmitted, orjson.dumps(line), unknown="forbid") for line in lines]
    assert [submitted.text for submitted in found] == [line["text"] for line in lines]


def test_every_case_is_another_message() -> None:
    """Two cases with one id, or one text twice from one source, would be judged as one."""
    messages = Counter(case.submitted["channel_message_id"] for case in every_case().values())
    assert [message for message, times in messages.items() if times > 1] == []


@pytest.mark.parametrize("name", names())
def test_only_public_fields_are_expected(name: str) -> None:
    """An expectation of a field or value that nobody publishes would always fail, or never."""
    assert [f"{case.id}: {line}" for case in cases(name) for line in _unknown(case)] == []


@pytest.mark.parametrize("name", names())
def test_every_case_says_why(name: str) -> None:
    """Whoever meets a difference would have to guess what the writer meant."""
    assert [case.id for case in cases(name) if not case.note.strip()] == []


@pytest.mark.parametrize("name", names())
def test_written_forms_are_spread(name: str) -> None:
    """One written form would be judged by a handful of texts, and its figure be worth nothing."""
    found = Counter(form for case in cases(name) for form in case.written_forms)
    share = {form: found[form] / len(cases(name)) for form in ("nb", "nn", "en")}
    floor = SHARE_MIN if name != "written_form" else 0.1
    assert {form: part for form, part in share.items() if part < floor} == {}


def test_a_twin_has_its_other_half() -> None:
    """A twin whose calm half is gone would never be compared."""
    halves = [case.same_as for case in every_case().values() if case.same_as]
    assert [half for half in halves if half not in every_case()] == []


def _unknown(case: Case) -> list[str]:
    found = [f"{part} is no part" for part in case.expect if part not in {"triage", "recovery"}]
    for part, fields in (("triage", TRIAGE), ("recovery", RECOVERY)):
        for name, wanted in case.expect.get(part, {}).items():
            if name in NUMBERS:
                found += [] if wanted is None or isinstance(wanted, int) else [f"{name}: {wanted}"]
                continue
            values = wanted if isinstance(wanted, list) else [wanted]
            found += [f"{name}: {value}" for value in values if value not in fields.get(name, ())]
    return found
