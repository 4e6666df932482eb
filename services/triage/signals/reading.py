"""Makes the reading of a complaint: its own words, and what the word lists find in them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache, partial

from services.triage.matcher import Hit
from services.triage.model import Form, Reading, Words
from services.triage.policy import TriagePolicy
from services.triage.signals.nearness import is_name, near_in
from services.triage.signals.sums import sums_in
from services.triage.signals.written_form import form_of
from services.triage.tokens import END, Tokens, tokens_of
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
    hits_of_form = _in_form(policy.matcher.hits(tokens), form, policy=policy)
    found = near_in(hits_of_form, tokens, policy=policy)
    spoken = [tokens.sentence(hit.first) for hit in found.get("to_machine", ())]
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


def _in_form(
    hits: dict[str, list[Hit]], form: Form, *, policy: TriagePolicy
) -> dict[str, list[Hit]]:
    """The finds without words that are others in the text's language: "no" is now in nynorsk."""
    for label, shared in policy.rules.only_in.items():
        found = hits.pop(label, [])
        if found and form.written in shared.forms:
            hits[shared.counts_as] = sorted([*hits.get(shared.counts_as, []), *found], key=_first)
    return hits


def _first(hit: Hit) -> int:
    return hit.first


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


def _cleared(
    hits: Mapping[str, list[Hit]],
    tokens: Tokens,
    *,
    spoken: list[tuple[int, int]],
    policy: TriagePolicy,
) -> dict[str, list[Hit]]:
    """Without what a figure of speech, a threat or a "no" takes the meaning from.

    `spoken` are sentences that give the machine orders: they tell nothing of the matter.
    """
    kept = dict(hits)
    if spoken:
        others = tuple(x for x in kept if not x.startswith(policy.rules.kept_from_instructions))
        _drop(kept, others, taken=lambda hit: _within(hit.first, spoken))
    _drop(kept, policy.rules.not_as_name, taken=partial(is_name, tokens=tokens))
    for mask, prefixes in policy.rules.masks.items():
        if hiding := hits.get(mask):
            _drop(kept, prefixes, taken=partial(_overlaps, hiding))
    for label, prefixes in policy.rules.negated.items():
        if ends := [hit.past for hit in hits.get(label, ())]:
            _drop(kept, prefixes, taken=partial(_negated, ends=ends, tokens=tokens))
    return {label: found if len(found) == 1 else _outermost(found) for label, found in kept.items()}


def _outermost(hits: list[Hit]) -> list[Hit]:
    """Without the finds that lie inside another of the same label: one thing said counts once."""
    kept: list[Hit] = []
    furthest = 0
    for hit in sorted(hits, key=_outer_first):
        if hit.past > furthest:
            kept.append(hit)
            furthest = hit.past
    return kept


def _outer_first(hit: Hit) -> tuple[int, int]:
    return hit.first, -hit.past


def _drop(
    kept: dict[str, list[Hit]], prefixes: tuple[str, ...], *, taken: Callable[[Hit], bool]
) -> None:
    for label in [label for label in kept if label.startswith(prefixes)]:
        kept[label] = [hit for hit in kept[label] if not taken(hit)]
        if not kept[label]:
            del kept[label]


def _families(hits: Mapping[str, list[Hit]]) -> dict[str, tuple[str, ...]]:
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


def _within(index: int, spans: list[tuple[int, int]]) -> bool:
    return any(first <= index < past for first, past in spans)


def _overlaps(hiding: list[Hit], hit: Hit) -> bool:
    return any(hit.first < over.past and over.first < hit.past for over in hiding)


def _negated(hit: Hit, *, ends: list[int], tokens: Tokens) -> bool:
    return any(
        0 <= hit.first - end < NEGATION_WORDS
        and END not in tokens.words[end : hit.first]
        and "," not in tokens.raw[tokens.ends[end - 1] : tokens.starts[hit.first]]
        for end in ends
    )
