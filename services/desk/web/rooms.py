"""Which path leads to which room; nobody enters one without being signed in."""

from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request, Response
from sqlalchemy.exc import SQLAlchemyError

from services.desk.answers import Problem
from services.desk.web import (
    approvals,
    by_provider,
    case,
    cases,
    dead_letters,
    files,
    live,
    log,
    policies,
    practice,
    provider,
    scorecard,
    sign_in,
    tasks,
    trying,
)
from services.desk.web.console import Console, Room, Visit
from services.desk.web.pages import asset, go

GET, POST = ["GET"], ["POST"]
LEDGER_AWAY = 503
API = "/v1/"
ROOMS: tuple[tuple[str, list[str], Room], ...] = (
    ("/cases", GET, cases.listed),
    ("/find", GET, cases.find),
    ("/cases/{case_id}", GET, case.shown),
    ("/cases/{case_id}/tone", POST, case.sounded),
    ("/cases/{case_id}/{verb}/preview", POST, case.previewed),
    ("/cases/{case_id}/{verb}", POST, case.acted),
    ("/cases/{case_id}/files/{reference}", GET, files.fetched),
    ("/approvals", GET, approvals.listed),
    ("/approvals/{recovery_id}/{verb}", POST, approvals.signed),
    ("/tasks", GET, tasks.listed),
    ("/tasks/{task_id}/done", POST, tasks.done),
    ("/live", GET, live.shown),
    ("/live/events", GET, live.stream),
    ("/scorecard", GET, scorecard.shown),
    ("/dead-letters", GET, dead_letters.listed),
    ("/dead-letters/{partition}/{offset}", GET, dead_letters.shown),
    ("/dead-letters/{partition}/{offset}/{verb}", POST, dead_letters.acted),
    ("/policies", GET, policies.listed),
    ("/practice", GET, practice.listed),
    ("/practice/{name}", GET, practice.shown),
    ("/practice/{name}", POST, practice.answered),
    ("/policies/try", GET, trying.shown),
    ("/policies/try", POST, trying.tried),
    ("/log", GET, log.listed),
    ("/sign-out", POST, sign_in.sign_out),
    ("/language", POST, sign_in.language),
)


def furnish(app: FastAPI, console: Console) -> None:
    """Add the console's pages to the door's application."""
    add = app.add_api_route
    add("/", _first(console), methods=GET)
    add("/static/{name:path}", _file(console), methods=GET)
    add("/sign-in", sign_in.door(console), methods=GET)
    add("/sign-in", sign_in.password(console), methods=POST)
    if console.provider is not None:
        add(by_provider.PATH, by_provider.leave(console, console.provider), methods=GET)
        add(provider.BACK, by_provider.back(console, console.provider), methods=GET)
    add("/sign-in/{secret}", sign_in.link(console), methods=GET)
    add("/sign-in/{secret}", sign_in.use(console), methods=POST)
    for path, methods, room in ROOMS:
        add(path, _entered(console, room), methods=methods)


def _entered(console: Console, room: Room) -> sign_in.Route:
    async def entered(request: Request) -> Response:
        visitor = await console.visitor(request, works=room is not live.stream)
        if visitor is None:
            path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            back = path if request.method == "GET" else "/"
            return go(f"/sign-in?next={quote(back, safe='')}")
        try:
            return await room(Visit(console, visitor, request))
        except Problem as problem:
            return console.sorry(request, visitor, problem=problem)

    return entered


def _first(_console: Console) -> sign_in.Route:
    async def first(_request: Request) -> Response:
        return go("/cases?view=mine")

    return first


def _file(console: Console) -> sign_in.Route:
    async def file(request: Request) -> Response:
        found = asset(request.path_params["name"])
        return found or await nowhere(console, request)

    return file


async def nowhere(console: Console, request: Request, *, status: int = 404) -> Response:
    """There is no such page."""
    try:
        visitor = await console.visitor(request)
    except SQLAlchemyError as error:
        return broken(console, request, status=LEDGER_AWAY, error=error)
    problem = Problem(status, "no_such_page", hint="There is no such page.")
    return console.sorry(request, visitor, problem=problem)


def broken(console: Console, request: Request, *, status: int, error: Exception) -> Response:
    """It is our fault, or the ledger's: a page all the same, and no word of the error."""
    structlog.get_logger().error("console_failed", error=type(error).__name__)
    code = "ledger_unavailable" if status == LEDGER_AWAY else "internal_error"
    return console.sorry(request, None, problem=Problem(status, code, hint="Try again."))


def is_ours(request: Request) -> bool:
    """Whether a page is wanted, and not the JSON door."""
    return not request.url.path.startswith(API) and request.url.path != "/health"
