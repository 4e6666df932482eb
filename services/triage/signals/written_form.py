"""Written form: nb, nn, en or other. A declared wish beats detection.

Each word speaks for languages by fitted weights ("ikkje", "-ane", "kv-"); a text's points are
their sum. What fits nb and nn alike takes the complainant's earlier form, else the policy's, and
is not sure. Dialect is nb or nn: another language must be well ahead to be believed.
"""

from collections.abc import Iterator, Mapping
from operator import sub

from services.triage.model import EVIDENCE_MAX, Form, Words
from services.triage.policy import TriagePolicy
from services.triage.tokens import Tokens
from shared.contracts.contract import WrittenForm

# Words looked at: a long text has told long before.
WORDS_READ_MAX = 160
UNSURE = 0.5
# What speaks for each language: its start, and the points of each word.
Columns = Mapping[str, tuple[float, ...]]
OURS: tuple[WrittenForm, ...] = ("nb", "nn", "en")


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
    words = tokens.words[:WORDS_READ_MAX]
    classes, start = policy.forms.classes, policy.forms.start
    columns = dict(zip(classes, zip(start, *map(policy.forms.of, words), strict=True), strict=True))
    points = {form: sum(column) for form, column in columns.items()}
    written, lead = _chosen(points, earlier, columns=columns, policy=policy)
    share = min(lead / policy.rules.written_form.margin_sure, 1.0)
    evidence = _evidence(words, columns, points=points) if lead else ()
    return Form(written, round(UNSURE + (1 - UNSURE) * share, 2), evidence)


def _chosen(
    points: dict[str, float],
    earlier: WrittenForm | None,
    *,
    columns: Columns,
    policy: TriagePolicy,
) -> tuple[WrittenForm, float]:
    """The form, and its lead in points over the next; no lead where nb and nn fit alike."""
    rules = policy.rules.written_form
    best = max(OURS, key=lambda form: points[form])
    strange = max(lead for form, lead in points.items() if form not in OURS)
    if strange - points[best] > rules.other_margin:
        return "other", strange - points[best]
    if best == "en":
        return "en", points["en"] - max(points["nb"], points["nn"])
    apart = max(map(abs, _leads(columns, "nb", rival="nn")), default=0.0)
    told = apart >= rules.telling_word
    alike_within = rules.alike_within if told else rules.alike_within_untold
    if abs(points["nb"] - points["nn"]) < alike_within:
        return (earlier if earlier in {"nb", "nn"} and earlier else rules.default), 0.0
    return best, abs(points["nb"] - points["nn"])


def _evidence(words: Words, columns: Columns, *, points: Mapping[str, float]) -> Words:
    """The words that spoke most for the best language against the next."""
    best, rival = sorted(points, key=points.__getitem__, reverse=True)[:2]
    leads = zip(words, _leads(columns, best, rival=rival), strict=True)
    speaking = {word: lead for word, lead in leads if lead > 0}
    telling = sorted(speaking, key=speaking.__getitem__)
    return tuple(telling[: -EVIDENCE_MAX - 1 : -1])


def _leads(columns: Columns, best: str, *, rival: str) -> Iterator[float]:
    """By word, how much more it speaks for one language than for another."""
    return map(sub, columns[best][1:], columns[rival][1:])
