"""Sums of money in a text: "1.299,-", "kr 1 299", "249 kr", "£40", "tusenlappen"."""

import re
from functools import lru_cache

from services.triage.model import Sum
from services.triage.policy import Currencies, TriagePolicy
from services.triage.tokens import Tokens
from shared.contracts.money import AMOUNT_MINOR_MAX, Money

# It begins with a digit, so that a search need not stop at each letter; what may not stand before
# that is asked next.
_NUMBER = (
    r"(\d(?<![\d.,]\d)(?:\d{0,2}(?:[ \u00a0\u202f.,]\d{3})+(?!\d)|\d{0,8}))"
    r"(?:([.,])(\d{2})(?!\d))?"
)
# The longest name of a currency before a number, with its full stop and space.
NAME_CHARS_MAX = 12
_GROUPING = re.compile(r"[ \u00a0\u202f.,]")


def sums_in(tokens: Tokens, policy: TriagePolicy) -> tuple[Sum, ...]:
    """Every sum with its currency, in the order of the text."""
    currencies = policy.rules.currencies
    number, before, names = _patterns(tuple(currencies.names))
    found: list[Sum] = []
    taken = 0
    for match in number.finditer(tokens.raw):
        name, start = match.group(4), match.start()
        ahead_of = tokens.raw[max(taken, start - NAME_CHARS_MAX) : start]
        if name is None and _bare(ahead_of).endswith(names):
            ahead = before.search(tokens.raw, max(taken, start - NAME_CHARS_MAX), start)
            name, start = (ahead.group(1), ahead.start()) if ahead else (None, start)
        if name is None:
            continue
        taken = match.end()
        money = _money(match, currencies.names[name.casefold()], currencies=currencies)
        if money.amount_minor <= AMOUNT_MINOR_MAX:
            first, past = tokens.index_at(start), tokens.index_at(match.end() - 1) + 1
            said = " ".join(tokens.raw[start : match.end()].split())
            found.append(Sum(money, first, past, said))
    found += _slang(tokens, currencies) + _in_words(tokens, policy)
    return tuple(sorted(found, key=lambda one: one.first))


def _slang(tokens: Tokens, currencies: Currencies) -> list[Sum]:
    if currencies.slang_minor.keys().isdisjoint(tokens.words):
        return []
    return [
        Sum(
            Money(amount_minor=currencies.slang_minor[word], currency=currencies.slang_currency),
            index,
            index + 1,
            tokens.said(index, index + 1),
        )
        for index, word in enumerate(tokens.words)
        if word in currencies.slang_minor
    ]


def _in_words(tokens: Tokens, policy: TriagePolicy) -> list[Sum]:
    """Such as "fem hundre kroner": a number in words before the name of a currency."""
    currencies, numbers = policy.rules.currencies, policy.rules.numbers
    found: list[Sum] = []
    if currencies.names.keys().isdisjoint(tokens.words):
        return found
    named = [index for index, word in enumerate(tokens.words) if word in currencies.names]
    for index in named:
        first = index
        while first and numbers.read(tokens.words[first - 1]):
            first -= 1
        whole = numbers.value(tokens.words[first:index])
        if whole:
            currency = currencies.names[tokens.words[index]]
            minor = whole if currency in currencies.whole else whole * 100
            money = Money(amount_minor=minor, currency=currency)
            found.append(Sum(money, first, index + 1, tokens.said(first, index + 1)))
    return found


def _bare(said: str) -> str:
    """In small letters, without what may stand between the name of a currency and a number."""
    return said.rstrip().rstrip(".:").casefold()


@lru_cache(maxsize=8)
def _patterns(
    names: tuple[str, ...],
) -> tuple[re.Pattern[str], re.Pattern[str], tuple[str, ...]]:
    """A number with the name that may follow it, a name before a number, and how those end.

    Few numbers are sums; the end of what stands before one tells most of them apart.
    """
    after = "|".join(re.escape(n) + (r"(?![^\W\d_])" if n[-1].isalpha() else "") for n in names)
    before = "|".join(re.escape(n) for n in names if n[0] not in ",.")
    return (
        re.compile(rf"{_NUMBER}(?:\s?({after}))?", re.IGNORECASE),
        re.compile(rf"(?<![^\W_])({before})[.:]?\s?$", re.IGNORECASE),
        tuple(map(_bare, names)),
    )


def _money(match: re.Match[str], currency: str, *, currencies: Currencies) -> Money:
    whole, cents = int(_GROUPING.sub("", match.group(1))), int(match.group(3) or 0)
    minor = whole if currency in currencies.whole else whole * 100 + cents
    return Money(amount_minor=minor, currency=currency)
