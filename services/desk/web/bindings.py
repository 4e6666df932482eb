"""Whose a provider's accounts are: by issuer and subject, as whoever runs the desk has said.

Never by e-mail or name: at many a provider people change those themselves, or inherit them.
"""

from sqlalchemy import Connection, delete, insert, select

from services.desk.web.sessions import end_all
from services.desk.web.tables import bindings


def bind(connection: Connection, person: str, *, issuer: str, subject: str) -> None:
    """This account there is hers, and no other; she is signed out everywhere."""
    unbind(connection, person)
    same = (bindings.c.issuer == issuer) & (bindings.c.subject == subject)
    before = connection.execute(delete(bindings).where(same).returning(bindings.c.person)).scalar()
    if before is not None:
        end_all(connection, before)
    row = {"issuer": issuer, "subject": subject, "person": person}
    connection.execute(insert(bindings), row)


def unbind(connection: Connection, person: str) -> None:
    """No account there is hers; she is signed out everywhere."""
    connection.execute(delete(bindings).where(bindings.c.person == person))
    end_all(connection, person)


def whose(connection: Connection, *, issuer: str, subject: str) -> str | None:
    """The pseudonym that this account was bound to."""
    same = (bindings.c.issuer == issuer) & (bindings.c.subject == subject)
    return connection.execute(select(bindings.c.person).where(same)).scalar()
