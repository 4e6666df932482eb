"""Danger that no rule hears: words in which danger is mostly told, by fitted weights.

It only calls a person. No severity and no value hangs on it, and it is not asked where a rule hears
danger. Each word's points are the sum over its runs of letters, so that a word which no list has,
put together or inflected, tells by its parts.
"""

import math
from operator import itemgetter

from services.triage.model import Reading, Words
from services.triage.policy import TriagePolicy

# A longer text has more words, not more danger: points shrink with the root of its length.
LENGTH_WORDS = 12
# At most so many words are shown: those that tell most.
SHOWN_MAX = 3
# The table has one class.
_FIRST = itemgetter(0)


def unheard_of(reading: Reading, policy: TriagePolicy) -> Words:
    """The words that tell most of danger, where all of them tell enough; else none."""
    scorer, words = policy.danger, dict.fromkeys(filter(None, reading.tokens.words))
    total = scorer.start[0] + sum(map(_FIRST, map(scorer.of, words))) / scale(len(words))
    if total <= policy.rules.danger_above:
        return ()
    telling = sorted(words.keys() - policy.small_words, key=lambda w: (-scorer.of(w)[0], w))
    return tuple(telling[:SHOWN_MAX])


def scale(count: int) -> float:
    """What the points of a text of so many words are divided by."""
    return math.sqrt(max(count / LENGTH_WORDS, 1.0))
