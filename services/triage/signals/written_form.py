"""Written form: nb, nn, en or other. A declared wish beats detection.

Function words tell most ("ikkje", "jeg", "the"), endings help. What fits nb and nn alike takes
the complainant's earlier form, else the policy's, and is not sure. Dialect is nb or nn.
"""

from dataclasses import dataclass, field

from services.triage.model import EVIDENCE_MAX, Form
from services.triage.policy import TriagePolicy
from services.triage.tokens import Tokens
from shared.contracts.contract import WrittenForm

# Words looked at: a long text has told long before.
WORDS_READ_MAX = 400
UNSURE = 0.5


@dataclass(slots=True)
class _Points:
    """Points by form: `all` with what forms share, `alone` what speaks for one of them only."""

    all: dict[WrittenForm, float]
    alone: dict[WrittenForm, float]
    evidence: dict[WrittenForm, dict[str, None]] = field(default_factory=dict)
    words: int = 0
    known: int = 0


def form_of(
    tokens: Tokens,
    *,
    declared: WrittenForm | None,
    earlier: WrittenForm | None,
    policy: TriagePolicy,
) -> Form:
    """The form of a text, how sure, and the words that told."""
    if declared is not None:
        return Form(declared, 1.0)
    points = _count(tokens, policy)
    written, sure = _chosen(points, earlier, policy=policy)
    return Form(written, sure, tuple(points.evidence.get(written, ()))[:EVIDENCE_MAX])


def _count(tokens: Tokens, policy: TriagePolicy) -> _Points:
    points = _Points(dict.fromkeys(("nb", "nn", "en", "other"), 0.0), {})
    points.alone = dict(points.all)
    for word in tokens.words[:WORDS_READ_MAX]:
        if not word or word.isdigit():
            continue
        points.words += 1
        speaks = policy.forms.told(word)
        points.known += bool(speaks)
        for told in speaks:
            points.all[told.form] += told.points
            if told.alone:
                points.alone[told.form] += told.points
                points.evidence.setdefault(told.form, {})[word] = None
    return points


def _chosen(
    points: _Points, earlier: WrittenForm | None, *, policy: TriagePolicy
) -> tuple[WrittenForm, float]:
    rules, alone = policy.rules.written_form, points.alone
    few_known = points.known < rules.known_share_min * points.words
    norwegian = max(points.all["nb"], points.all["nn"])
    if points.words >= rules.words_min and few_known:
        return "other", UNSURE
    if alone["other"] > max(alone["nb"], alone["nn"], points.all["en"]):
        return "other", _sure(alone["other"], policy)
    if points.all["en"] > norwegian:
        return "en", _sure(points.all["en"] - norwegian, policy)
    if alone["nb"] != alone["nn"]:
        written: WrittenForm = "nb" if alone["nb"] > alone["nn"] else "nn"
        return written, _sure(abs(alone["nb"] - alone["nn"]), policy)
    if norwegian or earlier is None:
        return (earlier if earlier in {"nb", "nn"} and earlier else rules.default), UNSURE
    return earlier, UNSURE


def _sure(margin: float, policy: TriagePolicy) -> float:
    share = min(margin / policy.rules.written_form.margin_sure, 1.0)
    return round(UNSURE + (1 - UNSURE) * share, 2)
