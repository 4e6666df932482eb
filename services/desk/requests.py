"""What a request says: its body as a contract, its filters, its idempotency key."""

import re
from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.desk.answers import Problem, invalid
from services.desk.reading import Wanted
from shared.contracts.caserule import Standing
from shared.contracts.codec import faults_of, read
from shared.contracts.contract import Contract
from shared.errors import Fault, Invalid

BODY_BYTES_MAX = 64 << 10
C = TypeVar("C", bound=Contract)
# Printable ASCII: what a header can carry everywhere.
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class Asked(BaseModel):
    """The filters of a list."""

    model_config = ConfigDict(extra="forbid")

    state: Standing | None = None
    mine: bool = False
    needs_person: bool | None = None
    limit: int = Field(50, ge=1, le=500)
    offset: int = Field(0, ge=0, le=10_000_000)

    def rows(self) -> Wanted:
        """The part of the queue that this asks for."""
        return Wanted(
            state=self.state,
            mine=self.mine,
            needs_person=self.needs_person,
            limit=self.limit,
            offset=self.offset,
        )


def queue_asked(request: Request) -> Asked:
    """The filters; raises `Problem` for one that there is not."""
    try:
        return Asked.model_validate(dict(request.query_params))
    except ValidationError as error:
        raise invalid(faults_of(error.errors(include_url=False))) from None


async def said(request: Request, body: type[C]) -> C:
    """The body as a contract; none at all reads as an empty object."""
    kind = request.headers.get("content-type", "application/json")
    content = await bytes_of(request)
    if content and kind.partition(";")[0].strip().lower() != "application/json":
        raise Problem(415, "not_json", hint="Send application/json.", field="Content-Type")
    try:
        return read(body, content or b"{}", unknown="forbid")
    except Invalid as found:
        raise invalid(found.faults) from None


def idempotency_key(request: Request) -> str | None:
    """The client's own id of its command, if it gave one."""
    key = request.headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        fault = Fault("bad_key", "Idempotency-Key", "1 to 255 printable ASCII characters")
        raise invalid([fault])
    return key


async def bytes_of(request: Request) -> bytes:
    """The whole body; raises `Problem` when it is too large."""
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > BODY_BYTES_MAX:
            hint = f"At most {BODY_BYTES_MAX} bytes."
            raise Problem(413, "too_large", hint=hint, field="body")
    return bytes(found)
