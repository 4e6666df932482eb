"""The file for the bank: whole, to the øre, and never the same payout twice."""

from collections.abc import Mapping
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import Engine

from services.recovery import ledger, payouts
from services.recovery.bank_file import (
    NAMESPACE,
    Account,
    Payer,
    accounts_from,
    is_bic,
    is_iban,
    pain001,
)
from shared.errors import Invalid
from tests.core.test_recovery_books import engine

__all__ = ["engine"]
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
IBAN = "NO9386011117947"  # Norway's example in the IBAN registry
PAYER = Payer(Account("Eksempel AS", IBAN), "EXMPNOKK")
ACCOUNTS = {"pay-1": Account("Kari Eksempel", IBAN), "pay-2": Account("Ola Eksempel", IBAN)}


def row(number: int, amount_minor: int = 19905, *, currency: str = "NOK") -> Mapping[str, object]:
    """A payout of the ledger."""
    return {
        "payout_id": f"00000000-0000-4000-8000-00000000000{number}",
        "payment_reference": f"pay-{number}",
        "amount_minor": amount_minor,
        "currency": currency,
    }


def texts(document: str, tag: str) -> list[str | None]:
    """What stands in every element of this name."""
    root = ET.fromstring(document)  # noqa: S314 -- we wrote it a moment ago
    return [each.text for each in root.iter(f"{{{NAMESPACE}}}{tag}")]


def test_the_file_says_who_gets_how_much() -> None:
    """The bank would refuse the file, or pay another sum than the ledger says."""
    document = pain001([row(1), row(2, 5000)], ACCOUNTS, payer=PAYER, at=AT)
    assert texts(document, "InstdAmt") == ["199.05", "50.00"]
    assert texts(document, "CtrlSum") == ["249.05", "249.05"]
    assert texts(document, "NbOfTxs") == ["2", "2"]
    assert texts(document, "EndToEndId") == [
        "00000000000040008000000000000001",
        "00000000000040008000000000000002",
    ]
    assert texts(document, "IBAN") == [IBAN] * 3
    assert texts(document, "Dt") == ["2026-11-20"]


def test_each_currency_is_a_batch_and_has_its_own_decimals() -> None:
    """Yen would be paid a hundredth, or two currencies from one order."""
    document = pain001([row(1), row(2, 500, currency="JPY")], ACCOUNTS, payer=PAYER, at=AT)
    assert (texts(document, "InstdAmt"), len(texts(document, "PmtInfId"))) == (["500", "199.05"], 2)


def test_the_same_payouts_are_the_same_message() -> None:
    """The bank could not tell that a file came to it twice."""
    one = pain001([row(1), row(2)], ACCOUNTS, payer=PAYER, at=AT)
    other = pain001([row(2), row(1)], ACCOUNTS, payer=PAYER, at=datetime(2026, 11, 21, tzinfo=UTC))
    assert texts(one, "MsgId") == texts(other, "MsgId")
    assert len(str(texts(one, "PmtInfId")[0])) <= 35, "longer than the standard allows"


def test_a_name_cannot_break_the_file() -> None:
    """A name with a bracket in it would become markup."""
    odd = {"pay-1": Account("<Nm>&Kari" + "x" * 100, IBAN)}
    document = pain001([row(1)], odd, payer=PAYER, at=AT)
    assert str(texts(document, "Nm")[-1]).startswith("<Nm>&Kari")


def test_a_payout_without_an_account_waits(engine: Engine) -> None:
    """A payout would be marked as paid out, and be in no file."""
    with engine.begin() as connection:
        for number in (1, 2):
            known = {**row(number), "complaint_id": "c", "recovery_id": "r", "state": "pending"}
            connection.execute(ledger.payouts.insert().values(known))
    assert [each["payment_reference"] for each in payouts.taken(engine, only={"pay-1"})] == [
        "pay-1"
    ]
    assert payouts.waiting(engine) == 1
    assert not payouts.taken(engine, only={"pay-1"}), "exported twice"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "payment_reference,name\n",
        f"payment_reference,name,iban\npay-1,,{IBAN}\n",
        "payment_reference,name,iban\npay-1,Kari,NO9386011117948\n",
    ],
)
def test_a_bad_list_of_accounts_is_refused_whole(text: str) -> None:
    """Money would go to an account with a wrong digit, or to nobody."""
    with pytest.raises(Invalid):
        accounts_from(text)


def test_a_list_of_accounts_may_have_spaces() -> None:
    """An IBAN as people write it would be refused."""
    found = accounts_from("payment_reference,name,iban\npay-1,Kari,NO93 8601 1117 947\n")
    assert found == {"pay-1": Account("Kari", IBAN)}
    assert is_iban(IBAN)


@pytest.mark.parametrize(
    ("bic", "expected"),
    [("EXMPNOKK", True), ("EXMPNOKKXXX", True), ("EXMPNOK", False), ("exmpnokk", False)],
)
def test_a_bic_has_its_form(*, bic: str, expected: bool) -> None:
    """The bank would refuse the whole file, after the payouts were marked as exported."""
    assert is_bic(bic) is expected
