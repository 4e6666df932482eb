"""How a complaint was read: every reason of triage's is said in words, in each written form."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from services.desk.web.policy import FORMS, Words
from services.triage.policy import load
from shared.contracts import triaged as tr
from shared.contracts.contract import Role, WrittenForm
from tests.core.console_world import CONSOLE

ROOT = Path(__file__).resolve().parents[2]
LISTS = ROOT / "deploy" / "policy" / "languages"
GRADING = ROOT / "services" / "triage" / "grading.py"
# Labels of the lists that are reasons by themselves: `flags.py`, `mood.py`.
FAMILIES = re.compile(r"^ *((?:safety|vulnerable|legal|privacy|press)\.[a-z_]+):", re.MULTILINE)
VALUES = {
    "kind": tr.Kind,
    "written_form": WrittenForm,
    "role": Role,
    "remedy": tr.Remedy,
    "necessity": tr.Necessity,
    "arousal": tr.Arousal,
    "mood": tr.Mood,
    "phase": tr.Phase,
}
OTHERS = {
    "abuse.hostile",
    "abuse.threat",
    "kind.sarcastic",
    "regretted",
    "segment.business",
    "segment.contradicted",
    "segment.small_business",
    "vulnerable",
    tr.REPLY_READ,
    "handler_override",
}


class Strict(dict[str, str]):
    """Words of a section: what has none is a fault, and no code in its place."""

    def get(self, key: str, default: object = None) -> str:
        """The words."""
        assert default is not None
        return self[key]


def reasons() -> Iterator[str]:
    """All that triage may give."""
    policy = load()[0]
    yield from OTHERS
    for head, values in VALUES.items():
        yield from (f"{head}.{value}" for value in get_args(values))
    yield from (rule.code for rule in policy.rules.severity.rules)
    yield policy.rules.severity.raise_code
    yield from (f"category.{name}" for name in policy.rules.categories)
    yield from (f"handler_override.{field}" for field in policy.rules.overridable)
    yield from (each.code for each in policy.duties.reports)
    yield from re.findall(r'"(person\.[a-z_]+)"', GRADING.read_text("utf-8"))
    for path in LISTS.glob("*.yaml"):
        yield from FAMILIES.findall(path.read_text("utf-8"))


@pytest.mark.parametrize("form", FORMS)
def test_every_reason_of_triage_has_words(form: str) -> None:
    """A page in nynorsk says `person.third_contact`, or half of it."""
    words = Words(form, {name: Strict(said) for name, said in CONSOLE.words[form].items()})
    silent = set()
    for code in reasons():
        try:
            words.reason(code)
        except KeyError:
            silent.add(code)
    assert silent == set()
    assert words.reason("person.third_contact") != words.reason("severity.repeated")
