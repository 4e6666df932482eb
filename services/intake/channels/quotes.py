"""A reply's own words: the thread below (or quoted with >) is known already and is left out."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from services.intake.policy import IntakeRules

LINES_JOINED = 2  # "… wrote:" and the head of a quoted mail are often broken into two lines
LINE_CHARS_MAX = 600  # a longer line is somebody's own words


def without_quotes(text: str, rules: IntakeRules) -> str:
    """The text up to the quoted thread, without lines that begin with >."""
    lines = text.splitlines()
    return "\n".join(_own(lines[: quote_begins_at(lines, rules)])).strip()


def quote_begins_at(lines: Sequence[str], rules: IntakeRules) -> int | None:
    """The line where a quoted or forwarded mail begins; None: none does."""
    begins = _pattern(rules.quoted)
    return next((i for i in range(len(lines)) if _quote_begins(lines, i, begins=begins)), None)


@cache
def _pattern(quoted: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in quoted))


def _own(lines: Sequence[str]) -> Iterator[str]:
    return (line for line in lines if not line.lstrip().startswith(">"))


def _quote_begins(lines: Sequence[str], index: int, *, begins: re.Pattern[str]) -> bool:
    line = lines[index].strip().casefold()
    if not line or len(line) > LINE_CHARS_MAX:
        return False
    joined = " ".join(part.strip() for part in lines[index : index + LINES_JOINED]).casefold()
    return begins.match(line) is not None or begins.match(joined[:LINE_CHARS_MAX]) is not None
