"""Payouts to finance and back: a CSV of what is to be paid, and finance's word that it was.

`export` lists what is pending and marks it exported; `confirm` takes the bank's or finance's
answer. The dispatcher then asks the book, and the stage settles.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Engine, bindparam, select, update

from services.recovery.ledger import payouts
from shared.errors import Fault, Invalid
from shared.ledger.tables import effects

COLUMNS = ("payout_id", "payment_reference", "amount_minor", "currency", "complaint_id", "state")
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run these as formulas


@dataclass(frozen=True, slots=True)
class Confirmation:
    """One line of finance's answer."""

    payout_id: str
    state: Literal["confirmed", "rejected"]
    provider_reference: str | None
    code: str | None


def export(engine: Engine, *, again: bool = False) -> str:
    """The CSV of payouts to be made; `again` lists those exported before, too."""
    states = ("pending", "exported") if again else ("pending",)
    with engine.begin() as connection:
        rows = connection.execute(
            select(payouts).where(payouts.c.state.in_(states)).order_by(payouts.c.payout_id)
        ).all()
        if rows:
            connection.execute(
                update(payouts)
                .where(payouts.c.payout_id == bindparam("id"))
                .where(payouts.c.state == "pending")
                .values(state="exported"),
                [{"id": row.payout_id} for row in rows],
            )
    return to_csv(row._asdict() for row in rows)


def confirm(engine: Engine, text: str) -> Mapping[str, int]:
    """Take finance's answer: how many were confirmed, rejected, unknown or decided before."""
    counts = {"confirmed": 0, "rejected": 0, "unknown": 0, "before": 0}
    with engine.begin() as connection:
        for word in from_csv(text):
            changed = connection.execute(
                update(payouts)
                .where(payouts.c.payout_id == word.payout_id)
                .where(payouts.c.state.in_(("pending", "exported")))
                .values(
                    state=word.state, provider_reference=word.provider_reference, code=word.code
                )
            ).rowcount
            known = connection.execute(
                select(payouts.c.payout_id).where(payouts.c.payout_id == word.payout_id)
            ).scalar()
            counts[word.state if changed else "before" if known else "unknown"] += 1
            # Let the dispatcher ask the book now instead of at its next look.
            connection.execute(
                update(effects)
                .where(effects.c.key == word.payout_id)
                .where(effects.c.state == "in_flight")
                .values(next_at=0)
            )
    return counts


def to_csv(rows: Iterable[Mapping[str, object]]) -> str:
    """RFC 4180, with no cell that a spreadsheet would run."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in COLUMNS])
    return out.getvalue()


def from_csv(text: str) -> tuple[Confirmation, ...]:
    """Read `payout_id,state[,provider_reference][,code]`; raises `Invalid` with every bad line.

    `state` is confirmed (also paid, exported or empty: listed is paid) or rejected.
    """
    read = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    if read.fieldnames is None or "payout_id" not in read.fieldnames:
        hint = "the first line names the columns; payout_id must be one"
        raise Invalid(Fault("header_missing", "payout_id", hint))
    faults, found = [], []
    for number, row in enumerate(read, 2):
        state = (row.get("state") or "").strip().lower()
        payout_id = (row.get("payout_id") or "").strip().removeprefix("'")
        if not payout_id or state not in {"", "paid", "exported", "confirmed", "rejected"}:
            faults.append(
                Fault("line_invalid", f"line {number}", "payout_id, and paid or rejected")
            )
            continue
        found.append(
            Confirmation(
                payout_id,
                "rejected" if state == "rejected" else "confirmed",
                row.get("provider_reference") or None,
                row.get("code") or None,
            )
        )
    if faults:
        raise Invalid(*faults)
    return tuple(found)


def _cell(value: object) -> object:
    text = "" if value is None else value
    return f"'{text}" if isinstance(text, str) and text.startswith(DANGEROUS) else text
