"""Danger and what only sounds like it, in each written form; golden before rule."""

from pathlib import Path

import pytest
import yaml

from tests.core.triage_examples import read

TABLE: dict[str, dict[str, list[str]]] = yaml.safe_load(
    Path(__file__).with_name("triage_lookalikes.yaml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("form", TABLE["danger"])
def test_danger_is_heard_in_each_written_form(form: str) -> None:
    """Somebody hurt would wait because of the written form that she uses."""
    assert [one for one in TABLE["danger"][form] if read(one).severity != "critical"] == []


@pytest.mark.parametrize("form", TABLE["harmless"])
def test_what_only_sounds_like_danger_wakes_nobody_in_any_written_form(form: str) -> None:
    """People on call would be woken by a candle, a film and a website that fell down."""
    assert [one for one in TABLE["harmless"][form] if read(one).severity == "critical"] == []
