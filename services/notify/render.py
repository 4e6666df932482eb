"""Facts to words: Jinja2 over the policy's texts, dates and sums by babel. Pure.

What people wrote goes in as data: a template is never made of it, so `{{7*7}}` stays as it is.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_datetime
from babel.numbers import format_decimal, get_currency_precision
from jinja2 import Environment, StrictUndefined, Template

from services.notify.policy import Form, Message, NotifyPolicy

# Plain text: HTML would want autoescape, and gets its own environment when there is HTML.
_ENVIRONMENT = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701 -- see above
# Control and format characters (bidi marks, zero-width), pictures, and what joins them.
_UNSPOKEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "So", "Sk", "Zl", "Zp"})
_PICTURE_JOINERS = "\u200d\ufe0e\ufe0f"
WORDS_CACHED_MAX = 4096
Value = str | bool


@dataclass(frozen=True, slots=True)
class Spoken:
    """A finished message."""

    subject: str
    body: str


@lru_cache(maxsize=WORDS_CACHED_MAX)
def _compiled(source: str) -> Template:
    return _ENVIRONMENT.from_string(source)


def fill(source: str, values: Mapping[str, Value]) -> str:
    """One text of the policy with its values; a missing one is an error, never an empty place."""
    return _compiled(source).render(values)


def render(message: Message, values: Mapping[str, Value], *, closing: str, greeting: str) -> Spoken:
    """A whole message: greeting, body, closing; blank lines tidied. Either end may be empty."""
    parts = (fill(greeting, values), fill(message.body, values), fill(closing, values))
    body = "\n\n".join(tidy(part) for part in parts if part.strip())
    return Spoken(one_line(fill(message.subject, values)), body)


def tidy(text: str) -> str:
    """No trailing spaces, and never more than one blank line in a row."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        stripped = line.rstrip()
        if stripped or (lines and lines[-1]):
            lines.append(stripped)
    return "\n".join(lines)


def one_line(text: str) -> str:
    """Fit to stand within a sentence or a header: one line, no control or picture characters."""
    kept = "".join(
        " " if char.isspace() else char
        for char in unicodedata.normalize("NFC", text)
        if char.isspace()
        or (char not in _PICTURE_JOINERS and unicodedata.category(char) not in _UNSPOKEN)
    )
    return " ".join(kept.split())


@lru_cache(maxsize=WORDS_CACHED_MAX)
def _moment(when: datetime, pattern: str, *, locale: str) -> str:
    return str(format_datetime(when, pattern, tzinfo=when.tzinfo, locale=locale))


def moment(when: datetime, style: str, *, form: Form, policy: NotifyPolicy) -> str:
    """A date or a date with a clock time, as the form writes it (`words.date`)."""
    pattern = policy.texts(form).words["date"][style]
    return _moment(when, pattern, locale=policy.rules.locales[form])


@lru_cache(maxsize=WORDS_CACHED_MAX)
def _number(amount_minor: int, currency: str, *, locale: str) -> str:
    digits = get_currency_precision(currency)
    pattern = "#,##0." + "0" * digits if amount_minor % 10**digits else "#,##0"
    exact = Decimal(amount_minor).scaleb(-digits)
    return str(format_decimal(exact, format=pattern, locale=locale))


def sum_of(amount_minor: int, currency: str, *, form: Form, policy: NotifyPolicy) -> str:
    """A sum: "219 kr", "1 490,50 kr"; a currency without a name of its own by its code."""
    text = _number(amount_minor, currency, locale=policy.rules.locales[form])
    return f"{text} {policy.texts(form).words['currency'].get(currency, currency)}"
