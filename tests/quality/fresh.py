"""Lines of danger and lines of speech, a text a line, written before the word lists were read.

Every second line stays unseen, and all of the fourth and fifth sets: the lists may be learnt from
the open lines, never from the others, so the share of these is what to expect of a stranger.
`python -m tests.quality.fresh` prints the shares of both halves; `--open` the open lines that are
read wrongly too.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.core.triage_examples import read

FOLDER = Path(__file__).resolve().parent / "fresh"
FORMS = ("nb", "nn", "en")
# Whether a line of the file is to be called critical; `again`, `third`: written sessions later.
MEANT = {
    "danger": True,
    "figures": False,
    "danger_again": True,
    "figures_again": False,
    "danger_third": True,
    "harmless_third": False,
    "danger_fourth": True,
    "harmless_fourth": False,
    "danger_fifth": True,
    "harmless_fifth": False,
}
# Judges alone: no line of theirs is open.
JUDGES = frozenset({"danger_fourth", "harmless_fourth", "danger_fifth", "harmless_fifth"})


@dataclass(frozen=True)
class Line:
    """One text: of which file and written form, and in which half."""

    kind: str
    form: str
    text: str
    is_open: bool
    number: int

    @property
    def is_right(self) -> bool:
        """Danger is critical, a figure of speech is not."""
        return (read(self.text).severity == "critical") is MEANT[self.kind]

    @property
    def is_seen(self) -> bool:
        """A person is called, be it that a rule heard danger or only its words sound so."""
        return read(self.text).needs_person


@cache
def lines() -> tuple[Line, ...]:
    """All of them; the same line number is in the same half in every written form."""
    return tuple(_lines())


def shares() -> dict[str, tuple[float, int]]:
    """Right of the unseen lines, and of how many, by name."""
    return dict(_shares(is_open=False))


def _lines() -> Iterator[Line]:
    for kind in MEANT:
        for form in FORMS:
            texts = (FOLDER / f"{kind}.{form}.txt").read_text(encoding="utf-8").splitlines()
            for number, text in enumerate(texts):
                is_open = number % 2 == 0 and kind not in JUDGES
                yield Line(kind, form, text, is_open=is_open, number=number)


def _shares(*, is_open: bool) -> Iterator[tuple[str, tuple[float, int]]]:
    half = [line for line in lines() if line.is_open is is_open]
    for kind, danger in MEANT.items():
        for form in FORMS:
            told = [line for line in half if (line.kind, line.form) == (kind, form)]
            if not told:
                continue
            right = [line.is_right for line in told]
            yield f"fresh {kind}: {form}", (sum(right) / len(right), len(right))
            if danger:
                seen = [line.is_seen for line in told]
                yield f"fresh {kind}, a person called: {form}", (sum(seen) / len(seen), len(seen))


def main(*, opened: bool) -> None:
    """Print the shares of both halves, and of the open one what is read wrongly."""
    say = sys.stdout.write
    for half in ("open", "unseen"):
        for name, (share, count) in _shares(is_open=half == "open"):
            say(f"{half:7}{name:42}{share:7.1%} of {count}\n")
    if opened:
        wrong = [line for line in lines() if line.is_open and not line.is_right]
        say("".join(f"{line.kind} {line.form}: {line.text}\n" for line in wrong))


if __name__ == "__main__":
    main(opened="--open" in sys.argv)
