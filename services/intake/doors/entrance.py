"""Who is at the door, how fast, and did this request come before? Asked before anything is read.

What the HTTP door may have beside its keys: partners' signatures, a pace, and the ledger that
knows Idempotency-Keys and what is registered. Each is optional, so that a door starts without.
"""

import asyncio
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Protocol

from starlette.requests import Request

from services.intake.doors.body import body_of_request
from services.intake.doors.keys import Caller
from services.intake.doors.pace import Paces
from services.intake.doors.problems import Turned
from services.intake.doors.signatures import Signatures
from shared.contracts.identity import derived
from shared.contracts.trace import traceparent_of
from shared.errors import Fault, Transient

FindCaller = Callable[[str], Caller | None]
BEARER = "bearer "
REQUEST_KEY = "idempotency-key"
RETRY_AFTER_S = 5
_REQUEST_KEY = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,254}")


class Ledger(Protocol):
    """What the door asks of intake's ledger; each raises `Transient` when it does not answer."""

    def claim(self, name: str, body_sha256: str) -> bool:
        """Whether the name is free, or came with this body."""

    def registered(self, complaint_id: str) -> bool:
        """Whether the stage has it."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """Whoever comes in passes here. `find_caller`: whose an API key is."""

    find_caller: FindCaller
    signatures: Signatures | None = None
    paces: Paces | None = None
    ledger: Ledger | None = None

    def caller(self, request: Request) -> Caller:
        """Whose API key the request carries; raises `Turned` 401."""
        given = request.headers.get("authorization", "")
        key = given[len(BEARER) :].strip() if given.lower().startswith(BEARER) else ""
        found = self.find_caller(key) if key else None
        if found is None:
            hint = "send a valid key: Authorization: Bearer KEY"
            fault = Fault("key_unknown" if key else "key_missing", "authorization", hint)
            raise Turned(HTTPStatus.UNAUTHORIZED, fault, headers={"WWW-Authenticate": "Bearer"})
        return _traced(found, request)

    async def signed(
        self, request: Request, source: str, *, bytes_max: int
    ) -> tuple[Caller, bytes]:
        """The partner that signed the request, and its body; raises `Turned` 401."""
        raw = await body_of_request(request, bytes_max=bytes_max)
        if self.signatures is None:
            fault = Fault("signature", "webhook-signature", "no source signs here")
            raise Turned(HTTPStatus.UNAUTHORIZED, fault)
        partner = self.signatures.caller(source, raw, headers=request.headers)
        return _traced(partner, request), raw

    def pace(self, caller: Caller, complaints: int = 1) -> None:
        """Raises `Turned` 429 when the source hands in too many."""
        if self.paces is not None:
            self.paces.take(caller.source, complaints)

    async def claim(self, request: Request, caller: Caller, *, raw: bytes) -> None:
        """Note the request's Idempotency-Key, if it has one.

        Raises `Turned`: 400 for no key, 409 when it came with another body, 503 when the ledger
        does not answer. Only hashes are kept.
        """
        given = request.headers.getlist(REQUEST_KEY)
        if not given or self.ledger is None:
            return
        if len(given) > 1 or not _REQUEST_KEY.fullmatch(given[0]):
            fault = Fault("request_key", REQUEST_KEY, "one key of 1 to 255 plain characters")
            raise Turned(HTTPStatus.BAD_REQUEST, fault)
        name = derived("request", caller.source, given[0])
        body = hashlib.sha256(raw).hexdigest()
        if not await asked(self.ledger.claim, name, body):
            fault = Fault("request_key_reused", REQUEST_KEY, "this key came with another body")
            raise Turned(HTTPStatus.CONFLICT, fault)

    async def registered(self, complaint_id: str) -> bool:
        """Whether the stage has the complaint; raises `Turned` 503."""
        return self.ledger is not None and await asked(self.ledger.registered, complaint_id)


def _traced(caller: Caller, request: Request) -> Caller:
    """With the trace of the caller's own that the request belongs to, if it says so."""
    return replace(caller, traceparent=traceparent_of(request.headers.get("traceparent")))


async def asked(question: Callable[..., bool], *words: str) -> bool:
    """The ledger's answer, asked in a thread; raises `Turned` 503 when it gives none."""
    try:
        return await asyncio.to_thread(question, *words)
    except Transient:
        hint = f"try again in {RETRY_AFTER_S} seconds"
        fault = Fault("ledger_unavailable", "", hint)
        wait = {"Retry-After": str(RETRY_AFTER_S)}
        raise Turned(HTTPStatus.SERVICE_UNAVAILABLE, fault, headers=wait) from None
