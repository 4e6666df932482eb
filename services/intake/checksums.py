"""What a number is, by its check digits alone: card, national identity number, account. Pure."""

from collections.abc import Sequence

_CARD_FIRST_DIGITS = "23456"  # the card networks; 0, 1, 7, 8 and 9 are none of theirs
# Modulo 11 as Skatteetaten (identity numbers) and the banks (accounts) count it.
_FIRST_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
_SECOND_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
# Numbers issued from 2032 on may leave these rests at the first check digit; read both ways until
# then and after: https://skatteetaten.github.io/folkeregisteret-api-dokumentasjon (2026-11-22).
_FIRST_RESTS_2032 = (0, 1, 2, 3)
_D_NUMBER_DAYS = 40  # a D number's day is 41 to 71
# Added to the month: H numbers and NAV's test persons 40, Norsk Helsenett's 65, Tenor's 80.
_MONTHS_ADDED = (0, 40, 65, 80)
_FH_FIRST_DIGITS = "89"  # FH numbers of the health service hold no date
_DAYS, _MONTHS = 31, 12


def is_card(digits: str) -> bool:
    """Whether the digits are a card number: a network's first digit, and Luhn's sum."""
    doubled = [sum(divmod(2 * int(d), 10)) for d in digits[-2::-2]]
    total = sum(doubled) + sum(int(d) for d in digits[-1::-2])
    return digits[0] in _CARD_FIRST_DIGITS and total % 10 == 0


def is_identity(digits: str, *, issued_from_2032: bool = False) -> bool:
    """Whether eleven digits are a fødselsnummer, or a D, H, FH or synthetic number."""
    rests = _FIRST_RESTS_2032 if issued_from_2032 else (0,)
    if _rest(digits[:10], _FIRST_WEIGHTS) not in rests or _rest(digits, _SECOND_WEIGHTS) != 0:
        return False
    return digits[0] in _FH_FIRST_DIGITS or _is_dated(digits)


def is_account(digits: str) -> bool:
    """Whether eleven digits are a Norwegian account number."""
    return _rest(digits, _SECOND_WEIGHTS) == 0


def is_iban(text: str) -> bool:
    """Whether an IBAN's check digits hold (ISO 13616, modulo 97)."""
    plain = "".join(text.split()).upper()
    turned = "".join(str(int(character, 36)) for character in plain[4:] + plain[:4])
    return int(turned) % 97 == 1


def _is_dated(digits: str) -> bool:
    day, month = int(digits[:2]), int(digits[2:4])
    day -= _D_NUMBER_DAYS if day > _D_NUMBER_DAYS else 0
    return 1 <= day <= _DAYS and any(1 <= month - more <= _MONTHS for more in _MONTHS_ADDED)


def _rest(digits: str, weights: Sequence[int]) -> int:
    return sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11
