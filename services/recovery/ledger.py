"""What recovery keeps beside the stage's own tables: orders, payouts, grants, and the books.

`settlements` says what the settled events say, gesture by gesture; `journal` and `postings` say
the same in double entry; `payouts` is what finance confirmed. The three must agree (`balance`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Table,
    Text,
    func,
    select,
)

from services.recovery.books import PAYOUTS, Entry, entries
from services.recovery.facts import order_from
from shared.contracts.orders import OrderFact
from shared.contracts.submitted import Order
from shared.ledger.engine import insert_if_absent
from shared.stage.stage import Decided

metadata = MetaData()

order_facts = Table(
    "order_facts",
    metadata,
    Column("order_id", Text, primary_key=True),
    Column("fact", Text, nullable=False),
    Column("at", Text, nullable=False),
)
payouts = Table(
    "payouts",
    metadata,
    Column("payout_id", Text, primary_key=True),
    Column("complaint_id", Text, nullable=False),
    Column("recovery_id", Text, nullable=False),
    Column("payment_reference", Text),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("state", Text, nullable=False),  # pending, exported, confirmed, rejected
    Column("provider_reference", Text),
    Column("code", Text),
)
grants = Table(
    "grants",
    metadata,
    Column("grant_id", Text, primary_key=True),
    Column("complaint_id", Text, nullable=False),
    Column("recovery_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text),
    Column("code", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False, server_default="issued"),  # redeemed, expired, revoked
    Column("valid_until", Text),
    Column("units", BigInteger, nullable=False, server_default="0"),
    Column("unit", Text, nullable=False, server_default=""),
    # What it was used for; or who took it back, and why.
    Column("note", Text, nullable=False, server_default=""),
)
journal = Table(
    "journal",
    metadata,
    Column("entry_id", Text, primary_key=True),
    Column("recovery_id", Text, nullable=False),
    Column("gesture_id", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("transition", Text, nullable=False),
)
postings = Table(
    "postings",
    metadata,
    Column("entry_id", Text, primary_key=True),
    Column("line", BigInteger, primary_key=True, autoincrement=False),
    Column("account", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
)
settlements = Table(
    "settlements",
    metadata,
    Column("entry_id", Text, primary_key=True),
    Column("gesture_id", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
)


def also_record(connection: Connection, decided: Sequence[Decided]) -> None:
    """In the record transaction: order facts as they come, and the books of what was emitted."""
    facts = [event.data for event, _, _ in decided if isinstance(event.data, OrderFact)]
    if facts:
        connection.execute(
            insert_if_absent(order_facts, connection.engine), [_fact(f) for f in facts]
        )
    emitted = chain.from_iterable(emitted for _, _, emitted in decided)
    book(connection, [entry for event in emitted for entry in entries(event.data)])


def book(connection: Connection, found: Sequence[Entry]) -> None:
    """Insert entries, their postings and what they settle; each once, whatever is repeated."""
    rows = list({entry.entry_id: entry for entry in found}.values())
    if not rows:
        return
    engine = connection.engine
    connection.execute(insert_if_absent(journal, engine), [_journal(entry) for entry in rows])
    connection.execute(
        insert_if_absent(postings, engine),
        [posting for entry in rows for posting in _postings(entry)],
    )
    connection.execute(insert_if_absent(settlements, engine), [_settled(entry) for entry in rows])


def known_order(connection: Connection, order_id: str) -> Order | None:
    """The first fact that was recorded of this order."""
    fact = connection.execute(
        select(order_facts.c.fact).where(order_facts.c.order_id == order_id)
    ).scalar()
    return None if fact is None else order_from(orjson.loads(fact))


@dataclass(frozen=True, slots=True)
class Balance:
    """One currency's control sums, in minor units.

    `in_transit_minor` is confirmed but its recovery still waits for something else.
    """

    currency: str
    confirmed_minor: int
    in_transit_minor: int
    journal_minor: int
    settled_minor: int

    @property
    def balanced(self) -> bool:
        """Whether finance, the journal and the settled events agree to the minor unit."""
        paid = self.confirmed_minor - self.in_transit_minor
        return paid == self.journal_minor == self.settled_minor


def balance(connection: Connection) -> tuple[Balance, ...]:
    """The control sums of money that left as payouts, by currency."""
    confirmed, transit = _confirmed(connection)
    booked = _sums(connection, postings, where=postings.c.account == PAYOUTS, sign=-1)
    settled = _sums(connection, settlements, where=settlements.c.provider == PAYOUTS, sign=1)
    return tuple(
        Balance(
            currency,
            confirmed.get(currency, 0),
            transit.get(currency, 0),
            booked.get(currency, 0),
            settled.get(currency, 0),
        )
        for currency in sorted({*confirmed, *booked, *settled})
    )


def unbalanced_entries(connection: Connection) -> int:
    """How many entries do not sum to zero; anything but 0 is a bug."""
    off = (
        select(postings.c.entry_id)
        .group_by(postings.c.entry_id, postings.c.currency)
        .having(func.sum(postings.c.amount_minor) != 0)
        .subquery()
    )
    return connection.execute(select(func.count()).select_from(off)).scalar_one()


def _confirmed(connection: Connection) -> tuple[dict[str, int], dict[str, int]]:
    done = select(journal.c.gesture_id).where(journal.c.transition == "settled")
    came_back = select(journal.c.gesture_id).where(journal.c.transition == "reversed")
    standing = (payouts.c.state == "confirmed") & payouts.c.payout_id.not_in(came_back)
    confirmed = _sums(connection, payouts, where=standing, sign=1)
    transit = _sums(connection, payouts, where=standing & payouts.c.payout_id.not_in(done), sign=1)
    return confirmed, transit


def _sums(
    connection: Connection, table: Table, *, where: ColumnElement[bool], sign: int
) -> dict[str, int]:
    rows = connection.execute(
        select(table.c.currency, func.sum(table.c.amount_minor))
        .where(where)
        .group_by(table.c.currency)
    )
    return {currency: sign * int(total) for currency, total in rows}


def _fact(fact: OrderFact) -> dict[str, object]:
    order = fact.order
    if order.id is None:
        order = order.model_copy(update={"id": fact.order_id})
    return {
        "order_id": fact.order_id,
        "fact": order.model_dump_json(exclude_none=True),
        "at": fact.at.isoformat(),
    }


def _journal(entry: Entry) -> dict[str, object]:
    return {
        "entry_id": entry.entry_id,
        "recovery_id": entry.recovery_id,
        "gesture_id": entry.gesture_id,
        "version": entry.version,
        "transition": entry.transition,
    }


def _postings(entry: Entry) -> list[dict[str, object]]:
    return [
        {
            "entry_id": entry.entry_id,
            "line": line,
            "account": posting.account,
            "amount_minor": posting.amount_minor,
            "currency": posting.currency,
        }
        for line, posting in enumerate(entry.postings)
    ]


def _settled(entry: Entry) -> dict[str, object]:
    debit, credit = entry.postings
    return {
        "entry_id": entry.entry_id,
        "gesture_id": entry.gesture_id,
        "provider": credit.account,
        "amount_minor": debit.amount_minor,
        "currency": debit.currency,
    }
