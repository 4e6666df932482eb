"""What others make of the same texts: VADER, a plain count of a lexicon, TF-IDF with regression.

`make quality` runs it in an environment of its own (requirements/quality.lock) and prints the
table; with `--write` it becomes docs/reference/quality.md. What was learnt from a set is judged on
it in five folds, ours and theirs the same ones; nothing is fitted on those under evaluation-only.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, Protocol, cast

from benchmarks.quality.figures import auc, macro_f1
from benchmarks.quality.fit_tone import (
    SETS,
    abuse_read,
    is_abusive,
    judged_abuse,
    judged_heat,
    judged_moods,
    moods_read,
)
from benchmarks.quality.fit_written_form import judged as judged_forms
from benchmarks.quality.fitting import data, folds
from benchmarks.quality.judging import answers
from benchmarks.quality.questions import FEELING, NEUTRAL_WITHIN, QUESTIONS, Question
from benchmarks.quality.reading import read
from benchmarks.quality.sets import ROOT, Row, rows_of
from services.triage.policy import TriagePolicy, load
from services.triage.tokens import tokens_of

PAGE = ROOT / "docs" / "reference" / "quality.md"
MARK = "<!-- below: python -m benchmarks.quality.rivals --write -->\n"
LEARNT_FROM = "mood_goemotions_en"
ENGLISH = (LEARNT_FROM, "sentiment_airline_en")
NORWEGIAN = ("sentiment_norec_sentence_no", "sentiment_norec_books_no")
WRITTEN = "language_ud"
FORMS = ("nb", "nn", "en")
ANGRY = {"angry": True, "negative": True, "neutral": False}
Said = dict[str, float]


class Beside(NamedTuple):
    """A figure of ours beside a rival's, on one set."""

    signal: str
    set: str
    measure: str
    rows: int
    ours: float
    rival: float
    name: str


class Vader(Protocol):
    """What VADER says of a text: neg, neu, pos and compound."""

    def polarity_scores(self, text: str) -> Said:
        """Shares from 0 to 1, `compound` from -1 to 1."""


class Langid(Protocol):
    """A general detector of languages, which may be told between which to choose."""

    def set_languages(self, langs: Sequence[str]) -> None:
        """Only these."""

    def classify(self, text: str) -> tuple[str, float]:
        """The language, and how sure."""


class Model(Protocol):
    """A pipeline of scikit-learn."""

    def fit(self, texts: Sequence[str], labels: Sequence[bool]) -> "Model":
        """Learn."""

    def predict(self, texts: Sequence[str]) -> Sequence[bool]:
        """Tell."""


def main() -> None:
    """Print the tables; write the page if asked to."""
    where, (policy, _) = data(), load()
    said = (_forms(where), _vader(where, policy), _lexicon(where, policy), _learnt(where, policy))
    besides = [beside for each in said for beside in each]
    page = "\n".join([*_table(besides), "", *_calibrations(where, policy), ""])
    print(page)
    if "--write" in sys.argv:
        PAGE.write_text(PAGE.read_text("utf-8").split(MARK)[0] + MARK + page, "utf-8")


def _table(besides: Sequence[Beside]) -> Iterator[str]:
    yield "| signal | set | measure | texts | ours | other | |"
    yield "|---|---|---|---|---|---|---|"
    for b in besides:
        said = "ahead" if b.ours > b.rival else "**behind**"
        yield (
            f"| {b.signal} | `{b.set}` | {b.measure} | {b.rows} "
            f"| {b.ours:.3f} | {b.rival:.3f} ({b.name}) | {said} |"
        )


def _ours(where: Path, policy: TriagePolicy, *, signal: str, name: str) -> float:
    question = next(q for q in QUESTIONS if (q.signal, q.set) == (signal, name))
    return answers([question], where, read=lambda row: read(row, policy))[0].figure


def _forms(where: Path) -> Iterator[Beside]:
    """Written form: ours in folds; theirs as it comes, told the five languages of the set."""
    rows = rows_of(WRITTEN, where) or []
    made = import_module("py3langid.langid")
    langid = cast("Langid", made.LanguageIdentifier.from_model_file(made.MODEL_FILE))
    # Its "no" is bokmål: nynorsk has a name of its own.
    langid.set_languages(["da", "en", "nn", "no", "sv"])
    said = [langid.classify(row.text)[0].replace("no", "nb") for row in rows]
    figure = macro_f1([row.label for row in rows], said, only=FORMS)
    ours = judged_forms(where)[" ".join(FORMS)]
    yield Beside("written form", WRITTEN, "macro-F1", len(rows), ours, figure, "py3langid")


