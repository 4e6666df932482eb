"""Trips to the provider and back: each good once, for a short while, and for one browser alone.

The browser keeps a secret of ours in a cookie; nonce and verifier are made from it and the state,
so that what is kept here, or what goes over the provider's pages, opens nothing.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert

from services.desk.stored import sortable
from services.desk.web import attempts
from services.desk.web.keeping import hashed
from services.desk.web.policy import Rules
from services.desk.web.tables import trips

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Trip:
    """`browser`: what its cookie holds; `state`: what goes there and comes back."""

    browser: str
    state: str

    @property
    def nonce(self) -> str:
        """What the provider writes into the token that is made for this trip."""
        return self._made("nonce")

    @property
    def verifier(self) -> str:
        """What only we can say to whom the code was given (PKCE)."""
        return self._made("verifier")

    @property
    def challenge(self) -> str:
        """The verifier, as the provider may see it before (S256)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    @property
    def hash(self) -> str:
        """What is kept of it."""
        return hashed(self._made("trip"))

    def _made(self, what: str) -> str:
        said = f"kulanse console {what} {self.state}".encode()
        return hmac.new(self.browser.encode(), said, hashlib.sha256).hexdigest()


def may_begin(connection: Connection, *, address: str, now: datetime, rules: Rules) -> bool:
    """Whether not too many trips from this address have signed nobody in."""
    limits = {_name(address): rules.attempts_per_address}
    return attempts.are_few(connection, limits, now=now, rules=rules)


def begin(connection: Connection, *, then: str, address: str, now: datetime, rules: Rules) -> Trip:
    """A new trip, to end at the path `then`; trips that are over go.

    It counts as a try of this address until it has signed somebody in: see `arrived`.
    """
    trip = Trip(secrets.token_urlsafe(SECRET_BYTES), secrets.token_urlsafe(SECRET_BYTES))
    until = sortable(now + timedelta(minutes=rules.link_minutes))
    connection.execute(delete(trips).where(trips.c.good_until < sortable(now)))
    connection.execute(insert(trips), {"hash": trip.hash, "goes_to": then, "good_until": until})
    attempts.note(connection, [_name(address)], now=now, rules=rules)
    return trip


def end(connection: Connection, trip: Trip, *, now: datetime) -> str | None:
    """Where it was to end: now it is over. None: it was over, or never began in this browser."""
    good = delete(trips).where(trips.c.hash == trip.hash, trips.c.good_until >= sortable(now))
    return connection.execute(good.returning(trips.c.goes_to)).scalar()


def arrived(connection: Connection, *, address: str) -> None:
    """A trip from this address signed somebody in: an office behind one address is no attack."""
    attempts.forgive(connection, _name(address))


def _name(address: str) -> str:
    return f"trip:{address}"
