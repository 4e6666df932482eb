"""How a value is written for people: times, sums, and text that may try to deceive the eye."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_currency, format_decimal, get_currency_precision
from markupsafe import Markup, escape

LOCALES = {"nb": "nb", "nn": "nn", "en": "en_GB"}
# What turns text around, hides in it or moves it: shown by its number, never obeyed. A joiner
# inside an emoji is part of the picture.
_ODD = re.compile(
    r"(?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c"
    r"\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb"
    r"\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    """The text with every invisible or turning character spelled: ⟦U+202E⟧."""
    return _ODD.sub(lambda found: f"⟦U+{ord(found[0]):04X}⟧", text.replace("\r\n", "\n"))


def finalized(value: object) -> object:
    """What a template writes where it is not told otherwise: nothing is hidden in a string."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def verbatim(text: str) -> Markup:
    """Her own words back into the field she wrote them in, character by character."""
    return escape(text)


@dataclass(frozen=True, slots=True)
class Writing:
    """Times and sums in one written form, by the clock of the business calendar."""

    form: str
    zone: ZoneInfo
    now: datetime

    def when(self, at: datetime) -> str:
        """A moment: the day only as precisely as needed."""
        here, today = at.astimezone(self.zone), self.now.astimezone(self.zone)
        same_day = here.date() == today.date()
        pattern = "HH:mm" if same_day else "d MMM HH:mm"
        if here.year != today.year:
            pattern = "d MMM y HH:mm"
        if self.form != "en":
            pattern = pattern.replace("d MMM", "d. MMM")
        return format_datetime(here, pattern, locale=LOCALES[self.form])

    def left(self, at: datetime) -> str:
        """How long until then, or since then."""
        return format_timedelta(
            at - self.now,
            granularity="minute",
            add_direction=True,
            format="short",
            locale=LOCALES[self.form],
        )

    def overdue(self, at: datetime) -> bool:
        """Whether it is past."""
        return at < self.now

    def number(self, value: float) -> str:
        """A number with one decimal."""
        return format_decimal(value, "#,##0.0", locale=LOCALES[self.form])

    def money(self, amount_minor: int, currency: str) -> str:
        """A sum in its minor unit, as people write it."""
        amount = Decimal(amount_minor).scaleb(-get_currency_precision(currency))
        return format_currency(amount, currency, locale=LOCALES[self.form])


def minor(words: str, currency: str) -> int | None:
    """What somebody typed as a sum ("249", "249,50") in minor units; None: that is no sum."""
    plain = re.sub(r"[\s\u00a0\u202f]", "", words).replace(",", ".")
    digits = get_currency_precision(currency)
    if not re.fullmatch(rf"\d{{1,10}}(\.\d{{1,{max(digits, 1)}}})?", plain, re.ASCII):
        return None
    return int(Decimal(plain).scaleb(digits))
