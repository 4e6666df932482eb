"""Who is signed in: sessions on the server, of whose secret only a hash is kept."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from services.desk.stored import sortable
from services.desk.web.keeping import hashed
from services.desk.web.policy import Rules
from services.desk.web.tables import sessions

SECRET_BYTES = 32
SEEN_EVERY = timedelta(minutes=1)  # a row is not written at every page


@dataclass(frozen=True, slots=True)
class Session:
    """A session that is good. `secret`: what the cookie holds."""

    secret: str
    person: str
    form: str

    @property
    def csrf(self) -> str:
        """What every form of hers carries: nobody else's page can know it."""
        return hmac.new(self.secret.encode(), b"kulanse console form", hashlib.sha256).hexdigest()


def begin(connection: Connection, person: str, *, now: datetime, rules: Rules) -> str:
    """Sign her in; the secret for her cookie. Sessions that are over go."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    at = sortable(now)
    connection.execute(delete(sessions).where(_over(now, rules)))
    row = {"hash": hashed(secret), "person": person, "form": "", "began": at, "seen": at}
    connection.execute(insert(sessions), row)
    return secret


def found(connection: Connection, secret: str, *, now: datetime, rules: Rules) -> Session | None:
    """The session of this secret, unless it is over."""
    one = select(sessions).where(sessions.c.hash == hashed(secret), ~_over(now, rules))
    row = connection.execute(one).one_or_none()
    return Session(secret, row.person, row.form) if row else None


def was_seen(connection: Connection, secret: str, *, now: datetime) -> None:
    """She is at work; said at most once a minute."""
    stale = sessions.c.seen < sortable(now - SEEN_EVERY)
    mine = update(sessions).where(sessions.c.hash == hashed(secret), stale)
    connection.execute(mine.values(seen=sortable(now)))


def is_stale(connection: Connection, secret: str, *, now: datetime) -> bool:
    """Whether `was_seen` has anything to write."""
    stale = sessions.c.seen < sortable(now - SEEN_EVERY)
    one = select(sessions.c.hash).where(sessions.c.hash == hashed(secret), stale)
    return connection.execute(one).first() is not None


def speak(connection: Connection, secret: str, *, form: str) -> None:
    """Her interface is in another written form from now on."""
    connection.execute(update(sessions).where(sessions.c.hash == hashed(secret)).values(form=form))


def end(connection: Connection, secret: str) -> None:
    """Signed out."""
    connection.execute(delete(sessions).where(sessions.c.hash == hashed(secret)))


def end_all(connection: Connection, person: str) -> None:
    """Signed out everywhere: her password changed."""
    connection.execute(delete(sessions).where(sessions.c.person == person))


def _over(now: datetime, rules: Rules) -> ColumnElement[bool]:
    idle = sortable(now - timedelta(minutes=rules.idle_minutes))
    absolute = sortable(now - timedelta(hours=rules.session_hours))
    return (sessions.c.seen < idle) | (sessions.c.began < absolute)
