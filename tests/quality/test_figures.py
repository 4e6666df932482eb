"""The figures of the quality run are what their names say."""

import pytest

from benchmarks.quality.figures import auc, by_class, calibration, macro_f1
from benchmarks.quality.floors import dropped
from benchmarks.quality.judging import Answer
from benchmarks.quality.questions import QUESTIONS

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


def test_a_share_of_alarms_may_fall_and_a_score_may_rise() -> None:
    """Waking more people for nothing would pass as better, or a better score as a drop."""
    asked = {question.measure: question for question in QUESTIONS}
    alarms, score = asked["share_below"], asked["auc"]
    kept = {alarms.name: 0.5, score.name: 0.5}
    worse = [Answer(alarms, 0.52, 9), Answer(score, 0.48, 9)]
    better = [Answer(alarms, 0.3, 9), Answer(score, 0.7, 9)]
    told = [f"{alarms.name}: 0.520, ceiling 0.500", f"{score.name}: 0.480, floor 0.500"]
    assert (told, []) == (dropped(worse, kept), dropped(better, kept))
