"""Numbers that never leave intake in the open, and numbers that must stay readable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.checksums import is_account, is_card, is_iban, is_identity
from services.intake.masking import mask
from services.intake.policy import load
from services.intake.receive import masked, unnumbered
from shared.contracts.submitted import Attachment, Complainant, ComplaintSubmitted, Order, Payment

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
    "IBAN no93 8601 1117 947, takk": "IBAN ••••, takk",
    "betal til GB82 WEST 1234 5698 7654 32": "betal til ••••",
    "DE89370400440532013000": "••••",
    "4111\u00a01111\u00a01111\u00a01111": "•••• 1111",
    "D-nummer 57812099932": "D-nummer ••••",
    "H-nummer 17412099966": "H-nummer ••••",
    "FH-nummer 97123499739": "FH-nummer ••••",
    "fra Norsk Helsenett 17662099902": "fra Norsk Helsenett ••••",
    "17.81.20 99949": "••••",
    "tildelt etter 2032: 30108299939": "tildelt etter 2032: ••••",
    "Passordet mitt er Sommer2026!": "Passordet mitt er ••••!",
    "passord: hunter2, men det virker ikke": "passord: ••••, men det virker ikke",
    "my password is Corr3ct-horse.": "my password is ••••.",
    "Eg sende eingongskoden 482913 til dykk": "Eg sende eingongskoden •••• til dykk",
    "CVC 123 og": "CVC •••• og",
    "PIN-koden er 4821": "PIN-koden er ••••",
    "Nøkkelen kul_0a1b2c3d_" + "x" * 43: "Nøkkelen ••••",
    "token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_1": "token ••••",
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
    "Ordrenummer 30108299939",
    "Passordet er feil, og passord virker ikke",
    "Glemt passord? Jeg får ikke logget inn siden 3. november",
    "Rabattkoden SOMMER20 ble ikke godtatt",
    "Passordet virket ikke 3. november 2026",
    "Pinlig behandling i 2026",
    "Varenummer NO12 3456 7890 123",
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


def person(**changes: object) -> ComplaintSubmitted:
    """A message with somebody's numbers in fields that are not its text."""
    who = {"id": PERSON, "name": "Kari", **changes}
    return ComplaintSubmitted(
        channel="web",
        channel_message_id="1",
        complainant=Complainant.model_validate(who),
        text="Hei",
        on_behalf_of=f"Mor, {PERSON}",
        attachments=(Attachment(name=f"pass-{PERSON}.pdf"),),
        order=Order(
            payments=(Payment(reference="r", amount_minor=1, currency="NOK", method=CARD),)
        ),
    )


def test_no_field_carries_a_number_out() -> None:
    """The text would be masked, and the form's other fields tell the number after all."""
    out = masked(unnumbered(person(name=f"Kari {PERSON}"), b"secret"), WORDS)
    said = out.model_dump_json()
    assert PERSON not in said
    assert CARD not in said
    assert out.on_behalf_of == "Mor, ••••"


def test_an_identity_number_as_id_becomes_a_name_that_lasts() -> None:
    """One person's complaints would lie on many keys, or many people's on one."""
    once, spaced = (
        unnumbered(person(id=given), b"secret").complainant.id
        for given in (PERSON, f"{PERSON[:6]} {PERSON[6:]}")
    )
    assert once is not None
    assert once == spaced
    assert once.startswith("person-")
    assert unnumbered(person(id="57812099932"), b"secret").complainant.id != once
    assert unnumbered(person(id=once), b"secret").complainant.id == once
    assert unnumbered(person(id="kunde-17912099997"), b"secret") == person(id="kunde-17912099997")


@given(st.text("0123456789 .-konidNO:pas\n", max_size=80))
def test_masking_twice_is_masking_once(said: str) -> None:
    """The door and the stage both mask: the second time would change the text."""
    once = mask(said, WORDS)
    assert mask(once, WORDS) == once
