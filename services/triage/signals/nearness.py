"""What two finds tell together: a finger near "cut", a wheel near "came off".

A rule of `triage.yaml` names what must stand close to each other within one sentence; what it
finds is a find of its own, over all the words between. Names with capitals ("the perfume Pure
Poison") tell of no danger.
"""

from collections.abc import Iterator, Mapping

from services.triage.matcher import Hit
from services.triage.numerals import Numbers
from services.triage.policy import TriagePolicy
from services.triage.tokens import END, Tokens
from services.triage.what_counts import NearRule

Hits = Mapping[str, list[Hit]]
# From this share of words with a capital on, a sentence is a heading or shouted, not names.
_HEADING_SHARE = 0.5


def near_in(hits: Hits, tokens: Tokens, *, policy: TriagePolicy) -> dict[str, list[Hit]]:
    """The finds with what stands near each other, by the rules, in their order.

    Words that only these rules ask for have done their work then, and are left out.
    """
    found = dict(hits)
    for label, least in policy.rules.counts.items():
        found[label] = [
            hit
            for hit in hits.get(label, ())
            if _is_many(tokens.words[hit.past - 1], policy.rules.numbers, least=least)
        ]
    asked = policy.near_asked
    ones: set[int] = set().union(*[asked.one[label] for label in found if label in asked.one])
    others: set[int] = set().union(*[asked.other[label] for label in found if label in asked.other])
    for at, rule in enumerate(policy.rules.near):
        if at not in ones or at not in others:
            continue
        if more := list(_fired(rule, found, tokens=tokens)):
            found[rule.label] = [*found.get(rule.label, ()), *more]
            ones.update(asked.one.get(rule.label, ()))
            others.update(asked.other.get(rule.label, ()))
    return {label: hits for label, hits in found.items() if label not in asked.parts}


def is_name(hit: Hit, tokens: Tokens) -> bool:
    """Whether the words are a name: each with a capital, where no sentence begins."""
    if not hit.first or tokens.words[hit.first - 1] == END:
        return False
    raw, starts = tokens.raw, tokens.starts
    if not all(tokens.said(at, at + 1).istitle() for at in range(hit.first, hit.past)):
        return False
    first, past = tokens.sentence(hit.first)
    capitals = sum(raw[start].isupper() for start in starts[first:past])
    return capitals < _HEADING_SHARE * (past - first)


def _is_many(word: str, numbers: Numbers, *, least: int) -> bool:
    """Whether a number is not too small; what is no number ("dozens") was chosen for being many."""
    return not numbers.counts(word) or numbers.value((word,)) >= least


def _fired(rule: NearRule, hits: Hits, *, tokens: Tokens) -> Iterator[Hit]:
    firsts, seconds = _of(rule.one, hits), _of(rule.other, hits)
    asked = (rule.also, rule.somewhere)
    if not firsts or not seconds or any(each and not _of(each, hits) for each in asked):
        return
    for one in firsts:
        for other in seconds:
            span = _span(one, other, rule=rule)
            if span and END not in tokens.words[span.first : span.past]:
                around = tokens.sentence(span.first)
                if rule.also and not _within(_of(rule.also, hits), around):
                    continue
                if not _within(_of(rule.unless, hits), around):
                    yield span


def _of(labels: tuple[str, ...], hits: Hits) -> list[Hit]:
    return [hit for label in labels for hit in hits.get(label, ())]


def _span(one: Hit, other: Hit, *, rule: NearRule) -> Hit | None:
    """The words from one to the other, if they are close, apart, and in the order asked for."""
    before, after = (one, other) if one.first <= other.first else (other, one)
    if rule.ordered and before is not one:
        return None
    if not 0 <= after.first - before.past <= rule.words:
        return None
    return Hit(rule.label, before.first, after.past)


def _within(hits: list[Hit], around: tuple[int, int]) -> bool:
    return any(hit.begins_in(around) for hit in hits)
