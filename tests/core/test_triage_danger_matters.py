"""Danger, and what only sounds so, as three people would write it: in nb, nn and en.

The sentences were written before the rules that read them; what is still read wrongly stays here
and counts, so that the shares below are those of sentences nobody chose.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
import yaml

from tests.core.triage_examples import read

MATTERS = Path(__file__).with_name("danger_matters.yaml")
FORMS = ("nb", "nn", "en")
# Issue 5, "Must show".
RECALL_MIN = 0.98
FALSE_ALARMS_MAX = 0.03
# Nynorsk is never more than a point behind bokmål.
POINT = 0.01


@cache
def _share_called_critical(part: str, form: str) -> tuple[float, tuple[str, ...]]:
    """How many of a part's texts in a form are critical, and those that are read wrongly."""
    matters: Mapping[str, list[Mapping[str, str]]] = yaml.safe_load(
        MATTERS.read_text(encoding="utf-8")
    )
    texts = [matter[form] for matter in matters[part]]
    critical = {text: read(text).severity == "critical" for text in texts}
    wrong = tuple(text for text, told in critical.items() if told != (part == "danger"))
    return sum(critical.values()) / len(texts), wrong


@pytest.mark.parametrize("form", FORMS)
def test_danger_is_heard_in_each_written_form(form: str) -> None:
    """Somebody hurt by a product would wait days, because of how or in what form she told it."""
    share, missed = _share_called_critical("danger", form)
    assert share >= RECALL_MIN, missed


@pytest.mark.parametrize("form", FORMS)
def test_what_only_sounds_dangerous_wakes_few(form: str) -> None:
    """People on call would be woken by figures of speech, and stop believing the alarm."""
    share, called = _share_called_critical("harmless", form)
    assert share <= FALSE_ALARMS_MAX, called


def test_danger_in_nynorsk_is_heard_as_well_as_in_bokmaal() -> None:
    """Nynorsk writers would be less safe than others."""
    nb, nn = (_share_called_critical("danger", form)[0] for form in ("nb", "nn"))
    assert nn >= nb - POINT


def test_no_in_nynorsk_is_now_and_takes_nothing_back() -> None:
    """The English "no" would take an injury back from everyone who writes "no" for now."""
    assert read("Eg drakk av flaska, og no svir det i magen.").severity == "critical"
    assert read("There was no blood on my finger, only paint.").severity != "critical"
