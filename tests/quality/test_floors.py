"""Triage reads the labelled sets as well as it did: a few rows of each here, all in RING=long."""

from pathlib import Path

import pytest

from benchmarks.quality import floors
from benchmarks.quality.fit_written_form import judged
from benchmarks.quality.judging import answers
from benchmarks.quality.questions import QUESTIONS
from benchmarks.quality.reading import read
from benchmarks.quality.sets import folder
from tests.core.triage_examples import POLICY

# The order asks for so much (issue 5, "Must show").
WRITTEN_FORM_MIN = 0.95
HERE = folder()
needs_sets = pytest.mark.skipif(
    HERE is None, reason="the labelled sets are not on this machine (KULANSE_TRIAGE_DATA)"
)


@needs_sets
def test_no_figure_drops_on_a_sample() -> None:
    """A change of lists or rules would make people read worse, and nobody would see it."""
    assert _dropped(floors.SAMPLE_ROWS) == []


@needs_sets
@pytest.mark.long
def test_no_figure_drops() -> None:
    """As above, where the sample is too small to tell."""
    assert _dropped(None) == []


@needs_sets
@pytest.mark.long
def test_written_form_is_told_of_sentences_it_was_not_fitted_on() -> None:
    """Nynorsk or Danish would be answered in bokmål: the floor above knows its own sentences."""
    figures = judged(HERE or Path())
    assert figures["nb nn en"] > WRITTEN_FORM_MIN


def test_floors_are_of_questions_that_are_asked() -> None:
    """A floor under a name that nobody asks for would hold nothing."""
    asked = {question.name for question in QUESTIONS}
    named = {name for table in floors.kept().values() for name in table}
    assert set() == named - asked


def _dropped(most: int | None) -> list[str]:
    where = HERE or Path()
    found = answers(QUESTIONS, where, read=lambda row: read(row, POLICY), most=most)
    return floors.dropped(found, floors.kept()[floors.table_of(most) or ""])
