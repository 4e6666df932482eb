"""The figures of the quality run are what their names say."""

import pytest

from benchmarks.quality.figures import auc, by_class, calibration, macro_f1

TRUTH = ["a", "a", "b", "b"]
TOLD = ["a", "b", "b", "b"]


def test_precision_and_recall() -> None:
    """A floor would hold a number that is not what it is called."""
    a, b = by_class(TRUTH, TOLD)
    assert (a.precision, a.recall) == (1.0, 0.5)
    assert [b.precision, b.recall] == pytest.approx([2 / 3, 1.0])
    assert pytest.approx(macro_f1(TRUTH, TOLD)) == (2 / 3 + 0.8) / 2
    assert pytest.approx(macro_f1(TRUTH, TOLD, only=("b",))) == 0.8


def test_auc_counts_a_tie_as_half() -> None:
    """Steps of severity tie often; a tie must neither help nor harm."""
    assert auc([0, 1, 2], [False, False, True]) == 1.0
    assert auc([1, 1], [False, True]) == 0.5
    assert auc([2, 1], [False, True]) == 0.0


def test_calibration_is_the_distance_of_confidence_and_truth() -> None:
    """A machine that is always sure and half right would look honest."""
    assert pytest.approx(calibration([1.0, 1.0], [True, False])) == 0.5
    assert pytest.approx(calibration([0.55, 0.45], [True, False]), abs=0.5) == 0.0