def _vader(where: Path, policy: TriagePolicy) -> Iterator[Beside]:
    """Sentiment at VADER's own threshold; arousal by whichever of its scores tells most."""
    made = import_module("vaderSentiment.vaderSentiment").SentimentIntensityAnalyzer()
    vader = cast("Vader", made)
    for name in ENGLISH:
        rows = rows_of(name, where) or []
        said = [vader.polarity_scores(row.text) for row in rows]
        figure = _feelings(rows, [one["compound"] for one in said])
        ours = _unseen_sentiment(where, policy, name=name)
        yield Beside("sentiment", name, "macro-F1", len(rows), ours, figure, "VADER")
        heated = [
            (ANGRY[row.label], one)
            for row, one in zip(rows, said, strict=True)
            if row.label in ANGRY
        ]
        scores: tuple[Callable[[Said], float], ...] = (
            lambda one: -one["compound"],
            lambda one: abs(one["compound"]),
            lambda one: one["neg"],
        )
        best = max(
            auc([score(one) for _, one in heated], [is_ for is_, _ in heated]) for score in scores
        )
        ours = _unseen_heat(where, policy, name=name)
        yield Beside("arousal", name, "AUC", len(heated), ours, best, "VADER")


def _unseen_sentiment(where: Path, policy: TriagePolicy, *, name: str) -> float:
    """Of texts that the weights have not seen: in folds where they were learnt from."""
    if name == LEARNT_FROM:
        return judged_moods(moods_read(where, policy))["sentiment"]
    return _ours(where, policy, signal="sentiment", name=name)


def _unseen_heat(where: Path, policy: TriagePolicy, *, name: str) -> float:
    """As above, of heat."""
    if name == LEARNT_FROM:
        return judged_heat(moods_read(where, policy), policy)["arousal"]
    return _ours(where, policy, signal="arousal", name=name)


def _lexicon(where: Path, policy: TriagePolicy) -> Iterator[Beside]:
    """The sum of AFINN's weights, above or below nought."""
    valence = policy.valence.words["no"]
    for name in NORWEGIAN:
        rows = rows_of(name, where) or []
        sums = [
            float(sum(valence.get(word, 0) for word in tokens_of(row.text, frozenset()).words))
            for row in rows
        ]
        ours = _ours(where, policy, signal="sentiment", name=name)
        yield Beside("sentiment", name, "macro-F1", len(rows), ours, _feelings(rows, sums), "AFINN")


def _feelings(rows: Sequence[Row], points: Sequence[float]) -> float:
    truth = [FEELING.get(row.label, row.label) for row in rows]
    told = [
        "neutral" if abs(one) < NEUTRAL_WITHIN else "positive" if one > 0 else "negative"
        for one in points
    ]
    return macro_f1(truth, told)


def _learnt(where: Path, policy: TriagePolicy) -> Iterator[Beside]:
    """Abuse in five folds: ours of all sets; theirs of all, or of the one alone, what is better."""
    known = abuse_read(where, policy)
    rows = {name: [(name, row) for row, _ in read_] for name, read_ in known.items()}
    ours, together = judged_abuse(known), _tfidf([pair for each in rows.values() for pair in each])
    for name in SETS:
        alone = _tfidf(rows[name])[name]
        rival = max(alone, together[name])
        said = f"TF-IDF + LR, {'this set alone' if alone > together[name] else 'all sets'}"
        yield Beside("abuse", name, "macro-F1", len(rows[name]), ours[name], rival, said)


def _tfidf(rows: Sequence[tuple[str, Row]]) -> dict[str, float]:
    """Macro-F1 by set of a model that is fitted on four folds of these and judged on the fifth."""
    truth: dict[str, list[str]] = {}
    told: dict[str, list[str]] = {}
    for seen, asked in folds(rows):
        model = _model().fit([row.text for _, row in seen], [is_abusive(row) for _, row in seen])
        found = model.predict([row.text for _, row in asked])
        for (name, row), one in zip(asked, found, strict=True):
            truth.setdefault(name, []).append(str(is_abusive(row)))
            told.setdefault(name, []).append(str(bool(one)))
    return {name: macro_f1(truth[name], told[name]) for name in truth}


def _model() -> Model:
    words = import_module("sklearn.feature_extraction.text").TfidfVectorizer
    regression = import_module("sklearn.linear_model").LogisticRegression
    chain = import_module("sklearn.pipeline").make_pipeline
    vectors = words(sublinear_tf=True, ngram_range=(1, 2), min_df=2)
    return cast("Model", chain(vectors, regression(max_iter=1000, class_weight="balanced")))


def _calibrations(where: Path, policy: TriagePolicy) -> Iterator[str]:
    """How far confidence and truth are apart, by signal: one confidence is stated for all."""
    yield "| signal | set | texts | right | calibration error |"
    yield "|---|---|---|---|---|"
    asked: list[Question] = [q for q in QUESTIONS if q.measure == "macro_f1"]
    for answer in answers(asked, where, read=lambda row: read(row, policy)):
        right = 1 - len(answer.wrong) / max(answer.rows, 1)
        question = answer.question
        yield (
            f"| {question.signal} | `{question.set}` | {answer.rows} "
            f"| {right:.1%} | {answer.apart or 0:.3f} |"
        )


if __name__ == "__main__":
    main()
