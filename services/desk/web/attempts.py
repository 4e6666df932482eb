"""How often somebody may be wrong on her way in: counted by whose way it was, and from where."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select

from services.desk.stored import sortable
from services.desk.web.policy import Rules
from services.desk.web.tables import attempts


def are_few(
    connection: Connection, limits: Mapping[str, int], *, now: datetime, rules: Rules
) -> bool:
    """Whether each of these has been wrong less often than its limit."""
    since = _since(now, rules)
    return all(_count(connection, whose, since=since) < most for whose, most in limits.items())


def note(connection: Connection, whose: Collection[str], *, now: datetime, rules: Rules) -> None:
    """Remember one of each of these; those that no longer count go."""
    connection.execute(delete(attempts).where(attempts.c.at < _since(now, rules)))
    connection.execute(insert(attempts), [{"whose": name, "at": sortable(now)} for name in whose])


def forgive(connection: Connection, whose: str) -> None:
    """The latest of these was not wrong after all."""
    latest = select(func.max(attempts.c.seq)).where(attempts.c.whose == whose)
    connection.execute(delete(attempts).where(attempts.c.seq == latest.scalar_subquery()))


def _count(connection: Connection, whose: str, *, since: str) -> int:
    ours = (attempts.c.whose == whose) & (attempts.c.at >= since)
    return connection.execute(select(func.count()).where(ours)).scalar_one()


def _since(now: datetime, rules: Rules) -> str:
    return sortable(now - timedelta(minutes=rules.attempts_within_minutes))
