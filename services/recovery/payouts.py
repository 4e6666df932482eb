"""Payouts to finance and back: a CSV of what is to be paid, and finance's word that it was.

`export` lists what is pending and marks it exported; `confirm` takes the bank's or finance's
answer. The dispatcher then asks the book, and the stage settles.
"""

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import orjson
from pydantic import JsonValue
from sqlalchemy import Engine, bindparam, func, select, update

from services.recovery.ledger import payouts
from shared.errors import Fault, Invalid
from shared.ledger.engine import insert_if_absent
from shared.ledger.tables import effects

LISTED = ("payout_id", "payment_reference", "amount_minor", "currency", "complaint_id")
ANSWERED = ("state", "provider_reference", "code")  # empty in the export: for finance to fill in
STATES = {"paid": "confirmed", "confirmed": "confirmed", "rejected": "rejected"}
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
    return to_csv(taken(engine, again=again))


def taken(
    engine: Engine, *, again: bool = False, only: Collection[str] | None = None
) -> Sequence[Mapping[str, object]]:
    """The rows to be paid, now marked exported; `only` those with one of these references."""
    states = ("pending", "exported") if again else ("pending",)
    wanted = select(payouts).where(payouts.c.state.in_(states)).order_by(payouts.c.payout_id)
    with engine.begin() as connection:
        rows = [
            row._asdict()
            for row in connection.execute(wanted)
            if only is None or row.payment_reference in only
        ]
        if rows:
            connection.execute(
                update(payouts)
                .where(payouts.c.payout_id == bindparam("id"))
                .where(payouts.c.state == "pending")
                .values(state="exported"),
                [{"id": row["payout_id"]} for row in rows],
            )
    return rows


def waiting(engine: Engine) -> int:
    """How many are not on any list yet."""
    pending = select(func.count()).select_from(payouts).where(payouts.c.state == "pending")
    with engine.execution_options(read_only=True).begin() as connection:
        return connection.execute(pending).scalar_one()


def may_have_left(engine: Engine) -> int:
    """After a restore nobody knows which of these finance already has: none is listed by itself.

    Open payouts, entered or not, count as exported; `export --again` lists them to be compared.
    """
    waits = effects.c.state.in_(("pending", "in_flight", "unknown"))
    with engine.begin() as connection:
        rows = connection.execute(select(effects).where((effects.c.kind == "book") & waits)).all()
        if rows:
            entered = [
                row_of(row.key, row.complaint_id, payload=orjson.loads(row.payload)) for row in rows
            ]
            connection.execute(insert_if_absent(payouts, engine), entered)
        return connection.execute(
            update(payouts).where(payouts.c.state == "pending").values(state="exported")
        ).rowcount


def row_of(key: str, complaint_id: str, *, payload: Mapping[str, JsonValue]) -> dict[str, object]:
    """A payout as it is entered."""
    return {
        "payout_id": key,
        "complaint_id": complaint_id,
        "recovery_id": payload["recovery_id"],
        "payment_reference": payload.get("payment_reference"),
        "amount_minor": payload["amount_minor"],
        "currency": payload["currency"],
        "state": "pending",
    }


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
    writer.writerow((*LISTED, *ANSWERED))
    for row in rows:
        writer.writerow([*(_cell(row[name]) for name in LISTED), *("" for _ in ANSWERED)])
    return out.getvalue()


def from_csv(text: str) -> tuple[Confirmation, ...]:
    """Read `payout_id,state[,provider_reference][,code]`; raises `Invalid` with every bad line.

    `state` is paid (or confirmed) or rejected; a line that is still empty there is not answered.
    """
    read = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = [name for name in ("payout_id", "state") if name not in (read.fieldnames or ())]
    if missing:
        hint = "the first line names the columns; payout_id and state must be among them"
        raise Invalid(*(Fault("header_missing", name, hint) for name in missing))
    faults, found = [], []
    for number, row in enumerate(read, 2):
        said = (row["state"] or "").strip().lower()
        payout_id = (row["payout_id"] or "").strip().removeprefix("'")
        if payout_id and said in STATES:
            found.append(_confirmation(payout_id, row, said=said))
        elif said or not payout_id:
            hint = "a payout_id, and paid or rejected in state"
            faults.append(Fault("line_invalid", f"line {number}", hint))
    if faults:
        raise Invalid(*faults)
    return tuple(found)


def _confirmation(payout_id: str, row: Mapping[str, str | None], *, said: str) -> Confirmation:
    return Confirmation(
        payout_id,
        "rejected" if STATES[said] == "rejected" else "confirmed",
        row.get("provider_reference") or None,
        row.get("code") or None,
    )


def _cell(value: object) -> object:
    text = "" if value is None else value
    return f"'{text}" if isinstance(text, str) and text.startswith(DANGEROUS) else text
