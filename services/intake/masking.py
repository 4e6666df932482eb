"""Card, identity and account numbers are masked before anything leaves intake. Pure.

A number is masked only when its check digits say what it is, so that an order number stays
readable: it is a fact that the acknowledgement repeats. Of a card the last four digits stay,
which is how people name their card.
"""

import re
from collections.abc import Sequence

from services.intake.policy import Masking

HIDDEN = "•"
CARD_DIGITS_SHOWN = 4

# Eleven digits with at most one separator between: below that, nothing here is looked for.
_LONG = re.compile(r"[0-9](?:[ .-]?[0-9]){10}")
_CARD = re.compile(
    r"(?<![0-9])(?:[0-9]{13,19}|[0-9]{4}(?:[ .-][0-9]{4}){3}|[0-9]{4}[ .-][0-9]{6}[ .-][0-9]{5})"
    r"(?![0-9])"
)
_IDENTITY = re.compile(r"(?<![0-9])[0-9]{6}[ -]?[0-9]{5}(?![0-9])")
_ACCOUNT = re.compile(r"(?<![0-9])[0-9]{4}([ .]?)[0-9]{2}\1[0-9]{5}(?![0-9])")
_IBAN = re.compile(r"\bNO[0-9]{2}(?: ?[0-9]{4}){2} ?[0-9]{3}\b", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_][\w-]*")
_CARD_FIRST_DIGITS = "23456"  # the card networks; 0, 1, 7, 8 and 9 are none of theirs
# Modulo 11 as Skatteetaten (identity numbers) and the banks (accounts) count it.
_FIRST_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
_SECOND_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
_CHARS_BEFORE = 30  # "kontonummeret mitt er nå: "
_WORDS_BEFORE = 3


def mask(text: str, words: Masking) -> str:
    """The text with every card, identity and account number hidden."""
    if _LONG.search(text) is None:
        return text

    def card(found: re.Match[str]) -> str:
        named = _said_before(found, words.reference_words)
        return found[0] if named or not is_card(_digits(found)) else _hide(found[0])

    def identity(found: re.Match[str]) -> str:
        return _hide(found[0], shown=0) if is_identity(_digits(found)) else found[0]

    def account(found: re.Match[str]) -> str:
        named = found[1] != "" or _said_before(found, words.account_words)
        return _hide(found[0], shown=0) if named and is_account(_digits(found)) else found[0]

    def iban(found: re.Match[str]) -> str:
        return _hide(found[0], shown=0) if is_iban(found[0]) else found[0]

    for pattern, hidden in (
        (_IBAN, iban),
        (_CARD, card),
        (_IDENTITY, identity),
        (_ACCOUNT, account),
    ):
        text = pattern.sub(hidden, text)
    return text


def is_card(digits: str) -> bool:
    """Whether the digits are a card number: a network's first digit, and Luhn's sum."""
    doubled = [sum(divmod(2 * int(d), 10)) for d in digits[-2::-2]]
    total = sum(doubled) + sum(int(d) for d in digits[-1::-2])
    return digits[0] in _CARD_FIRST_DIGITS and total % 10 == 0


def is_identity(digits: str) -> bool:
    """Whether the digits are a national identity number, a D number or a synthetic one."""
    day, month = int(digits[:2]) % 40, int(digits[2:4]) % 20
    dated = 1 <= day <= 31 and 1 <= month <= 12  # noqa: PLR2004 -- the calendar's own
    return dated and _mod_11(digits[:10], _FIRST_WEIGHTS) and _mod_11(digits, _SECOND_WEIGHTS)


def is_account(digits: str) -> bool:
    """Whether the digits are a Norwegian account number."""
    return _mod_11(digits, _SECOND_WEIGHTS)


def is_iban(text: str) -> bool:
    """Whether a Norwegian IBAN's check digits hold (ISO 13616, modulo 97)."""
    plain = text.replace(" ", "").upper()
    turned = "".join(str(int(character, 36)) for character in plain[4:] + plain[:4])
    return int(turned) % 97 == 1


def _mod_11(digits: str, weights: Sequence[int]) -> bool:
    return sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11 == 0


def _digits(found: re.Match[str]) -> str:
    return "".join(character for character in found[0] if character.isdigit())


def _said_before(found: re.Match[str], words: Sequence[str]) -> bool:
    before = found.string[max(0, found.start() - _CHARS_BEFORE) : found.start()].casefold()
    near = _WORDS.findall(before)[-_WORDS_BEFORE:]
    return any(word in words for word in near)


def _hide(number: str, shown: int = CARD_DIGITS_SHOWN) -> str:
    return HIDDEN * 4 + (" " + number[-shown:] if shown else "")
