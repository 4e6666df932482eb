"""The HTTP door: `POST /v1/complaints` (JSON or a mail), `/v1/complaints:batch` (NDJSON), signed
requests at `/v1/sources/NAME/complaints`, and what became of a complaint at its `status_url`.

202 is said only when the broker has the record. Whatever is wrong comes back as problem+json
with every fault at once; a broker that does not answer is 503 with Retry-After, and sending the
same message again is always safe.
"""

import hmac
from collections.abc import Collection, Mapping
from functools import partial
from http import HTTPStatus

import orjson
import structlog
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.intake.channels import json_event
from services.intake.doors.admit import Admitted
from services.intake.doors.body import body_of_request
from services.intake.doors.documented import document
from services.intake.doors.entrance import Entrance, FindCaller
from services.intake.doors.keys import Caller
from services.intake.doors.links import Links, add_links
from services.intake.doors.problems import Turned, problem_response
from services.intake.doors.providers import Provider, add_providers
from services.intake.doors.taking import (
    BATCH_BYTES_MAX,
    BATCH_MEDIA_TYPE,
    Taking,
    accepted,
)
from shared.errors import Fault

UTF8 = ("", "utf-8", "utf8", "us-ascii")
HINTS = {
    404: "try POST /v1/complaints",
    405: "POST takes complaints; GET shows one at its status_url",
}


def make_app(
    taking: Taking,
    entrance: Entrance | FindCaller,
    *,
    providers: Mapping[str, Provider] | None = None,
    links: Links | None = None,
) -> ASGIApp:
    """The door as an ASGI application. A function alone: whose an API key is, and nothing more."""
    app = FastAPI(title="Kulanse intake", version="1", openapi_url=None)
    entered = entrance if isinstance(entrance, Entrance) else Entrance(entrance)
    _add_complaints(app, taking, entrance=entered)
    _add_signed(app, taking, entrance=entered)
    _add_status(app, taking, entrance=entered)
    add_providers(app, taking.out, providers=providers or {})
    if links is not None:
        add_links(app, taking, links=links)
    _add_state(app, taking)
    app.add_exception_handler(Turned, _turned)
    app.add_exception_handler(HTTPException, _unknown)
    app.add_exception_handler(Exception, _ours)
    return LastResort(app)


def _add_complaints(app: FastAPI, taking: Taking, *, entrance: Entrance) -> None:
    shapes = taking.shapes()

    @app.post("/v1/complaints")
    async def take_complaint(request: Request) -> Response:
        """Take one complaint in."""
        caller = entrance.caller(request)
        entrance.pace(caller)
        shape = shapes[_media_type(request, shapes)]
        raw = await body_of_request(request, bytes_max=shape.bytes_max)
        claim = partial(entrance.claim, request, caller, raw=raw)
        return _taken(await taking.take(raw, shape, caller=caller, claim=claim), caller)

    @app.post("/v1/complaints:batch")
    async def take_batch(request: Request) -> Response:
        """Take many complaints in, one a line; each line is answered for itself."""
        caller = entrance.caller(request)
        _media_type(request, (BATCH_MEDIA_TYPE,))
        raw = await body_of_request(request, bytes_max=BATCH_BYTES_MAX)
        entrance.pace(caller, raw.count(b"\n") + 1)
        claim = partial(entrance.claim, request, caller, raw=raw)
        answers = await taking.take_lines(raw, caller=caller, claim=claim)
        structlog.get_logger().info("batch_taken", source=caller.source, lines=len(answers))
        return _json(HTTPStatus.OK, answers)


def _add_signed(app: FastAPI, taking: Taking, *, entrance: Entrance) -> None:
    shape = taking.shapes()[json_event.MEDIA_TYPE]

    @app.post("/v1/sources/{source}/complaints")
    async def take_signed(source: str, request: Request) -> Response:
        """Take one complaint in from a partner that signs its requests (Standard Webhooks)."""
        _media_type(request, (json_event.MEDIA_TYPE,))
        caller, raw = await entrance.signed(request, source, bytes_max=shape.bytes_max)
        entrance.pace(caller)
        return _taken(await taking.take(raw, shape, caller=caller), caller)


def _add_status(app: FastAPI, taking: Taking, *, entrance: Entrance) -> None:
    @app.get("/v1/complaints/{complaint_id}")
    async def show_complaint(complaint_id: str, request: Request) -> Response:
        """Tell what became of a complaint that this source handed in."""
        caller = entrance.caller(request)
        shown = request.query_params.get("seal", "").encode()
        held = taking.admission.seal(caller.source, complaint_id).encode()
        if not hmac.compare_digest(shown, held):
            fault = Fault("not_found", "complaint_id", "ask with the status_url that you were told")
            raise Turned(HTTPStatus.NOT_FOUND, fault)
        state = "registered" if await entrance.registered(complaint_id) else "accepted"
        return _json(HTTPStatus.OK, {"complaint_id": complaint_id, "state": state})

    @app.get("/openapi.json")
    async def tell_interface() -> Response:
        """Tell what this door takes and answers."""
        return _json(HTTPStatus.OK, document())


def _taken(admitted: Admitted, caller: Caller) -> Response:
    structlog.get_logger().info(
        "complaint_taken", source=caller.source, complaint_id=admitted.complaint_id
    )
    location = {"Location": admitted.status_url}
    return _json(HTTPStatus.ACCEPTED, accepted(admitted), headers=location)


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


def _json(
    status: HTTPStatus, value: object, *, headers: Mapping[str, str] | None = None
) -> Response:
    body = orjson.dumps(value)
    return Response(body, status, headers=dict(headers or {}), media_type="application/json")
