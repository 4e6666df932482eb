"""The HTTP door: `POST /v1/complaints` (JSON or a mail) and `/v1/complaints:batch` (NDJSON).

202 is said only when the broker has the record. Whatever is wrong comes back as problem+json
with every fault at once; a broker that does not answer is 503 with Retry-After, and sending the
same message again is always safe.
"""

from collections.abc import Callable, Collection, Mapping
from http import HTTPStatus

import orjson
import structlog
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.intake.doors.body import body_of_request
from services.intake.doors.keys import Caller
from services.intake.doors.problems import Turned, problem_response
from services.intake.doors.providers import Provider, add_providers
from services.intake.doors.taking import (
    BATCH_BYTES_MAX,
    BATCH_MEDIA_TYPE,
    Taking,
    accepted,
)
from shared.contracts.submitted import ComplaintSubmitted
from shared.errors import Fault

FindCaller = Callable[[str], Caller | None]
BEARER = "bearer "
UTF8 = ("", "utf-8", "utf8", "us-ascii")
HINTS = {
    404: "try POST /v1/complaints",
    405: "try POST /v1/complaints; GET serves /health and /ready only",
}


def make_app(
    taking: Taking, find_caller: FindCaller, *, providers: Mapping[str, Provider] | None = None
) -> ASGIApp:
    """The door as an ASGI application. `find_caller`: whose an API key is."""
    app = FastAPI(title="Kulanse intake", version="1", docs_url=None, redoc_url=None)
    _add_complaints(app, taking, find_caller=find_caller)
    add_providers(app, taking.out, providers=providers or {})
    _add_state(app, taking)
    app.add_exception_handler(Turned, _turned)
    app.add_exception_handler(HTTPException, _unknown)
    app.add_exception_handler(Exception, _ours)
    return LastResort(app)


def _add_complaints(app: FastAPI, taking: Taking, *, find_caller: FindCaller) -> None:
    shapes = taking.shapes()
    documented = {"requestBody": {"content": {"application/json": {"schema": _schema()}}}}

    @app.post("/v1/complaints", status_code=HTTPStatus.ACCEPTED, openapi_extra=documented)
    async def take_complaint(request: Request) -> Response:
        """Take one complaint in."""
        caller = _caller(request, find_caller)
        shape = shapes[_media_type(request, shapes)]
        raw = await body_of_request(request, bytes_max=shape.bytes_max)
        admitted = await taking.take(raw, shape, caller=caller)
        structlog.get_logger().info(
            "complaint_taken", source=caller.source, complaint_id=admitted.complaint_id
        )
        return _json(HTTPStatus.ACCEPTED, accepted(admitted))

    @app.post("/v1/complaints:batch")
    async def take_batch(request: Request) -> Response:
        """Take many complaints in, one a line; each line is answered for itself."""
        caller = _caller(request, find_caller)
        _media_type(request, (BATCH_MEDIA_TYPE,))
        raw = await body_of_request(request, bytes_max=BATCH_BYTES_MAX)
        answers = await taking.take_lines(raw, caller=caller)
        structlog.get_logger().info("batch_taken", source=caller.source, lines=len(answers))
        return _json(HTTPStatus.OK, answers)


def _add_state(app: FastAPI, taking: Taking) -> None:
    @app.get("/health", response_class=PlainTextResponse)
    async def health() -> str:
        """Alive."""
        return "ok\n"

    @app.get("/ready")
    async def ready() -> Response:
        """Able to take complaints in."""
        if await taking.out.ready():
            return PlainTextResponse("ready\n")
        fault = Fault("broker_unavailable", "", "the broker does not answer")
        raise Turned(HTTPStatus.SERVICE_UNAVAILABLE, fault)


def _caller(request: Request, find_caller: FindCaller) -> Caller:
    given = request.headers.get("authorization", "")
    key = given[len(BEARER) :].strip() if given.lower().startswith(BEARER) else ""
    caller = find_caller(key) if key else None
    if caller is None:
        hint = "send a valid key: Authorization: Bearer KEY"
        fault = Fault("key_unknown" if key else "key_missing", "authorization", hint)
        raise Turned(HTTPStatus.UNAUTHORIZED, fault, headers={"WWW-Authenticate": "Bearer"})
    return caller


def _media_type(request: Request, known: Collection[str]) -> str:
    media, _, parameters = request.headers.get("content-type", "").partition(";")
    media = media.strip().lower()
    charset = parameters.lower().partition("charset=")[2].partition(";")[0].strip(' "')
    if media not in known or charset not in UTF8:
        hint = f"send {' or '.join(known)}, in UTF-8"
        fault = Fault("content_type", "content-type", hint)
        raise Turned(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, fault)
    return media


async def _turned(_request: Request, turned: Exception) -> Response:
    if not isinstance(turned, Turned):
        raise turned
    status, code = turned.status.value, turned.faults[0].code
    structlog.get_logger().info("turned_away", status=status, code=code)
    return problem_response(turned)


async def _unknown(_request: Request, error: Exception) -> Response:
    status = HTTPStatus(error.status_code) if isinstance(error, HTTPException) else None
    if status is None:
        raise error
    code = status.phrase.lower().replace(" ", "_")
    fault = Fault(code, "", HINTS.get(status.value, status.description))
    headers = error.headers if isinstance(error, HTTPException) else None
    return problem_response(Turned(status, fault, headers=headers))


async def _ours(_request: Request, _error: Exception) -> Response:
    fault = Fault("internal_error", "", "our fault; try again, or tell us")
    return problem_response(Turned(HTTPStatus.INTERNAL_SERVER_ERROR, fault))


class LastResort:
    """A bug of ours is answered (`_ours`) and raised again by Starlette: here it ends, in one line.

    Without this the server would log a traceback, with a stranger's words in it.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the application."""
        self._app = app

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:  # signature: fastapi
        """Answer a request, whatever happens."""
        try:
            await self._app(scope, receive, send)
        except Exception as error:  # noqa: BLE001 -- the last resort
            structlog.get_logger().error("internal_error", error=type(error).__name__)


def _schema() -> dict[str, object]:
    return ComplaintSubmitted.model_json_schema(mode="validation")


def _json(status: HTTPStatus, value: object) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")
