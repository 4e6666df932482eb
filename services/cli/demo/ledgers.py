"""What the ledgers say: whether an effect happened twice, and whether the books balance."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection, Engine, func, select

from services.recovery.ledger import balance, order_facts, payouts, unbalanced_entries
from shared.ledger.engine import open_engine
from shared.ledger.tables import effects
from shared.settings import Settings

T = TypeVar("T")
# Stages whose effects touch the world; a timer touches nobody.
_ACTING = ("recovery", "notify")
_HAPPENED = ("posted", "in_flight")


@dataclass(frozen=True, slots=True)
class Books:
    """The control figures. `why`: what does not balance, in words; empty when all does."""

    double_effects: int
    payouts_open: int
    why: tuple[str, ...]

    @property
    def balanced(self) -> bool:
        """Whether finance, journal and events agree."""
        return not self.why


def books(settings: Settings) -> Books:
    """Read them; nothing is changed."""
    doubles = {name: _read(settings, _doubles, of=name) for name in _ACTING}
    said = [
        f"{name}: {len(found)} effects happened twice ({', '.join(found[:3])})"
        for name, found in doubles.items()
        if found
    ]
    said += _read(settings, _unbalanced)
    return Books(
        double_effects=sum(map(len, doubles.values())),
        payouts_open=_read(settings, _open_payouts),
        why=tuple(said),
    )


def orders_known(settings: Settings) -> int:
    """How many order facts recovery has recorded."""
    return _read(settings, _orders)


def _read(settings: Settings, look: Callable[[Connection], T], *, of: str = "recovery") -> T:
    engine: Engine = open_engine(settings, of)
    try:
        with engine.execution_options(read_only=True).begin() as connection:
            return look(connection)
    finally:
        engine.dispose()


def _doubles(connection: Connection) -> list[str]:
    """Effects of other keys that did the same thing to the same complaint."""
    rows = connection.execute(
        select(effects.c.kind, effects.c.complaint_id, effects.c.payload)
        .where(effects.c.kind != "timer")
        .where(effects.c.state.in_(_HAPPENED))
        .group_by(effects.c.kind, effects.c.complaint_id, effects.c.payload)
        .having(func.count() > 1)
    )
    return [f"{row.kind} {row.complaint_id}" for row in rows]


def _unbalanced(connection: Connection) -> list[str]:
    said = [
        f"{each.currency}: confirmed {each.confirmed_minor}, in transit {each.in_transit_minor}, "
        f"journal {each.journal_minor}, settled {each.settled_minor}"
        for each in balance(connection)
        if not each.balanced
    ]
    entries = unbalanced_entries(connection)
    return [*said, f"{entries} entries do not sum to zero"] if entries else said


def _open_payouts(connection: Connection) -> int:
    waiting = payouts.c.state.in_(("pending", "exported"))
    return connection.execute(select(func.count()).select_from(payouts).where(waiting)).scalar_one()


def _orders(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(order_facts)).scalar_one()
