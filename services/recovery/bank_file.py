"""Payouts as a file for the bank: ISO 20022 customer credit transfers, pain.001.001.09.

We know along which payment money goes back, not to which account: finance adds accounts from its
own system, as a list of its own that never enters our ledger. A payout without an account stays
where it is. The payout's id is the end-to-end id, so the bank itself refuses the same one twice.

Source of the structure: iso20022.org, Payments Initiation, CustomerCreditTransferInitiationV09.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from xml.etree import ElementTree as ET

from babel.numbers import get_currency_precision

from shared.errors import Fault, Invalid

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
NAME_CHARS_MAX = 70  # longer is cut by the smallest field that a bank may pass it on in
TEXT_CHARS_MAX = 140
BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
IBAN_PLACES_MOVED, IBAN_MODULUS = 4, 97


@dataclass(frozen=True, slots=True)
class Account:
    """Whose money it is, and where it goes: an IBAN."""

    name: str
    iban: str


@dataclass(frozen=True, slots=True)
class Payer:
    """We: name, IBAN and BIC of the account that pays."""

    account: Account
    bic: str


def accounts_from(text: str) -> Mapping[str, Account]:
    """Read `payment_reference,name,iban`; raises `Invalid` with every bad line."""
    read = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = [c for c in ("payment_reference", "name", "iban") if c not in (read.fieldnames or ())]
    if missing:
        hint = "the first line names the columns payment_reference, name and iban"
        raise Invalid(*(Fault("header_missing", column, hint) for column in missing))
    found, faults = {}, []
    for number, row in enumerate(read, 2):
        account = Account((row["name"] or "").strip(), _compact(row["iban"] or ""))
        if not account.name or not is_iban(account.iban) or not row["payment_reference"]:
            hint = "a payment_reference, a name and an IBAN whose check digits fit"
            faults.append(Fault("line_invalid", f"line {number}", hint))
        else:
            found[row["payment_reference"]] = account
    if faults:
        raise Invalid(*faults)
    return found


def is_iban(text: str) -> bool:
    """Whether the check digits fit (ISO 13616: the rearranged number leaves 1 modulo 97)."""
    if not (text.isascii() and text.isalnum() and len(text) > IBAN_PLACES_MOVED):
        return False
    moved = text[IBAN_PLACES_MOVED:] + text[:IBAN_PLACES_MOVED]
    return int("".join(str(int(sign, 36)) for sign in moved)) % IBAN_MODULUS == 1


def is_bic(text: str) -> bool:
    """Whether it has the form of ISO 9362: eight signs or eleven."""
    return BIC.fullmatch(text) is not None


def pain001(
    rows: Sequence[Mapping[str, object]],
    accounts: Mapping[str, Account],
    *,
    payer: Payer,
    at: datetime,
) -> str:
    """The file. Each row has an account; the same rows give the same message id."""
    document = ET.Element("Document", xmlns=NAMESPACE)
    root = ET.SubElement(document, "CstmrCdtTrfInitn")
    ids = ",".join(sorted(str(row["payout_id"]) for row in rows))
    message_id = f"KUL{hashlib.sha256(ids.encode()).hexdigest()[:29]}"
    header = _parts(root, "GrpHdr", MsgId=message_id, CreDtTm=f"{at:%Y-%m-%dT%H:%M:%S}")
    _counted(header, rows)
    _parts(header, "InitgPty", Nm=_name(payer.account.name))
    for currency in sorted({str(row["currency"]) for row in rows}):
        ours = [row for row in rows if row["currency"] == currency]
        block = _parts(root, "PmtInf", PmtInfId=f"{message_id}{currency}", PmtMtd="TRF")
        _counted(block, ours)
        _parts(block, "ReqdExctnDt", Dt=f"{at:%Y-%m-%d}")
        _party(block, "Dbtr", account=payer.account)
        _parts(_parts(block, "DbtrAgt"), "FinInstnId", BICFI=payer.bic)
        for row in ours:
            _transfer(block, row, account=accounts[str(row["payment_reference"])])
    ET.indent(document)
    return ET.tostring(document, encoding="unicode", xml_declaration=True) + "\n"


def _transfer(block: ET.Element, row: Mapping[str, object], *, account: Account) -> None:
    transfer = ET.SubElement(block, "CdtTrfTxInf")
    # 35 signs at most: an id without its hyphens has 32.
    _parts(transfer, "PmtId", EndToEndId=str(row["payout_id"]).replace("-", ""))
    amount = ET.SubElement(_parts(transfer, "Amt"), "InstdAmt", Ccy=str(row["currency"]))
    amount.text = _decimal([row])
    _party(transfer, "Cdtr", account=account)
    _parts(transfer, "RmtInf", Ustrd=_line(f"Refund {row['payment_reference']}", TEXT_CHARS_MAX))


def _party(parent: ET.Element, tag: str, *, account: Account) -> None:
    _parts(parent, tag, Nm=_name(account.name))
    _parts(_parts(parent, f"{tag}Acct"), "Id", IBAN=account.iban)


def _parts(parent: ET.Element, tag: str, **texts: str) -> ET.Element:
    made = ET.SubElement(parent, tag)
    for name, text in texts.items():
        ET.SubElement(made, name).text = text
    return made


def _counted(parent: ET.Element, rows: Sequence[Mapping[str, object]]) -> None:
    """How many, and the control sum: of several currencies it is the sum of their numbers."""
    ET.SubElement(parent, "NbOfTxs").text = str(len(rows))
    ET.SubElement(parent, "CtrlSum").text = _decimal(rows)


def _decimal(rows: Iterable[Mapping[str, object]]) -> str:
    total = Decimal(0)
    for row in rows:
        digits = get_currency_precision(str(row["currency"]))
        total += Decimal(int(str(row["amount_minor"]))).scaleb(-digits)
    return f"{total:f}"


def _compact(iban: str) -> str:
    return iban.replace(" ", "").upper()


def _name(name: str) -> str:
    return _line(name, NAME_CHARS_MAX)


def _line(text: str, chars_max: int) -> str:
    """One line of signs that XML and people can read; never empty."""
    readable = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(readable.split())[:chars_max].rstrip() or "-"
