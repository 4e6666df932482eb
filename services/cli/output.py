"""What a verb prints: JSON for scripts; for people colours on a terminal, plain text in a pipe."""

import json
import sys
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from rich.console import Console

# Joiners hold emoji together; every other invisible sign could dress a text up as another.
_HARMLESS = "\n\t\u200d\ufe0f"
_VISIBLE_SPACES = "Zs"


def print_json(value: object) -> None:
    """One JSON document on one line, written at once, so that a reader in a pipe can go on."""
    try:
        line = orjson.dumps(value, default=str)
    except TypeError:  # an integer beyond 64 bits
        line = json.dumps(value, ensure_ascii=False, default=str).encode()
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


def say(text: str = "") -> None:
    """A plain line, whatever it is written to."""
    sys.stdout.write(shown(text) + "\n")


@cache
def console() -> "Console":
    """Where people read: colours and wrapping on a terminal, neither in a pipe."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, soft_wrap=not sys.stdout.isatty())


def shown(text: str) -> str:
    """The text with control characters spelled out: nobody else's bytes steer our terminal."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if _is_shown(c) else _spelled(c) for c in text)


def _is_shown(character: str) -> bool:
    if character.isprintable() or character in _HARMLESS:
        return True
    return unicodedata.category(character) == _VISIBLE_SPACES


def _spelled(character: str) -> str:
    return character.encode("unicode_escape").decode()
