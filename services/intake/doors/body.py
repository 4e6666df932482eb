"""A request's body, read with limits: what is too big or too slow is turned away while it comes."""

import asyncio
from http import HTTPStatus

from starlette.requests import ClientDisconnect, Request

from services.intake.doors.problems import Turned
from shared.errors import Fault

LENGTH_DIGITS_MAX = 19  # more is no length but an attack on the reader of numbers
BODY_WAIT_S = 10.0  # the whole body; a phone on a bad line sends 64 KiB in less


async def body_of_request(request: Request, *, bytes_max: int) -> bytes:
    """The bytes of the body. Raises `Turned`: 413 too large, 408 too slow, 415 encoded."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        hint = "send it uncompressed, without Content-Encoding"
        fault = Fault("content_encoding", "content-encoding", hint)
        raise Turned(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, fault)
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and len(declared) <= LENGTH_DIGITS_MAX and int(declared) > bytes_max:
        raise _too_large(bytes_max)
    try:
        async with asyncio.timeout(BODY_WAIT_S):
            return await _read(request, bytes_max)
    except TimeoutError:
        fault = Fault("too_slow", "", f"send the whole body within {BODY_WAIT_S:.0f} seconds")
        raise Turned(HTTPStatus.REQUEST_TIMEOUT, fault, headers={"Connection": "close"}) from None
    except ClientDisconnect:
        raise Turned(HTTPStatus.BAD_REQUEST, Fault("cut_off", "", "send it again")) from None


async def _read(request: Request, bytes_max: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > bytes_max:
            raise _too_large(bytes_max)
    return bytes(body)


def _too_large(bytes_max: int) -> Turned:
    fault = Fault("too_large", "", f"at most {bytes_max} bytes; send a longer letter by e-mail")
    # The rest of the body is not read: the connection cannot be used again.
    return Turned(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, fault, headers={"Connection": "close"})
