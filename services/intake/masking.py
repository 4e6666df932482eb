"""Card, identity and account numbers and secrets are masked before anything leaves intake. Pure.

A number is masked only when its check digits say what it is, so that an order number stays
readable: it is a fact that the acknowledgement repeats. Of a card the last four digits stay,
which is how people name their card.
"""

import re
from collections.abc import Sequence
from functools import cache

from services.intake.checksums import is_account, is_card, is_iban, is_identity
from services.intake.policy import Masking

HIDDEN = "•"
CARD_DIGITS_SHOWN = 4

_GAP = "[ .\u00a0\u2007\u2009\u202f-]"  # also the spaces that web pages and phones put in
# Eleven digits with at most one separator between: below that, no number here is looked for.
_LONG = re.compile(rf"[0-9](?:{_GAP}?[0-9]){{10}}")
_CARD = re.compile(
    rf"(?<![0-9])(?:[0-9]{{13,19}}|[0-9]{{4}}(?:{_GAP}[0-9]{{4}}){{3}}"
    rf"|[0-9]{{4}}{_GAP}[0-9]{{6}}{_GAP}[0-9]{{5}})(?![0-9])"
)
_DATE = r"(?:[0-9]{6}|[0-9]{2}\.[0-9]{2}\.[0-9]{2})"
_IDENTITY = re.compile(rf"(?<![0-9]){_DATE}{_GAP}?[0-9]{{5}}(?![0-9])")
_ACCOUNT = re.compile(rf"(?<![0-9])[0-9]{{4}}({_GAP}?)[0-9]{{2}}\1[0-9]{{5}}(?![0-9])")
_IBAN_NO = re.compile(r"\bNO[0-9]{2}(?:\s?[0-9]{4}){2}\s?[0-9]{3}\b", re.IGNORECASE)
_IBAN = re.compile(
    r"\b[A-Z]{2}[0-9]{2}(?:[A-Z0-9]{11,30}|(?:\s[A-Z0-9]{4}){2,7}(?:\s[A-Z0-9]{1,3})?)\b"
)
_WORDS = re.compile(r"[^\W\d_][\w-]*")
_CHARS_BEFORE = 30  # "kontonummeret mitt er nå: "
_WORDS_BEFORE = 3


def mask(text: str, words: Masking) -> str:
    """The text with every card, identity and account number and every secret hidden."""
    lowered = text.lower()
    if any(root in lowered for root in _roots(words.secret_words)):
        secrets = _secret_words(words.secret_words, words.secret_links)
        text = secrets.sub(rf"\g<1>{HIDDEN * 4}", text)
    for begins, pattern in words.secret_patterns.items():
        if begins in text:
            text = _compiled(pattern).sub(HIDDEN * 4, text)
    return _numbers(text, words) if _LONG.search(text) else text


def is_identity_number(text: str) -> bool:
    """Whether the whole of it is somebody's national identity number, however it is spaced."""
    found = _IDENTITY.fullmatch(text.strip())
    return found is not None and is_identity(_digits(found))


def _numbers(text: str, words: Masking) -> str:
    def card(found: re.Match[str]) -> str:
        named = _said_before(found, words.reference_words)
        return found[0] if named or not is_card(_digits(found)) else _hide(found[0])

    def identity(found: re.Match[str]) -> str:
        named = _said_before(found, words.reference_words)
        is_one = is_identity(_digits(found), issued_from_2032=not named)
        return _hide(found[0], shown=0) if is_one else found[0]

    def account(found: re.Match[str]) -> str:
        named = found[1] != "" or _said_before(found, words.account_words)
        return _hide(found[0], shown=0) if named and is_account(_digits(found)) else found[0]

    def iban(found: re.Match[str]) -> str:
        return _hide(found[0], shown=0) if is_iban(found[0]) else found[0]

    for pattern, hidden in (
        (_IBAN_NO, iban),
        (_IBAN, iban),
        (_CARD, card),
        (_IDENTITY, identity),
        (_ACCOUNT, account),
    ):
        text = pattern.sub(hidden, text)
    return text


@cache
def _roots(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words that hold no other one: whoever has "passordet" has "passord"."""
    return tuple(w for w in words if not any(o != w and o in w for o in words))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def _secret_words(words: tuple[str, ...], links: tuple[str, ...]) -> re.Pattern[str]:
    """A word, then "mitt er", "is", ":" and the like, then a secret: it holds a digit."""
    either, link = (
        "|".join(re.escape(each) for each in sorted(some, key=len, reverse=True))
        for some in (words, links)
    )
    told = rf"(?:[ \t]+(?:{link})\b){{0,3}}[ \t]*[:=]?[ \t]*[\"'«]?"
    hidden = r"(?=[^\s\"'»]*[0-9])[^\s\"'»]{2,79}[^\s\"'».,;!?)]"
    return re.compile(rf"(\b(?:{either})(?![^\W_]){told}){hidden}", re.IGNORECASE)


def _digits(found: re.Match[str]) -> str:
    return "".join(character for character in found[0] if character.isdigit())


def _said_before(found: re.Match[str], words: Sequence[str]) -> bool:
    before = found.string[max(0, found.start() - _CHARS_BEFORE) : found.start()].casefold()
    near = _WORDS.findall(before)[-_WORDS_BEFORE:]
    return any(word in words for word in near)


def _hide(number: str, shown: int = CARD_DIGITS_SHOWN) -> str:
    return HIDDEN * 4 + (" " + number[-shown:] if shown else "")
