"""Facts to words: the policy's texts with dates and sums by babel. Pure."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_datetime
from babel.numbers import format_decimal, get_currency_precision

from services.notify.policy import Form, Message, NotifyPolicy
from shared.letters import WORDS_CACHED_MAX, Spoken, Value, Values, fill, letter, one_line, tidy

__all__ = ["Spoken", "Value", "Values", "fill", "moment", "one_line", "render", "sum_of", "tidy"]


def render(message: Message, values: Mapping[str, Value], *, closing: str, greeting: str) -> Spoken:
    """A whole message: greeting, body, closing; blank lines tidied. Either end may be empty."""
    return letter(message.subject, message.body, values=values, closing=closing, greeting=greeting)


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
