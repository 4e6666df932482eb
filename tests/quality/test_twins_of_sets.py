"""The second hundred of the twins: made of real reports, letters and posts, calm and hot."""

from pathlib import Path

import pytest

from benchmarks.quality.sets import folder
from tests.quality.floors import TARGETS
from tests.quality.judge import TWINS
from tests.quality.twins_of_sets import PAIRS, differences

HERE = folder()


@pytest.mark.skipif(
    HERE is None, reason="the labelled sets are not on this machine (KULANSE_TRIAGE_DATA)"
)
def test_anger_buys_nothing_and_costs_nothing() -> None:
    """Whoever shouts would get more, or less, than who tells the same calmly."""
    severity, value, count = differences(HERE or Path())
    assert count == sum(PAIRS.values()) == 100
    assert 1 - len(severity) / count >= TARGETS[f"{TWINS}: severity"], severity
    assert 1 - len(value) / count >= TARGETS[f"{TWINS}: value"], value
