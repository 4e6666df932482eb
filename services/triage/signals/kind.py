"""Kind: complaint, request, question or praise; and whether praise is meant the other way."""

from typing import NamedTuple

from services.triage.model import Reading, Words
from shared.contracts.triaged import Kind

# Found, any of these makes a message a complaint, however politely it is put.
_COMPLAINS = (
    "complain",
    "negative.strong",
    "furious",
    "insult",
    "abuse.threat",
    "sarcasm",
    "regret",
    "passed_around",
    "contact.third",
)
_GRAVE = ("safety.", "harm.", "legal.", "privacy.", "press.")
_MONEY = ("remedy.refund", "remedy.compensation")
_MENDING = ("remedy.replacement", "remedy.repair", "remedy.fix", "remedy.apology")
# Who tells of something and wants it accounted for does not only ask.
_ANSWER = ("remedy.explanation",)
_PRAISES = ("praise.thanks", "praise.high")
_TELLS_NOTHING = ("greeting", "request", "phase.before")
QUESTION_MARK = "?"
TOLD_WORDS_MIN = 4


class KindRead(NamedTuple):
    """The kind, how clear it was (0 to 1), the words that told, and whether praise was none."""

    kind: Kind
    clear: float
    evidence: Words
    sarcastic: bool = False


def kind_of(reading: Reading) -> KindRead:
    """Harm told makes a complaint; else praise, request, question, in this order."""
    sarcastic = is_sarcastic(reading)
    labels = [label for prefix in _GRAVE for label in reading.family(prefix)]
    labels += [label for label in _COMPLAINS if label in reading.hits]
    if labels or sarcastic:
        return KindRead("complaint", 1.0, reading.words(*labels, "praise.high"), sarcastic)
    if _praises(reading):
        return KindRead("praise", 1.0, reading.words(*_PRAISES))
    return _without_harm(reading)


def _praises(reading: Reading) -> bool:
    asks = reading.has("request", "contrast") or QUESTION_MARK in reading.tokens.raw
    doubtful = asks and not reading.has("praise.strong")
    return reading.has(*_PRAISES) and not reading.has(*_MONEY) and not doubtful


def _without_harm(reading: Reading) -> KindRead:
    """Nothing is told to be wrong in words we know: what is told and asked decides, surest first.

    Who tells of something before asking complains, more likely than not: in doubt a complaint,
    with low confidence, so that a person reads it.
    """
    marked = QUESTION_MARK in reading.tokens.raw
    asks = marked or reading.has("question")
    told = _told(reading)
    how = reading.has("how_to") and (marked or not told)
    denies = any(reading.has_in(span, "negation") for span in told)
    wrong = reading.has("negation") and reading.has(*_MENDING)
    signs: tuple[tuple[Kind, float, bool, tuple[str, ...]], ...] = (
        ("complaint", 0.5, wrong, _MENDING),
        ("complaint", 0.7, bool(told) and reading.has(*_MONEY), _MONEY),
        ("question", 1.0, how and not denies, ("how_to",)),
        ("complaint", 0.7, reading.has(*_MONEY), _MONEY),
        ("complaint", 0.5, bool(told) and reading.has(*_MENDING), _MENDING),
        ("complaint", 0.5, bool(told) and reading.has(*_ANSWER), _ANSWER),
        ("request", 1.0, reading.has("request"), ("request",)),
        ("complaint", 0.5, denies, ("negation",)),
        ("complaint", 0.5, reading.has(*_MENDING), _MENDING),
        ("question", 0.8, asks and not told, ("question",)),
        ("complaint", 0.5, reading.has("contrast") and reading.has(*_PRAISES), ("contrast",)),
        ("complaint", 0.6, reading.has("negative.mild"), ("negative.mild",)),
        ("question", 0.4, asks, ("question",)),
    )
    for kind, clear, there, labels in signs:
        if there:
            return KindRead(kind, clear, reading.words(*labels))
    return KindRead("complaint", 0.0, ())


def _told(reading: Reading) -> tuple[tuple[int, int], ...]:
    """The sentences that tell what happened: no question, no greeting, no wish, no plan to buy."""
    return tuple(
        span
        for span in reading.tokens.sentences()
        if span[1] - span[0] >= TOLD_WORDS_MIN
        and not reading.tokens.asks(span)
        and not reading.has_in(span, *_TELLS_NOTHING)
    )


def is_sarcastic(reading: Reading) -> bool:
    """High praise beside a harm, or a long wait said to be short."""
    if reading.has("sarcasm"):
        return True
    harmed = bool(reading.family("harm.")) or reading.has("only_so_long")
    return reading.has("praise.high") and harmed and not reading.has("praise.thanks_person")
