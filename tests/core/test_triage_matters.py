"""What is sought, how serious it is and who asks, as three people would write it: in nb, nn and en.

Written before the lists that read it; nobody's words but ours.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from tests.core.triage_examples import read

TABLE = Path(__file__).with_name("triage_matters.yaml")
FORMS = ("nb", "nn", "en")
MATTERS: list[Mapping[str, str]] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("matter", MATTERS, ids=lambda matter: str(matter["nb"])[:40])
def test_a_matter_is_read_alike_in_each_written_form(matter: Mapping[str, str]) -> None:
    """What somebody gets, and how soon, would hang on the written form she happens to use."""
    wanted = {name: value for name, value in matter.items() if name not in FORMS}
    found = {form: read(matter[form]).model_dump(include=set(wanted)) for form in FORMS}
    assert found == dict.fromkeys(FORMS, wanted)
