"""Lists what one written form's word lists have and another's lack: `… symmetry [label]`.

By label, how many phrases each form has, the least even first; then, for bokmål and nynorsk, which
are spelt alike, the phrases of one that nothing in the other's list of that label resembles.
English is told by counts alone. Nobody is held to it: a word may have no counterpart.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from benchmarks.quality.fitting import languages

FORMS = ("nb", "nn", "en")
# A list so much shorter than the fullest is told.
SHARE_MIN = 0.75
# Fewer phrases than these tell nothing.
PHRASES_MIN = 8
ALIKE = 0.6
SHOWN_MAX = 12
Lists = Mapping[str, Mapping[str, Sequence[str]]]


def main(wanted: str) -> None:
    """Print both lists for the labels that begin so."""
    lists = {form: one.cues for form, one in languages().items()}
    labels = [label for label in lists["nb"] if label.startswith(wanted)]
    for share, label, counts in sorted(_uneven(lists, labels)):
        print(f"{share:4.0%} {label:24} " + "  ".join(f"{f} {n}" for f, n in counts.items()))
    for label in labels:
        for form, other in (("nb", "nn"), ("nn", "nb")):
            alone = without_counterpart(lists[form][label], lists[other][label])
            if alone:
                print(f"{label}, {form} alone: " + ", ".join(alone[:SHOWN_MAX]))


def _uneven(lists: Lists, labels: Sequence[str]) -> Iterator[tuple[float, str, dict[str, int]]]:
    for label in labels:
        counts = {form: len(lists[form][label]) for form in FORMS}
        share = min(counts.values()) / max(*counts.values(), 1)
        if max(counts.values()) >= PHRASES_MIN and share < SHARE_MIN:
            yield share, label, counts


def without_counterpart(phrases: Sequence[str], others: Sequence[str]) -> list[str]:
    """Phrases that resemble none of the others."""
    return [one for one in phrases if not get_close_matches(one, others, n=1, cutoff=ALIKE)]


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
