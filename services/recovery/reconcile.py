"""The daily control: provider, effects, books and finance say the same, to the minor unit.

Pure over what it is given but for reading the ledger; every difference has a code, what it is
about, and both sides. None means that the books may be trusted.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection, Engine, Row, func, select

from services.recovery.books import OWED
from services.recovery.ledger import balance, grants, journal, postings, unbalanced_entries
from shared.ledger.tables import effects

GONE = ("posted", "in_flight", "unknown", "manual")


@dataclass(frozen=True, slots=True)
class AtProvider:
    """A refund as the provider has it. `state` as effects have it; `key`: our effect's."""

    id: str
    key: str
    amount_minor: int
    currency: str
    state: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What does not agree: a code, what it is about, and both sides."""

    code: str
    about: str
    here: str
    there: str


def differences(
    engine: Engine, at_provider: Sequence[AtProvider] | None, *, since: datetime
) -> tuple[Difference, ...]:
    """Everything that does not agree. `at_provider` None: there is no provider to ask.

    Effects tried before `since` are left out of the comparison with the provider's list.
    """
    with engine.execution_options(read_only=True).begin() as connection:
        found = [*_of_the_books(connection), *_of_the_gestures_owed(connection)]
        if at_provider is not None:
            found += _of_the_provider(connection, at_provider, since_s=since.timestamp())
    return tuple(found)


def _of_the_books(connection: Connection) -> Iterator[Difference]:
    off = unbalanced_entries(connection)
    if off:
        yield Difference("entries_unbalanced", "journal", f"{off} entries", "0")
    for each in balance(connection):
        if not each.balanced:
            paid_minor = each.confirmed_minor - each.in_transit_minor
            here = f"journal {each.journal_minor}, settled {each.settled_minor}"
            yield Difference("payouts_differ", each.currency, here, f"confirmed {paid_minor}")


def _of_the_gestures_owed(connection: Connection) -> Iterator[Difference]:
    """What the books owe in vouchers and credit is what was issued and is still open."""
    booked = dict(
        connection.execute(
            select(postings.c.currency, -func.sum(postings.c.amount_minor))
            .where(postings.c.account == OWED)
            .group_by(postings.c.currency)
        )
        .tuples()
        .all()
    )
    settled = select(journal.c.gesture_id).where(journal.c.transition == "settled")
    still_open = (grants.c.state == "issued") & grants.c.grant_id.in_(settled)
    issued = dict(
        connection.execute(
            select(grants.c.currency, func.sum(grants.c.amount_minor))
            .where(still_open & grants.c.currency.is_not(None))
            .group_by(grants.c.currency)
        )
        .tuples()
        .all()
    )
    for currency in sorted({*booked, *issued}):
        owed, open_minor = int(booked.get(currency, 0)), int(issued.get(currency, 0))
        if owed != open_minor:
            here = f"owed {owed}"
            yield Difference("gestures_owed_differ", currency, here, f"open {open_minor}")


def _of_the_provider(
    connection: Connection, at_provider: Iterable[AtProvider], *, since_s: float
) -> Iterator[Difference]:
    """Each refund once, of the same sum, on both sides."""
    theirs = [each for each in at_provider if each.key]
    by_stripe = select(effects).where(effects.c.kind == "stripe")
    ours = {row.key: row for row in connection.execute(by_stripe) if row.state in GONE}
    for key, times in Counter(each.key for each in theirs if each.state != "failed").items():
        if times > 1:
            yield Difference("refunded_twice", key, "1 refund", f"{times} refunds")
    by_key = {each.key: each for each in theirs}
    for key, there in by_key.items():
        row = ours.get(key)
        if row is None and there.state != "failed":
            yield Difference("unknown_here", key, "nothing", f"{there.id} {_sum(there)}")
        elif row is not None and _wanted(row) != (there.amount_minor, there.currency):
            amount_minor, currency = _wanted(row)
            yield Difference("amount_differs", key, f"{amount_minor} {currency}", _sum(there))
    for key, row in ours.items():
        if row.state != "posted" or (row.first_at or row.created_at) < since_s:
            continue
        known = by_key.get(key)
        if known is None or known.state == "failed":
            there_is = "nothing" if known is None else f"{known.id} failed"
            yield Difference("missing_there", key, "posted", there_is)


def _wanted(row: Row[tuple[object, ...]]) -> tuple[int, str]:
    payload = orjson.loads(row.payload)
    return payload["amount_minor"], payload["currency"]


def _sum(each: AtProvider) -> str:
    return f"{each.amount_minor} {each.currency}"
