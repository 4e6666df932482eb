"""What a misspelt word was meant to be: the words of the lists that such slips make of it.

Only slips that change no word's meaning by themselves are followed, and only inside a word: a
letter doubled or not ("pasordet"), one left out ("pengne"), two that changed places ("paymnet");
a consonant is left out of long words only ("sikter" is no "svikter").
A letter instead of another, or another beginning or end, is often a word of its own ("renner" and
"brenner", "skade" and "skate"). A word that we know is right as it stands. Where nb and nn part
("pengne": pengene, pengane) both may be meant; more than two are a guess, and none is.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

# Shorter words have too many neighbours.
DOUBLED_LETTERS_MIN = 5
SLIP_LETTERS_MIN = 6
CONSONANT_SLIP_LETTERS_MIN = 8
VOWELS = frozenset("aeiouyæøå")
MEANT_MAX = 2


class Spelling:
    """Answers what was meant; the slips are worked out once, when the lists are compiled."""

    def __init__(
        self,
        words: Iterable[str],
        *,
        known: Collection[str],
        misspelt: Mapping[str, str],
    ) -> None:
        """`words` may be meant, `known` are right as they stand; `misspelt`: slip → word."""
        self._words = frozenset(word for word in words if word.isalpha())
        self._known = self._words.union(known)
        self._misspelt = misspelt
        # Of a word as long as a message every slip is as long as it.
        self._longest = max(map(len, self._words), default=0)
        squeezed: defaultdict[str, set[str]] = defaultdict(set)
        shorter: defaultdict[str, set[str]] = defaultdict(set)
        for word in self._words:
            if len(word) >= DOUBLED_LETTERS_MIN:
                squeezed[_squeezed(word)].add(word)
            if len(word) > SLIP_LETTERS_MIN:
                for slip in _without_one(word):
                    shorter[slip].add(word)
        self._squeezed = dict(squeezed)
        self._shorter = dict(shorter)

    def meant(self, word: str) -> tuple[str, ...]:
        """The words that may be meant, by the alphabet; none for a word that we know."""
        if word in self._misspelt:
            return (self._misspelt[word],)
        if len(word) < DOUBLED_LETTERS_MIN or word in self._known or not word.isalpha():
            return ()
        found: Collection[str] = self._squeezed.get(_squeezed(word), ())
        if not found and SLIP_LETTERS_MIN <= len(word) <= self._longest:
            found = {*self._words.intersection(_swapped(word)), *self._shorter.get(word, ())}
        return tuple(sorted(found)) if len(found) <= MEANT_MAX else ()


def _squeezed(word: str) -> str:
    """Each letter once where it stands doubled: "passordet" and "pasordet" are one."""
    pairs = zip(word, word[1:] + " ", strict=True)
    return "".join(one for one, after in pairs if one != after)


def _without_one(word: str) -> set[str]:
    """The word with one inner letter left out; its first letter and its last two stay."""
    whole = len(word) > CONSONANT_SLIP_LETTERS_MIN
    places = [at for at in range(1, len(word) - 2) if whole or word[at] in VOWELS]
    return {word[:at] + word[at + 1 :] for at in places}


def _swapped(word: str) -> set[str]:
    """The word with two inner neighbours in each other's place."""
    return {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(1, len(word) - 2)}
