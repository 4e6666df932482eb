"""One thing said in three written forms is heard as one thing, list by list: a table of wordings.

`triage_concepts.yaml` asks what comes of a line; this one which list hears it, so that a list that
is fuller in one form than in another is found before anybody's complaint is.
"""

from pathlib import Path

import pytest
import yaml

from services.triage.signals.reading import reading_of
from shared.contracts.registered import ComplaintRegistered
from tests.core.triage_examples import NOON, POLICY, registered

FORMS = ("nb", "nn", "en")
TABLE = Path(__file__).with_name("triage_wordings.yaml")
WORDINGS: dict[str, list[str]] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("label", WORDINGS)
def test_a_list_hears_the_same_in_each_form(label: str) -> None:
    """Whoever writes nynorsk or English would be met with less than who says it in bokmål."""
    unheard = [
        f"{form}: {line}"
        for said in WORDINGS[label]
        for form, line in zip(FORMS, said.split(" | "), strict=True)
        if not _hears(label, line)
    ]
    assert unheard == []


def _hears(label: str, line: str) -> bool:
    data = registered(line).data
    assert isinstance(data, ComplaintRegistered)
    return reading_of(data, at=NOON, earlier=None, policy=POLICY).has(label)
