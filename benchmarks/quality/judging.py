"""Asks every question of its set, and makes the figures."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.quality.figures import Class, auc, by_class, calibration, macro_f1
from benchmarks.quality.questions import Question
from benchmarks.quality.sets import Row, rows_of
from shared.contracts.triaged import ComplaintTriaged

Read = Callable[[Row], ComplaintTriaged]


@dataclass(frozen=True)
class Wrong:
    """A text read otherwise than its label says."""

    id: str
    true: str
    told: str
    confidence: float
    text: str


@dataclass(frozen=True)
class Answer:
    """A question's figure, from 0 to 1, and what it is made of."""

    question: Question
    figure: float
    rows: int
    classes: Sequence[Class] = ()
    wrong: Sequence[Wrong] = field(default=())
    # How far confidence and truth are apart; None where nothing was told by words.
    apart: float | None = None

    @property
    def name(self) -> str:
        """The question's."""
        return self.question.name


def answers(
    questions: Iterable[Question], where: Path, *, read: Read, most: int | None = None
) -> list[Answer]:
    """An answer to each question whose set lies there; a set is read once."""
    asked: dict[str, list[Question]] = {}
    for question in questions:
        asked.setdefault(question.set, []).append(question)
    found = []
    for name, about in asked.items():
        rows = rows_of(name, where, most=most)
        if rows is not None:
            statements = [read(row) for row in rows]
            found += [_answer(question, rows, statements=statements) for question in about]
    return found


def _answer(
    question: Question, rows: Sequence[Row], *, statements: Sequence[ComplaintTriaged]
) -> Answer:
    pairs = [
        (row, said, true)
        for row, said in zip(rows, statements, strict=True)
        if (true := question.true(row)) is not None
    ]
    truth = [true for _, _, true in pairs]
    if question.measure == "auc":
        figure = auc([question.scored(said) for _, said, _ in pairs], [t == "yes" for t in truth])
        return Answer(question, figure, len(pairs))
    told = [question.told(said) for _, said, _ in pairs]
    wrong = [
        Wrong(row.id, true, one, said.confidence, row.text)
        for (row, said, true), one in zip(pairs, told, strict=True)
        if one != true
    ]
    if question.measure != "macro_f1":
        share = sum(one == "yes" for one in told) / max(len(told), 1)
        return Answer(question, share, len(pairs), wrong=wrong)
    sure = [said.confidence for _, said, _ in pairs]
    right = [one == true for one, true in zip(told, truth, strict=True)]
    return Answer(
        question,
        macro_f1(truth, told, only=question.only),
        len(pairs),
        classes=by_class(truth, told),
        wrong=wrong,
        apart=calibration(sure, right),
    )
