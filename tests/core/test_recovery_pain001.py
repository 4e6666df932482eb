"""The bank's file keeps to the published message definition, whatever names and references say.

The schema itself is not ours to copy, so the parts that we write are asserted here one by one:
which elements, in which order, how often, and of which type. Source: ISO 20022, Payments
Initiation, CustomerCreditTransferInitiationV09 (pain.001.001.09): GroupHeader85,
PaymentInstruction30, CreditTransferTransaction34; not the report itself, but stored pages about it
(mx-message.com/m/pain-001-001-11/CstmrCdtTrfInitn/PmtInf, of a later version with the same order,
and its pages of data types), read 2026-11-22.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.recovery.bank_file import NAMESPACE, Account, Payer, pain001

IBAN = "NO9386011117947"  # Norway's example in the IBAN registry
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MAX_35, MAX_140 = r"(?s).{1,35}", r"(?s).{1,140}"
DECIMAL = r"(?=(\D*\d){1,18}\D*$)\d+(\.\d{1,5})?"  # at most 18 digits, 5 behind the point
COUNT = r"[0-9]{1,15}"
# What may stand in each element, in this order; "+" once or more. Else: what its text looks like.
PARTS: Mapping[str, tuple[str, ...]] = {
    "Document": ("CstmrCdtTrfInitn",),
    "CstmrCdtTrfInitn": ("GrpHdr", "PmtInf+"),
    "GrpHdr": ("MsgId", "CreDtTm", "NbOfTxs", "CtrlSum", "InitgPty"),
    "InitgPty": ("Nm",),
    "PmtInf": (
        "PmtInfId",
        "PmtMtd",
        "NbOfTxs",
        "CtrlSum",
        "ReqdExctnDt",
        "Dbtr",
        "DbtrAcct",
        "DbtrAgt",
        "CdtTrfTxInf+",
    ),
    "ReqdExctnDt": ("Dt",),
    "Dbtr": ("Nm",),
    "DbtrAcct": ("Id",),
    "Id": ("IBAN",),
    "DbtrAgt": ("FinInstnId",),
    "FinInstnId": ("BICFI",),
    "CdtTrfTxInf": ("PmtId", "Amt", "Cdtr", "CdtrAcct", "RmtInf"),
    "PmtId": ("EndToEndId",),
    "Amt": ("InstdAmt",),
    "Cdtr": ("Nm",),
    "CdtrAcct": ("Id",),
    "RmtInf": ("Ustrd",),
}
TEXTS: Mapping[str, str] = {
    "MsgId": MAX_35,
    "CreDtTm": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
    "NbOfTxs": COUNT,
    "CtrlSum": DECIMAL,
    "Nm": MAX_140,
    "PmtInfId": MAX_35,
    "PmtMtd": "TRF",
    "Dt": r"\d{4}-\d\d-\d\d",
    "IBAN": r"[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}",
    "BICFI": r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?",
    "EndToEndId": MAX_35,
    "InstdAmt": DECIMAL,
    "Ustrd": MAX_140,
}


def faults_of(element: ET.Element) -> list[str]:
    """Everything in it that the message definition does not know."""
    name = element.tag.removeprefix(f"{{{NAMESPACE}}}")
    if name in TEXTS:
        text = element.text or ""
        return [] if re.fullmatch(TEXTS[name], text) else [f"{name}: {text!r}"]
    if name not in PARTS:
        return [f"{name} is not ours to write"]
    found = [child.tag.removeprefix(f"{{{NAMESPACE}}}") for child in element]
    wanted = "".join(
        f"({part.rstrip('+')} ){part[len(part.rstrip('+')) :]}" for part in PARTS[name]
    )
    wrong = (
        [] if re.fullmatch(wanted, "".join(f"{each} " for each in found)) else [f"{name}: {found}"]
    )
    return [*wrong, *(fault for child in element for fault in faults_of(child))]


def document(rows: list[Mapping[str, object]], names: Mapping[str, str]) -> ET.Element:
    """The file for these payouts, as the bank reads it."""
    accounts = {reference: Account(name, IBAN) for reference, name in names.items()}
    payer = Payer(Account("Eksempel AS", IBAN), "EXMPNOKK")
    return ET.fromstring(pain001(rows, accounts, payer=payer, at=AT))  # noqa: S314 -- ours


def row(number: int, reference: str, *, amount_minor: int, currency: str) -> Mapping[str, object]:
    """A payout of the ledger."""
    return {
        "payout_id": f"00000000-0000-4000-8000-{number:012}",
        "payment_reference": reference,
        "amount_minor": amount_minor,
        "currency": currency,
    }


PAYOUTS = st.lists(
    st.tuples(
        st.text(min_size=1, max_size=500).filter(str.strip),
        st.text(min_size=1, max_size=500).filter(str.strip),
        st.integers(1, 10**12),
        st.sampled_from(["NOK", "EUR", "JPY", "TND"]),
    ),
    min_size=1,
    max_size=6,
)


@for_all(PAYOUTS)
def test_the_file_is_what_the_message_definition_describes(
    told: list[tuple[str, str, int, str]],
) -> None:
    """The bank would refuse the file: a name too long, a part in the wrong place, a stray sign."""
    rows = [
        row(number, reference, amount_minor=amount_minor, currency=currency)
        for number, (reference, _, amount_minor, currency) in enumerate(told)
    ]
    root = document(rows, {reference: name for reference, name, _, _ in told})
    assert faults_of(root) == []
    sums = [each.text for each in root.iter(f"{{{NAMESPACE}}}InstdAmt")]
    assert len(sums) == len(told)


@pytest.mark.parametrize(
    ("parent", "change"),
    [
        ("GrpHdr", lambda part: part.remove(part[0])),
        ("PmtInf", lambda part: part.append(part[0])),
        ("EndToEndId", lambda part: setattr(part, "text", "x" * 36)),
        ("InstdAmt", lambda part: setattr(part, "text", "1,50")),
        ("RmtInf", lambda part: ET.SubElement(part, "Strd")),
    ],
)
def test_another_structure_is_seen(parent: str, change: object) -> None:
    """The check above could not fail."""
    root = document([row(1, "pay-1", amount_minor=19905, currency="NOK")], {"pay-1": "Kari"})
    part = next(root.iter(f"{{{NAMESPACE}}}{parent}"))
    assert callable(change)
    change(part)
    assert faults_of(root) != []
