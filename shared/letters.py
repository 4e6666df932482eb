"""A letter in words: the policy's text with its values, and how a colleague's own text is framed.

Pure. What people wrote goes in as data: a template is never made of it, so `{{7*7}}` stays as it
is. Notify writes with it, and the console shows beforehand what notify will write.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

from jinja2 import Environment, StrictUndefined, Template, meta

# Plain text: HTML would want autoescape, and gets its own environment when there is HTML.
_ENVIRONMENT = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701 -- see above
CHARS_KNOWN_MAX = 4_096  # whoever writes every character there is fills no memory with it
# Control and format characters (bidi marks, zero-width), pictures, and what joins them.
_UNSPOKEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "So", "Sk", "Zl", "Zp"})
_PICTURE_JOINERS = "\u200d\ufe0e\ufe0f"
_WORDS = re.compile(r"[^\s'’.-]+")
_LINES_OF_AN_END = 3  # "Hilsen", a name, a role
NAME_CHARS_MAX = 60  # a name longer than that is no name
WORDS_CACHED_MAX = 4096
Value = str | bool


@dataclass(frozen=True, slots=True)
class Spoken:
    """A finished message."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Ends:
    """The words with which people begin and end a letter."""

    greets: tuple[str, ...]
    signs: tuple[str, ...]

    def greeted(self, text: str) -> bool:
        """Whether a colleague's own text begins with a greeting."""
        return _begins(text.strip(), self.greets)

    def signed(self, text: str) -> bool:
        """Whether it ends with a greeting and a name."""
        last = text.strip().splitlines()[-_LINES_OF_AN_END:]
        return any(_begins(line.strip(), self.signs) for line in last)

    def unsigned(self, text: str, names: Collection[str]) -> str:
        """Without the greeting and name at its end, and without pseudonyms: to who threatened."""
        lines = text.strip().splitlines()
        tail = range(max(0, len(lines) - _LINES_OF_AN_END), len(lines))
        end = next((i for i in tail if _begins(lines[i].strip(), self.signs)), len(lines))
        kept = "\n".join(lines[:end]).strip()
        for person in names:
            kept = kept.replace(person, "").replace("  ", " ")
        return kept


class Values(Mapping[str, Value]):
    """Values of which each is worked out when a text asks for it, once: most texts ask for few."""

    def __init__(
        self, made: Mapping[str, Callable[[], Value]], known: Mapping[str, Value] | None = None
    ) -> None:
        """`made`: how each is worked out. `known`: those that are there already."""
        self._made, self._known = made, dict(known or {})

    def but(self, known: Mapping[str, Value]) -> "Values":
        """The same with these in place of its own."""
        return Values({name: partial(self.__getitem__, name) for name in self}, known)

    def __getitem__(self, name: str) -> Value:
        """The value of this name; raises `KeyError`."""
        if name not in self._known:
            self._known[name] = self._made[name]()
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        """Whether there is such a value; it is not worked out."""
        return name in self._known or name in self._made

    def __iter__(self) -> Iterator[str]:
        """The names."""
        return iter(self._known.keys() | self._made.keys())

    def __len__(self) -> int:
        """How many there are."""
        return len(self._known.keys() | self._made.keys())


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of the policy, the names it asks for, and what it says where it asks for none."""

    template: Template
    asks: frozenset[str]
    fixed: str | None


@lru_cache(maxsize=WORDS_CACHED_MAX)
def _compiled(source: str) -> _Text:
    template = _ENVIRONMENT.from_string(source)
    asks = frozenset(meta.find_undeclared_variables(_ENVIRONMENT.parse(source)))
    return _Text(template, asks, None if asks else template.render())


def fill(source: str, values: Mapping[str, Value]) -> str:
    """One text of the policy with its values; a missing one is an error, never an empty place."""
    text = _compiled(source)
    if text.fixed is not None:
        return text.fixed
    return text.template.render({name: values[name] for name in text.asks if name in values})


def letter(
    subject: str, body: str, *, values: Mapping[str, Value], closing: str, greeting: str
) -> Spoken:
    """A whole message: greeting, body, closing; blank lines tidied. Either end may be empty."""
    parts = (fill(greeting, values), fill(body, values), fill(closing, values))
    said = "\n\n".join(tidy(part) for part in parts if part.strip())
    return Spoken(one_line(fill(subject, values)), said)


def tidy(text: str) -> str:
    """No trailing spaces, and never more than one blank line in a row."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        stripped = line.rstrip()
        if stripped or (lines and lines[-1]):
            lines.append(stripped)
    return "\n".join(lines)


class _Spoken(dict[int, str | None]):
    """What becomes of each character, for `str.translate`; looked up once, and then known."""

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        spoken = char not in _PICTURE_JOINERS and unicodedata.category(char) not in _UNSPOKEN
        becomes = " " if char.isspace() else char if spoken else None
        if len(self) < CHARS_KNOWN_MAX:
            self[code] = becomes
        return becomes


_SPOKEN = _Spoken()


def one_line(text: str) -> str:
    """Fit to stand within a sentence or a header: one line, no control or picture characters."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_SPOKEN).split())


def spoken_name(name: str) -> str:
    """The first name, for a greeting; nothing when it is an address, a link or an essay."""
    line = one_line(name)
    unfit = len(line) > NAME_CHARS_MAX or not all(word.isalpha() for word in _WORDS.findall(line))
    return "" if unfit or not line else line.split()[0]


def _begins(line: str, words: tuple[str, ...]) -> bool:
    said = line.casefold()
    return any(said.startswith(w) and not said[len(w) :][:1].isalnum() for w in words)
