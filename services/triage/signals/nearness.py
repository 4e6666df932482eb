"""What two finds tell together: a finger near "cut", a wheel near "came off".

A rule of `triage.yaml` names what must stand close to each other within one sentence; what it
finds is a find of its own, over all the words between. Names with capitals ("the perfume Pure
Poison") tell of no danger.
"""

from collections.abc import Iterator, Sequence

from services.triage.matcher import Hits
from services.triage.numerals import Numbers
from services.triage.policy import TriagePolicy
from services.triage.tokens import END, Span, Tokens, begins_in
from services.triage.what_counts import NearRule

# From this share of words with a capital on, a sentence is a heading or shouted, not names.
_HEADING_SHARE = 0.5


def near_in(hits: Hits, tokens: Tokens, *, rules: Sequence[NearRule], policy: TriagePolicy) -> Hits:
    """The finds with what stands near each other, by these rules, in their order.

    Words that only rules of nearness ask for have done their work then, and are left out.
    """
    found = dict(hits)
    for label, least in policy.rules.counts.items():
        if label in hits:
            found[label] = _many(hits[label], tokens, numbers=policy.rules.numbers, least=least)
    for rule in rules:
        if more := list(_fired(rule, found, tokens=tokens)):
            found[rule.label] = [*found.get(rule.label, ()), *more]
    parts = policy.near_asked.parts
    return {label: spans for label, spans in found.items() if label not in parts}


def is_name(hit: Span, tokens: Tokens) -> bool:
    """Whether the words are a name: each with a capital, where no sentence begins."""
    if not hit[0] or tokens.words[hit[0] - 1] == END:
        return False
    raw, starts = tokens.raw, tokens.starts
    if not all(tokens.said(at, at + 1).istitle() for at in range(*hit)):
        return False
    first, past = tokens.sentence(hit[0])
    capitals = sum(raw[start].isupper() for start in starts[first:past])
    return capitals < _HEADING_SHARE * (past - first)


def _many(hits: list[Span], tokens: Tokens, *, numbers: Numbers, least: int) -> list[Span]:
    """Without numbers too small; what is no number ("dozens") was chosen for being many."""
    last = [tokens.words[past - 1] for _, past in hits]
    return [
        hit
        for hit, word in zip(hits, last, strict=True)
        if not numbers.counts(word) or numbers.value((word,)) >= least
    ]


def _fired(rule: NearRule, hits: Hits, *, tokens: Tokens) -> Iterator[Span]:
    """The words from one to the other, where both stand close and nothing speaks against it."""
    also, unless = _of(rule.also, hits), _of(rule.unless, hits)
    if (rule.also and not also) or (rule.somewhere and not _of(rule.somewhere, hits)):
        return
    if _of(rule.nowhere, hits):
        return
    for first, past in _close(rule, hits):
        if END in tokens.words[first:past]:
            continue
        around = tokens.sentence(first)
        if rule.also and not _within(also, around):
            continue
        if not _within(unless, around):
            yield first, past


def _close(rule: NearRule, hits: Hits) -> Iterator[Span]:
    """What stands close, apart, and in the order asked for."""
    seconds, most = _of(rule.other, hits), rule.words
    for first, past in _of(rule.one, hits):
        for start, end in seconds:
            if 0 <= start - past <= most:
                yield first, end
            elif 0 <= first - end <= most and not rule.ordered:
                yield start, past


def _of(labels: tuple[str, ...], hits: Hits) -> list[Span]:
    return [hit for label in labels if label in hits for hit in hits[label]]


def _within(hits: list[Span], around: Span) -> bool:
    return any(begins_in(hit, around) for hit in hits)
