"""The two ways in: a link that is good once, and a password of a local account (argon2id)."""

import secrets
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, insert, select

from services.desk.stored import sortable
from services.desk.web import attempts
from services.desk.web.keeping import hashed
from services.desk.web.policy import Rules
from services.desk.web.sessions import end_all
from services.desk.web.tables import accounts, links

SECRET_BYTES = 32
_ARGON2 = PasswordHasher()  # RFC 9106's second choice: 64 MiB, three passes, four lanes


def make_link(connection: Connection, person: str, *, now: datetime, rules: Rules) -> str:
    """The secret of a new link for her; links that are over go."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    until = sortable(now + timedelta(minutes=rules.link_minutes))
    connection.execute(delete(links).where(links.c.good_until < sortable(now)))
    row = {"hash": hashed(secret), "person": person, "good_until": until}
    connection.execute(insert(links), row)
    return secret


def use_link(connection: Connection, secret: str, *, now: datetime) -> str | None:
    """Whose link it was: now it is nobody's. None: it was used, is too old, or never was."""
    good = delete(links).where(links.c.hash == hashed(secret), links.c.good_until >= sortable(now))
    return connection.execute(good.returning(links.c.person)).scalar()


def set_password(connection: Connection, person: str, *, password: str, now: datetime) -> None:
    """Her account's new password; she is signed out everywhere."""
    connection.execute(delete(accounts).where(accounts.c.person == person))
    row = {"person": person, "password": _ARGON2.hash(password), "changed": sortable(now)}
    connection.execute(insert(accounts), row)
    end_all(connection, person)


def hash_of(connection: Connection, person: str) -> str:
    """What is kept of her password; of nobody's, for a name without an account."""
    kept = select(accounts.c.password).where(accounts.c.person == person)
    return connection.execute(kept).scalar() or _nobodys()


def fits(kept: str, password: str) -> bool:
    """Whether this is the password. As slow for a name without an account: time tells nothing."""
    try:
        return _ARGON2.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _ARGON2.hash(secrets.token_urlsafe(SECRET_BYTES))


def may_try(
    connection: Connection, person: str, *, address: str, now: datetime, rules: Rules
) -> bool:
    """Whether this name, and this address, have not been wrong too often."""
    limits = (rules.attempts_per_person, rules.attempts_per_address)
    counted = dict(zip(_names(person, address), limits, strict=True))
    return attempts.are_few(connection, counted, now=now, rules=rules)


def was_wrong(
    connection: Connection, person: str, *, address: str, now: datetime, rules: Rules
) -> None:
    """Remember a wrong password."""
    attempts.note(connection, _names(person, address), now=now, rules=rules)


def _names(person: str, address: str) -> tuple[str, str]:
    return f"person:{person}", f"address:{address}"
