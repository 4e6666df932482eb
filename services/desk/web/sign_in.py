"""Signing in and out: by a link that is good once, or by name and password.

By the company's own provider: see `by_provider.py`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from fastapi import Request, Response
from sqlalchemy import Connection

from services.desk.answers import Problem
from services.desk.web import accounts, looks, sessions
from services.desk.web.console import COOKIE, Console, Visit, is_loopback
from services.desk.web.forms import form_of
from services.desk.web.looks import Look
from services.desk.web.pages import go
from services.desk.web.policy import FORMS

Route = Callable[[Request], Awaitable[Response]]
NEXT_CHARS_MAX = 500
MINUTE_S, HOUR_S = 60, 3600


def door(console: Console) -> Route:
    """GET /sign-in."""

    async def shown(request: Request) -> Response:
        if await console.visitor(request) is not None:
            return go(inside(request.query_params.get("next", "")))
        return asked(console, request, fields=request.query_params)

    return shown


def password(console: Console) -> Route:
    """POST /sign-in: name and password."""

    async def entered(request: Request) -> Response:
        try:
            fields = await form_of(request, csrf="")
        except Problem as problem:
            return console.sorry(request, None, problem=problem)
        if not console.passwords:
            return asked(console, request, fields=fields, wrong="passwords_off", status=403)
        person, now = fields.get("person", "").strip(), console.acting.now()
        address = address_of(request)
        rules, keeping = console.policy.rules, console.keeping
        if not await keeping.read(
            lambda c: accounts.may_try(c, person, address=address, now=now, rules=rules)
        ):
            return asked(console, request, fields=fields, wrong="too_often", status=429)
        kept = await keeping.read(lambda c: accounts.hash_of(c, person))
        # Argon2 takes a core for a while: not the one that serves everybody else.
        good = await asyncio.to_thread(accounts.fits, kept, fields.get("password", ""))
        if not good or console.acting.policy.people.named(person) is None:
            await keeping.write(
                lambda c: accounts.was_wrong(c, person, address=address, now=now, rules=rules)
            )
            return asked(console, request, fields=fields, wrong="wrong", status=403)
        answer = go(inside(fields.get("next", "")))
        return await enter(console, request, person=person, answer=answer)

    return entered


def link(console: Console) -> Route:
    """GET /sign-in/SECRET: a button. Scanners of mail and chat follow links; none presses one."""

    async def shown(request: Request) -> Response:
        return console.shown(request, None, name="link.html", values={"secret": _secret(request)})

    return shown


def use(console: Console) -> Route:
    """POST /sign-in/SECRET: good once."""

    async def used(request: Request) -> Response:
        try:
            await form_of(request, csrf="")
        except Problem as problem:
            return console.sorry(request, None, problem=problem)
        secret, now = _secret(request), console.acting.now()
        person = await console.keeping.write(lambda c: accounts.use_link(c, secret, now=now))
        if person is None or console.acting.policy.people.named(person) is None:
            return asked(console, request, fields={}, wrong="link_over", status=403)
        return await enter(console, request, person=person, answer=go(inside("")))

    return used


async def sign_out(visit: Visit) -> Response:
    """POST /sign-out."""
    await visit.form()
    secret = visit.visitor.session.secret
    await visit.console.keeping.write(lambda c: sessions.end(c, secret))
    answer = go("/sign-in")
    answer.delete_cookie(COOKIE, path="/")
    return answer


async def language(visit: Visit) -> Response:
    """POST /language: the interface's written form, for this session."""
    fields = await visit.form()
    form, secret = fields.get("form", ""), visit.visitor.session.secret
    if form in FORMS:
        await visit.console.keeping.write(lambda c: sessions.speak(c, secret, form=form))
    return go(inside(fields.get("next", "")))


def asked(
    console: Console,
    request: Request,
    *,
    fields: Mapping[str, str],
    wrong: str = "",
    status: int = 200,
) -> Response:
    """The page that asks who she is; `wrong`: what went wrong before."""
    values = {
        "person": fields.get("person", ""),
        "next": inside(fields.get("next", "")),
        "wrong": wrong,
        "subject": fields.get("subject", ""),
        "by_provider": console.provider is not None,
        "passwords": console.passwords,
        "minutes": console.policy.rules.attempts_within_minutes,
        "plain_http": request.url.scheme == "http" and not is_loopback(request.url.hostname),
    }
    return console.shown(request, None, name="sign_in.html", values=values, status=status)


async def enter(console: Console, request: Request, *, person: str, answer: Response) -> Response:
    """She is signed in by this answer, in a session of its own."""
    now, rules = console.acting.now(), console.policy.rules
    old = request.cookies.get(COOKIE, "")

    def begun(connection: Connection) -> str:
        sessions.end(connection, old)
        looks.note(connection, Look(now, person, "signed_in", ""))
        return sessions.begin(connection, person, now=now, rules=rules)

    secret = await console.keeping.write(begun)
    answer.set_cookie(
        COOKIE,
        secret,
        max_age=rules.session_hours * HOUR_S,
        path="/",
        httponly=True,
        samesite="strict",
        secure=not is_loopback(request.url.hostname),
    )
    return answer


def address_of(request: Request) -> str:
    """Where she comes from, as far as the network says."""
    return request.client.host if request.client else ""


def _secret(request: Request) -> str:
    return str(request.path_params["secret"])


def inside(path: str) -> str:
    """A path of ours, and nobody else's address."""
    ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if ours and len(path) <= NEXT_CHARS_MAX and "\\" not in path else "/cases?view=mine"
