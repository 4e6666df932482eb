"""Numbers that never leave intake in the open, and numbers that must stay readable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.masking import is_account, is_card, is_iban, is_identity, mask
from services.intake.policy import load

WORDS = load()[0].intake.masking
# Made for tests: a card network's example, a synthetic person (month + 80), invented accounts.
CARD, PERSON, ACCOUNT, IBAN = "4111111111111111", "17912099997", "86011117947", "NO9386011117947"

HIDDEN = {
    f"Kortet er {CARD}.": "Kortet er •••• 1111.",
    "Kortet er 4111 1111 1111 1111, altså": "Kortet er •••• 1111, altså",
    "4111-1111-1111-1111": "•••• 1111",
    "Trukket 4111 1111 1111 1111 129 kr": "Trukket •••• 1111 129 kr",
    "Amex 3782 822463 10005": "Amex •••• 0005",
    f"Fødselsnummer {PERSON}": "Fødselsnummer ••••",
    "179120 99997 er mitt": "•••• er mitt",
    "Konto 8601.11.17947": "Konto ••••",
    f"kontonummeret mitt er {ACCOUNT}": "kontonummeret mitt er ••••",
    f"IBAN {IBAN}": "IBAN ••••",
    "NO93 8601 1117 947": "••••",
}
SHOWN = (
    "Ordre 20417 på 1290 kr, betalt 28. oktober 2026 kl. 18:30",
    "Ring meg på +47 40 00 00 01 eller 40000002",
    f"KID {CARD}",
    "Sporing 370438105100000000",
    "Ordrenummer 12345678901",
    f"Referanse {ACCOUNT}",
    "4111 1111 1111 1112",
    "٤١١١١١١١١١١١١١١١",
)


@pytest.mark.parametrize(("said", "kept"), HIDDEN.items())
def test_a_number_of_somebody_is_hidden(said: str, kept: str) -> None:
    """A card or identity number would lie in a topic for a month."""
    assert mask(said, WORDS) == kept


@pytest.mark.parametrize("said", SHOWN)
def test_other_numbers_stay(said: str) -> None:
    """The acknowledgement could not repeat the order's number or the sum."""
    assert mask(said, WORDS) == said


def test_one_wrong_digit_is_no_number_of_anybody() -> None:
    """Any long number would be hidden: the check digits decide."""
    assert is_card(CARD)
    assert not is_card("4111111111111112")
    assert is_identity(PERSON)
    assert not is_identity("17912099998")
    assert is_account(ACCOUNT)
    assert not is_account("86011117948")
    assert is_iban(IBAN)
    assert not is_iban("NO9386011117948")


@given(st.text("0123456789 .-konidNO\n", max_size=80))
def test_masking_twice_is_masking_once(said: str) -> None:
    """The door and the stage both mask: the second time would change the text."""
    once = mask(said, WORDS)
    assert mask(once, WORDS) == once
