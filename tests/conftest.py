"""What every test shares: how Hypothesis searches, and how a figure reaches whoever runs a ring."""

import os
from collections.abc import Callable

import pytest
from hypothesis import settings

# No deadline: durations are printed, never asserted. In CI the same examples every time.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

FIGURE = "figure"


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Say what was measured: `tests/rings.py` shows it, also from a process of xdist's."""
    return lambda text: record_property(FIGURE, text)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures of the run, each on a line of its own."""
    for report in terminalreporter.stats.get("passed", []):
        for name, text in report.user_properties:
            if name == FIGURE:
                terminalreporter.write_line(f"FIGURE {text}")
