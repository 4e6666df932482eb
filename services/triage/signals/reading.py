"""Makes the reading of a complaint: its own words, and what the word lists find in them."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache, partial

from services.triage.matcher import Hits
from services.triage.model import Form, Reading, Words
from services.triage.policy import TriagePolicy
from services.triage.signals.nearness import is_name, near_in
from services.triage.signals.sums import sums_in
from services.triage.signals.written_form import form_of
from services.triage.tokens import END, Span, Tokens, tokens_of
from shared.contracts.contract import WrittenForm
from shared.contracts.registered import ComplaintRegistered, Personal

# So far before a word a "no" still holds for it: "no one was injured".
NEGATION_WORDS = 4
# More labels than the policy has.
LABELS_KEPT_MAX = 4_096


def reading_of(
    complaint: ComplaintRegistered,
    *,
    at: datetime,
    earlier: WrittenForm | None,
    policy: TriagePolicy,
) -> Reading:
    """Read a complaint. `earlier` is the complainant's earlier written form, if there is one."""
    raw = own_words(complaint, policy)
    tokens = tokens_of(raw, policy.month_names)
    form = form_of(tokens, declared=complaint.declared_form, earlier=earlier, policy=policy)
    found = _found(tokens, form, policy=policy)
    spoken = [tokens.sentence(first) for first, _ in found.get("to_machine", ())]
    hits = _cleared(found, tokens, spoken=spoken, policy=policy)
    return Reading(
        complaint=complaint,
        at=at,
        tokens=tokens,
        hits=hits,
        families=_families(hits),
        form=form,
        sums=tuple(one for one in sums_in(tokens, policy) if not _within(one.first, spoken)),
        emoji=_emoji(raw, policy.emoji),
    )


def _found(tokens: Tokens, form: Form, *, policy: TriagePolicy) -> Hits:
    """What the lists find, and what their finds tell together.

    Most words of the rules of nearness have no partner in the text, and nobody looks at them.
    """
    finds, asked = policy.matcher.finds(tokens), policy.near_asked
    there = finds.bits
    for label, meant in policy.rules.only_in.items():
        if there & asked.bits[label] and form.written in meant.forms:
            there |= asked.bits.get(meant.counts_as, 0)
    rules, bits = asked.of(there)
    hits = _in_form(finds.hits(bits), form, policy=policy)
    return near_in(hits, tokens, rules=rules, policy=policy)


def _in_form(hits: Hits, form: Form, *, policy: TriagePolicy) -> Hits:
    """The finds without words that are others in the text's language: "no" is now in nynorsk."""
    shared = policy.rules.only_in
    for label in [label for label in shared if label in hits]:
        found, meant = hits.pop(label), shared[label]
        if form.written in meant.forms:
            hits[meant.counts_as] = sorted([*hits.get(meant.counts_as, []), *found], key=_first)
    return hits


def _first(hit: Span) -> int:
    return hit[0]


def _emoji(raw: str, known: frozenset[str]) -> Words:
    return () if known.isdisjoint(raw) else tuple(sign for sign in raw if sign in known)


def own_words(complaint: ComplaintRegistered, policy: TriagePolicy) -> str:
    """Subject and text without the mail that is answered; all of it if nothing else is there."""
    personal = complaint.personal
    if not isinstance(personal, Personal):
        message = "triage reads opened events; the shell opens the vault"
        raise TypeError(message)
    written = unquoted(personal.text, policy) or personal.text
    return f"{personal.subject}\n\n{written}" if personal.subject else written


def unquoted(text: str, policy: TriagePolicy) -> str:
    """A text without the mail that it answers and without a signature; empty if nothing is left."""
    quoted = policy.quoted_from.search(text)
    written = text[: quoted.start()] if quoted else text
    return policy.quoted_line.sub("", written).strip()


def _cleared(hits: Hits, tokens: Tokens, *, spoken: list[Span], policy: TriagePolicy) -> Hits:
    """Without what a figure of speech, a threat or a "no" takes the meaning from.

    `spoken` are sentences that give the machine orders: they tell nothing of the matter.
    """
    kept = dict(hits)
    if spoken:
        others = [x for x in kept if not x.startswith(policy.rules.kept_from_instructions)]
        _drop(kept, others, taken=lambda hit: _within(hit[0], spoken))
    losing = policy.losing
    _drop(kept, losing.as_name, taken=partial(is_name, tokens=tokens))
    for mask, labels in losing.masked.items():
        if hiding := hits.get(mask):
            _drop(kept, labels, taken=partial(_overlaps, hiding))
    for label, labels in losing.negated.items():
        if ends := [past for _, past in hits.get(label, ())]:
            _drop(kept, labels, taken=partial(_negated, ends=ends, tokens=tokens))
    return {label: found if len(found) == 1 else _outermost(found) for label, found in kept.items()}


def _outermost(hits: list[Span]) -> list[Span]:
    """Without the finds that lie inside another of the same label: one thing said counts once."""
    kept: list[Span] = []
    furthest = 0
    for hit in sorted(hits):
        first, past = hit
        if past > furthest:
            if kept and kept[-1][0] == first:
                kept[-1] = hit
            else:
                kept.append(hit)
            furthest = past
    return kept


def _drop(kept: Hits, labels: Iterable[str], *, taken: Callable[[Span], bool]) -> None:
    for label in kept.keys() & labels:
        left = [hit for hit in kept[label] if not taken(hit)]
        if left:
            kept[label] = left
        else:
            del kept[label]


def _families(hits: Hits) -> dict[str, tuple[str, ...]]:
    """The labels by what they begin with: "safety." → ("safety.fire", …)."""
    families: dict[str, list[str]] = {}
    for label in sorted(hits):
        families.setdefault(_family_of(label), []).append(label)
    return {prefix: tuple(labels) for prefix, labels in families.items()}


@lru_cache(maxsize=LABELS_KEPT_MAX)
def _family_of(label: str) -> str:
    """What a label begins with, its dot included: "safety."."""
    prefix, dot, _ = label.partition(".")
    return prefix + dot


def _within(index: int, spans: list[Span]) -> bool:
    return any(first <= index < past for first, past in spans)


def _overlaps(hiding: list[Span], hit: Span) -> bool:
    return any(hit[0] < past and first < hit[1] for first, past in hiding)


def _negated(hit: Span, *, ends: list[int], tokens: Tokens) -> bool:
    first = hit[0]
    return any(
        0 <= first - end < NEGATION_WORDS
        and END not in tokens.words[end:first]
        and "," not in tokens.raw[tokens.ends[end - 1] : tokens.starts[first]]
        for end in ends
    )
