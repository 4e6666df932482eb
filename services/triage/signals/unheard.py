"""Danger that no rule hears: words and pairs of words in which danger is mostly told, by weights.

Above one number of points a person is called; above a higher one it is a condition of severity. It
is not asked where a rule hears danger, and no value hangs on it. Each word's points are the sum
over its runs of letters, so that a word which no list has, put together or inflected, tells by its
parts. Words of a figure of speech tell nothing, nor do hard words or what threatens somebody else.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from services.triage.model import Reading, Words
from services.triage.policy import TriagePolicy
from services.triage.tokens import END

# A longer text has more words, not more danger: points shrink with the root of its length.
LENGTH_WORDS = 25
# At most so many words are shown: those that tell most.
SHOWN_MAX = 3
# The table has one class.
_FIRST = itemgetter(0)


class Unheard(NamedTuple):
    """The words that tell most of danger, and whether they tell so much that it is a likely one."""

    words: Words = ()
    likely: bool = False


NOTHING_UNHEARD = Unheard()


def unheard_of(reading: Reading, policy: TriagePolicy) -> Unheard:
    """The words that tell most of danger, where all of them tell enough; else none."""
    scorer, rules = policy.danger, policy.rules.danger
    told = told_words(reading, policy)
    words = {word for word in told if word}
    pairs = scorer.pairs.keys() & pairwise(told)
    told_by_pairs = sum(scorer.pairs[pair][0] for pair in pairs)
    total = sum(map(_FIRST, map(scorer.of, words))) + told_by_pairs
    points = scorer.start[0] + total / scale(len(words))
    if points <= rules.person_above:
        return NOTHING_UNHEARD
    leads = {" ".join(pair): scorer.pairs[pair][0] for pair in pairs}
    leads |= {word: scorer.of(word)[0] for word in words - policy.small_words}
    telling = sorted(leads, key=lambda each: (-leads[each], each))
    return Unheard(tuple(telling[:SHOWN_MAX]), likely=points > rules.likely_above)


def told_words(reading: Reading, policy: TriagePolicy) -> Sequence[str]:
    """The words of a text in their order; where a figure, hard words or a threat stand, none."""
    rules, tokens = policy.rules.danger, reading.tokens
    threats = (tokens.sentence(first) for first, _ in reading.found(*rules.silent_sentences))
    hidden = [*reading.found(*rules.silent), *threats]
    if not hidden:
        return tokens.words
    shown = list(tokens.words)
    for first, past in hidden:
        shown[first:past] = [END] * (past - first)
    return shown


def scale(count: int) -> float:
    """What the points of a text of so many words are divided by."""
    return math.sqrt(max(count / LENGTH_WORDS, 1.0))
