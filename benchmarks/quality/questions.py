"""What is asked of which set: the signal it judges, the truth in its labels, what triage told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from benchmarks.quality.sets import Row
from shared.contracts.triaged import SEVERITIES, ComplaintTriaged

Measure = Literal["macro_f1", "auc", "share_below", "share_above"]
Told = Callable[[ComplaintTriaged], str]
Scored = Callable[[ComplaintTriaged], float]

# VADER's own threshold: what lies closer to nought is neutral.
NEUTRAL_WITHIN = 0.05
# Of bitext's intents, those whose kind is plain; "review" and "complaint" ask how to write one.
COMPLAINS = ("payment_issue", "registration_problems")
ASKS = (
    "check_refund_policy",
    "check_payment_methods",
    "check_cancellation_fee",
    "delivery_period",
    "delivery_options",
    "track_refund",
    "track_order",
    "check_invoice",
)
WANTS = (
    "change_order",
    "set_up_shipping_address",
    "cancel_order",
    "change_shipping_address",
    "delete_account",
    "create_account",
    "get_invoice",
    "place_order",
    "switch_account",
)


@dataclass(frozen=True)
class Question:
    """A set, the signal asked for, and the measure; `truth` maps labels, others are left out."""

    signal: str
    set: str
    measure: Measure
    lang: str
    # None: every row, and it should be told "yes" or never, as the measure says.
    truth: Mapping[str, str] | None
    told: Told = lambda _: ""
    scored: Scored = lambda _: 0.0
    only: tuple[str, ...] = ()
    fits: Callable[[Row], bool] = field(default=lambda _: True)

    @property
    def name(self) -> str:
        """The name under which a floor is kept."""
        return f"{self.signal} {self.lang} {self.set}"

    def true(self, row: Row) -> str | None:
        """The truth of a row; None when the row is not asked about."""
        if not self.fits(row):
            return None
        if self.truth is None:
            return "yes" if self.measure == "share_above" else "no"
        return self.truth.get(row.label)


def sentiment_of(statement: ComplaintTriaged) -> str:
    """Positive, neutral or negative."""
    if abs(statement.sentiment) < NEUTRAL_WITHIN:
        return "neutral"
    return "positive" if statement.sentiment > 0 else "negative"


def mood_of(statement: ComplaintTriaged) -> str:
    """The mood in GoEmotions' groups, as the set's makers joined them."""
    groups = {"sad": "sad_worried", "worried": "sad_worried", "pleased": "positive"}
    return groups.get(statement.mood, statement.mood)


def _is(signal: Callable[[ComplaintTriaged], bool]) -> Told:
    return lambda statement: "yes" if signal(statement) else "no"


KINDS = {
    **dict.fromkeys(COMPLAINS, "complaint"),
    **dict.fromkeys(ASKS, "question"),
    **dict.fromkeys(WANTS, "request"),
}


def _same(*labels: str) -> dict[str, str]:
    return {label: label for label in labels}


def _short(row: Row) -> bool:
    return 5 <= int(str(row.more.get("words", 0))) <= 30


THREE = _same("negative", "neutral", "positive")
MOODS = _same("angry", "sad_worried", "disappointed", "positive", "neutral")
FEELING = {
    "angry": "negative",
    "sad_worried": "negative",
    "disappointed": "negative",
    "positive": "positive",
    "neutral": "neutral",
}
FORMS = {"nb": "nb", "nn": "nn", "en": "en", "da": "other", "sv": "other"}
ABUSIVE = {"offensive": "yes", "hate": "yes", "toxic": "yes", "neither": "no", "not": "no"}
CARDS = {"refund_request": "refund", "charge_dispute": "dispute", "other": "other"}

hostile = _is(lambda s: s.abuse != "none")
critical = _is(lambda s: s.severity == "critical")


def rank(statement: ComplaintTriaged) -> float:
    """Severity as a number, low 0 to critical 3."""
    return float(SEVERITIES.index(statement.severity))


def heat(statement: ComplaintTriaged) -> float:
    """Arousal as a number."""
    return statement.heat or 0.0


def paid_back(statement: ComplaintTriaged) -> str:
    """A refund is sought, a charge is disputed, or neither."""
    if statement.remedy_sought == "refund":
        return "refund"
    return "dispute" if statement.category == "billing" else "other"


def form(statement: ComplaintTriaged) -> str:
    """The written form."""
    return statement.written_form


def _severity(name: str, **truth: str) -> Question:
    return Question("severity", f"severity_{name}_en", "auc", "en", truth, scored=rank)


def _everyday(name: str) -> Question:
    return Question("critical", name, "share_below", "en", None, told=critical)


QUESTIONS: tuple[Question, ...] = (
    Question(
        "written_form", "language_ud", "macro_f1", "all", FORMS, told=form, only=("nb", "nn", "en")
    ),
    Question(
        "written_form_5_to_30",
        "language_ud",
        "macro_f1",
        "all",
        FORMS,
        told=form,
        only=("nb", "nn", "en"),
        fits=_short,
    ),
    Question("written_form", "language_nordial_no", "macro_f1", "no", _same("nb", "nn"), told=form),
    Question(
        "dialect_is_norwegian",
        "language_nordial_no",
        "share_above",
        "no",
        {"dialect": "yes"},
        told=_is(lambda s: s.written_form in {"nb", "nn"}),
    ),
    Question("sentiment", "mood_goemotions_en", "macro_f1", "en", FEELING, told=sentiment_of),
    Question("sentiment", "sentiment_airline_en", "macro_f1", "en", THREE, told=sentiment_of),
    Question(
        "sentiment", "sentiment_norec_sentence_no", "macro_f1", "no", THREE, told=sentiment_of
    ),
    Question("sentiment", "sentiment_norec_books_no", "macro_f1", "no", THREE, told=sentiment_of),
    Question("sentiment", "sentiment_lcc_da", "macro_f1", "da", THREE, told=sentiment_of),
    Question("mood", "mood_goemotions_en", "macro_f1", "en", MOODS, told=mood_of),
    Question(
        "arousal", "mood_goemotions_en", "auc", "en", {"angry": "yes", "neutral": "no"}, scored=heat
    ),
    Question(
        "arousal",
        "sentiment_airline_en",
        "auc",
        "en",
        {"negative": "yes", "neutral": "no"},
        scored=heat,
    ),
    Question("abuse", "abuse_davidson_en", "macro_f1", "en", ABUSIVE, told=hostile),
    Question("abuse", "abuse_surge_en", "macro_f1", "en", ABUSIVE, told=hostile),
    Question("abuse", "abuse_dkhate_da", "macro_f1", "da", ABUSIVE, told=hostile),
    _severity("nhtsa_gm", crash="yes", no_crash="no"),
    _severity("industrial", serious="yes", minor="no"),
    _severity("hadoop", high="yes", low="no"),
    _severity("recalls_usda", high="yes", low="no", marginal="no"),
    _everyday("refund_banking77_en"),
    _everyday("intent_bitext_en"),
    Question(
        "critical", "severity_nhtsa_gm_en", "share_below", "en", {"no_crash": "no"}, told=critical
    ),
    Question(
        "safety",
        "severity_nhtsa_gm_en",
        "macro_f1",
        "en",
        {"crash": "yes", "no_crash": "no"},
        told=_is(lambda s: s.safety),
    ),
    Question("refund_and_dispute", "refund_banking77_en", "macro_f1", "en", CARDS, told=paid_back),
    Question(
        "kind",
        "relief_cfpb_en",
        "share_above",
        "en",
        None,
        told=_is(lambda s: s.kind == "complaint"),
    ),
    Question("kind", "intent_bitext_en", "macro_f1", "en", KINDS, told=lambda s: s.kind),
)
