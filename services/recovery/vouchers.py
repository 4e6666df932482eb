"""Vouchers and what else we grant, at the till and at the desk: look, redeem, revoke.

A grant is redeemed whole and once. Redeeming is booked at once: what we owed is owed no more.
Revoking and expiring take it off the books through the stage, as `recovery.reversed`.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, Row, select, update

from services.recovery.books import redeemed
from services.recovery.gestures.grant import is_code
from services.recovery.ledger import book, grants
from services.recovery.starting import end_of_grant
from shared.errors import Refused
from shared.ledger.tables import effects


@dataclass(frozen=True, slots=True)
class Voucher:
    """A grant as the ledger has it. `units` of `unit` where it has no sum."""

    grant_id: str
    code: str
    kind: str
    state: str
    amount_minor: int
    currency: str | None
    units: int
    unit: str
    valid_until: str | None
    note: str
    complaint_id: str


def show(engine: Engine, code: str) -> Voucher:
    """The grant with this code; raises `Refused` for a slip of the finger or a stranger's code."""
    with engine.execution_options(read_only=True).begin() as connection:
        return _voucher(_row(connection, code))


def redeem(engine: Engine, code: str, *, at: datetime, note: str) -> Voucher:
    """Use it, once; raises `Refused` when it was used, is over or was taken back."""
    with engine.begin() as connection:
        row = _row(connection, code)
        _still_good(row, at)
        _move(connection, row, state="redeemed", note=note)
        if row.amount_minor and row.currency:
            entry = redeemed(
                row.grant_id,
                row.recovery_id,
                amount_minor=row.amount_minor,
                currency=row.currency,
            )
            book(connection, [entry])
        return _voucher(_row(connection, code))


def revoke(engine: Engine, code: str, *, note: str) -> Voucher:
    """Take it back; the stage hears of it at once and says so."""
    with engine.begin() as connection:
        row = _row(connection, code)
        _move(connection, row, state="revoked", note=note)
        # The effect that waits for its last day looks now instead.
        connection.execute(
            update(effects)
            .where(effects.c.key == end_of_grant(row.grant_id))
            .where(effects.c.state == "pending")
            .values(next_at=0)
        )
        return _voucher(_row(connection, code))


def _row(connection: Connection, code: str) -> Row[tuple[object, ...]]:
    if not is_code(code):
        hint = "Read it again: four groups of four signs; the last one checks the others."
        raise Refused("code_misread", "This is no code of ours.", hint)
    signs = code.upper().replace("-", "").replace(" ", "")
    whole = "-".join(signs[i : i + 4] for i in range(0, len(signs), 4))
    found = connection.execute(select(grants).where(grants.c.code == whole)).one_or_none()
    if found is None:
        raise Refused("code_unknown", "Nobody was given this code.", "Ask where it comes from.")
    return found


def _still_good(row: Row[tuple[object, ...]], at: datetime) -> None:
    until = row.valid_until
    if row.state == "issued" and until and datetime.fromisoformat(until) < at:
        raise Refused("code_expired", f"It was good until {until[:10]}.", "Ask a colleague.")


def _move(connection: Connection, row: Row[tuple[object, ...]], *, state: str, note: str) -> None:
    """From issued, and from nothing else: two tills at the same moment redeem it once."""
    moved = connection.execute(
        update(grants)
        .where((grants.c.grant_id == row.grant_id) & (grants.c.state == "issued"))
        .values(state=state, note=note)
    ).rowcount
    if not moved:
        message = f"It is {row.state} already{f' ({row.note})' if row.note else ''}."
        raise Refused(f"code_{row.state}", message, "It cannot be used any more.")


def _voucher(row: Row[tuple[object, ...]]) -> Voucher:
    return Voucher(**{name: getattr(row, name) for name in Voucher.__dataclass_fields__})
