"""The door as a process: its routes, its errors, its server."""

import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog
import uvicorn
from fastapi import FastAPI, Request, Response
from sqlalchemy.exc import DataError, SQLAlchemyError
from starlette.exceptions import HTTPException

from services.desk.acting import Acting
from services.desk.answers import Problem, problem
from services.desk.door import Door
from services.desk.effect import Ledger
from services.desk.lying import Lying
from services.desk.outlet import Outlet
from services.desk.policy import FILES, DeskPolicy
from services.desk.rehearsal import Rehearsal
from services.desk.tokens import Tokens
from services.desk.web import rooms
from services.desk.web.console import Console
from services.desk.web.keeping import Keeping
from services.desk.web.policy import FILES as CONSOLE_FILES
from services.desk.web.policy import ConsolePolicy
from services.desk.web.provider import opened
from services.desk.web.rooms import furnish
from shared.door import Counted
from shared.ledger.engine import open_engine
from shared.ledger.migrate import migrate
from shared.metrics.board import Board
from shared.policy import load_policy
from shared.settings import Settings
from shared.vault.opening import open_files, open_vault

Answer = Callable[[Request, Exception], Awaitable[Response]]
SHUTDOWN_S_MAX = 10  # a command waits at most half of this for its effect


def serve(settings: Settings, board: Board, *, rehearsal: Rehearsal | None = None) -> None:
    """Serve the door until told to stop; makes the desk's tables if the stage has not yet."""
    # uvicorn stops in good order, then raises the signal again: a clean stop is exit code 0.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    uvicorn.run(
        Counted(application(*parts_of(settings, rehearsal)), board, door="desk"),
        host=settings.desk_host,
        port=settings.desk_port,
        log_config=None,  # ours (shared/log.py): uvicorn's writes a traceback, words and all
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_S_MAX,
    )


def parts_of(settings: Settings, rehearsal: Rehearsal | None = None) -> tuple[Door, Console]:
    """The door and the console on this installation's ledger, broker, tokens and people."""
    policy, _ = load_policy(DeskPolicy, **FILES)
    wording, _ = load_policy(ConsolePolicy, **CONSOLE_FILES)
    engine = open_engine(settings, "desk")
    migrate(engine, "desk")
    vault = open_vault(settings, "desk", gone={})
    tokens = Tokens(settings.state_dir)
    acting = Acting(Ledger(engine, vault), Outlet(settings, vault), policy)
    lying = Lying(settings, vault)
    shelf = open_files(settings)
    console = Console(
        acting,
        Keeping(engine),
        wording,
        shelf,
        fallen=lying,
        measured=lying,
        rehearsal=rehearsal,
        provider=opened(settings),
        passwords=settings.desk_local_accounts == "on",
    )
    return Door(acting, tokens), console


def application(door: Door, console: Console | None = None) -> FastAPI:
    """The door's routes, and the console's pages when there is one.

    No pages of FastAPI's own: they would load scripts from elsewhere.
    """

    @asynccontextmanager
    async def living(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await door.acting.outlet.stop()

    app = FastAPI(lifespan=living, docs_url=None, redoc_url=None, openapi_url=None)
    get, post = ["GET"], ["POST"]
    app.add_api_route("/health", healthy, methods=get)
    app.add_api_route("/v1/cases", door.list_cases, methods=get)
    app.add_api_route("/v1/cases/{case_id}", door.show, methods=get)
    app.add_api_route("/v1/cases/{case_id}/{verb}", door.act, methods=post)
    app.add_api_route("/v1/tasks", door.list_tasks, methods=get)
    app.add_api_route("/v1/tasks/{task_id}/done", door.done, methods=post)
    app.add_api_route("/v1/approvals", door.list_approvals, methods=get)
    app.add_api_route("/v1/approvals/{recovery_id}/approve", door.approve, methods=post)
    app.add_api_route("/v1/approvals/{recovery_id}/reject", door.reject, methods=post)
    app.add_exception_handler(Problem, _said)
    if console is not None:
        furnish(app, console)
    for failure, answer, status in (
        (HTTPException, _nowhere, 404),
        (DataError, _nowhere, 404),  # what no text column can hold (NUL) names nothing
        (SQLAlchemyError, _no_ledger, 503),
        (Exception, _ours, 500),
    ):
        app.add_exception_handler(failure, _for_whom(console, answer, status=status))
    return app


def _for_whom(console: Console | None, answer: Answer, *, status: int) -> Answer:
    """A page for whoever asked for a page, problem+json for everybody else."""

    async def answered(request: Request, error: Exception) -> Response:
        if console is None or not rooms.is_ours(request):
            return await answer(request, error)
        if isinstance(error, HTTPException | DataError):
            found = getattr(error, "status_code", status)
            return await rooms.nowhere(console, request, status=found)
        return rooms.broken(console, request, status=status, error=error)

    return answered


async def healthy(_request: Request) -> Response:
    """GET /health: the process answers."""
    return Response("ok\n", media_type="text/plain")


async def _said(_request: Request, error: Exception) -> Response:
    return problem(error) if isinstance(error, Problem) else _internal(error)


async def _nowhere(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    code = {404: "no_such_path", 405: "method_not_allowed"}.get(status, "bad_request")
    return problem(Problem(status, code, hint="See services/desk/README.md.", field="path"))


async def _no_ledger(_request: Request, error: Exception) -> Response:
    structlog.get_logger().error("door_ledger", error=type(error).__name__)
    return problem(
        Problem(503, "ledger_unavailable", hint="The ledger does not answer; try again.")
    )


async def _ours(_request: Request, error: Exception) -> Response:
    return _internal(error)


def _internal(error: Exception) -> Response:
    # The class alone: an error's words may hold what a person wrote.
    structlog.get_logger().error("door_failed", error=type(error).__name__)
    return problem(Problem(500, "internal_error", hint="Our fault, and it is logged; try again."))
