"""Signing in by the company's own provider: there, and back.

The session's cookie is SameSite=Strict, which a redirect from another site does not bring along:
whoever comes back is shown a page of ours, and that page leads on.
"""

import structlog
from fastapi import Request, Response

from services.desk.web import bindings, trips
from services.desk.web.console import Console, Vouching, is_loopback
from services.desk.web.pages import go
from services.desk.web.provider import Denied
from services.desk.web.sign_in import MINUTE_S, Route, address_of, asked, enter, inside
from services.desk.web.trips import Trip

PATH = "/sign-in/provider"
COOKIE = "kulanse_trip"
DENIED = 401
OTHERWISE = {"provider_away": 503, "too_often": 429}


class Unbound(Denied):
    """The provider vouches for somebody whom nobody here was told of."""

    def __init__(self, subject: str) -> None:
        """`subject` is shown to her alone: whoever runs the desk binds it."""
        super().__init__("unbound", "unbound")
        self.subject = subject


def leave(console: Console, provider: Vouching) -> Route:
    """GET /sign-in/provider: off to the provider. A link, not a form: see `form-action`."""

    async def left(request: Request) -> Response:
        then = inside(request.query_params.get("next", ""))
        if await console.visitor(request) is not None:
            return go(then)
        rules = console.policy.rules
        try:
            trip = await _begun(console, request, then=then)
            answer = go(await provider.way_to(trip))
        except Denied as denied:
            return _told(console, request, denied=denied)
        answer.set_cookie(
            COOKIE,
            trip.browser,
            max_age=rules.link_minutes * MINUTE_S,
            path=PATH,
            httponly=True,
            samesite="lax",  # comes along when the provider sends her back
            secure=not is_loopback(request.url.hostname),
        )
        return answer

    return left


def back(console: Console, provider: Vouching) -> Route:
    """GET /sign-in/provider/back: with a code that is good once, or with none."""

    async def came(request: Request) -> Response:
        try:
            person, then = await _who(console, request, provider=provider)
        except Denied as denied:
            answer = _told(console, request, denied=denied)
        else:
            shown = console.shown(request, None, name="entered.html", values={"next": then})
            answer = await enter(console, request, person=person, answer=shown)
            address = address_of(request)
            await console.keeping.write(lambda c: trips.arrived(c, address=address))
        answer.delete_cookie(COOKIE, path=PATH)
        return answer

    return came


async def _begun(console: Console, request: Request, *, then: str) -> Trip:
    """A trip of this browser; raises `Denied` when too many came to nothing."""
    address, now, rules = address_of(request), console.acting.now(), console.policy.rules
    keeping = console.keeping
    if not await keeping.read(lambda c: trips.may_begin(c, address=address, now=now, rules=rules)):
        raise Denied("too_often", "trips")
    return await keeping.write(
        lambda c: trips.begin(c, then=then, address=address, now=now, rules=rules)
    )


async def _who(console: Console, request: Request, *, provider: Vouching) -> tuple[str, str]:
    """Her pseudonym, and where she was going; raises `Denied`."""
    said, now = request.query_params, console.acting.now()
    trip = Trip(request.cookies.get(COOKIE, ""), said.get("state", ""))
    then = await console.keeping.write(lambda c: trips.end(c, trip, now=now))
    if then is None:
        raise Denied("trip_over", "trip")
    if said.get("iss", provider.issuer) != provider.issuer:
        raise Denied("token_bad", "issuer")
    if not said.get("code"):
        raise Denied("provider_refused", "no_code")
    subject = await provider.who(said["code"], trip, now=now)
    issuer = provider.issuer
    person = await console.keeping.read(lambda c: bindings.whose(c, issuer=issuer, subject=subject))
    if person is None or console.acting.policy.people.named(person) is None:
        raise Unbound(subject)
    return person, then


def _told(console: Console, request: Request, *, denied: Denied) -> Response:
    structlog.get_logger().warning("sign_in_denied", code=denied.code, why=denied.why)
    status = OTHERWISE.get(denied.code, DENIED)
    subject = denied.subject if isinstance(denied, Unbound) else ""
    return asked(console, request, fields={"subject": subject}, wrong=denied.code, status=status)
