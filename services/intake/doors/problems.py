"""What the door says when it does not take something: problem+json (RFC 9457), every fault."""

from collections.abc import Mapping
from http import HTTPStatus

import orjson
from starlette.responses import Response

from services.intake.decode import problems_of
from shared.errors import Fault, Invalid

MEDIA_TYPE = "application/problem+json"
# Not a document at all, as against a document with faults in it.
UNREADABLE = frozenset(("empty", "json_invalid", "not_utf8", "byte_order_mark"))


class Turned(Exception):
    """A request that is answered with a problem, before or instead of being taken."""

    def __init__(
        self, status: HTTPStatus, *faults: Fault, headers: Mapping[str, str] | None = None
    ) -> None:
        """Carry the status and the faults, at least one."""
        super().__init__(faults[0].code)
        self.status, self.faults, self.headers = status, faults, headers


def status_of(invalid: Invalid) -> HTTPStatus:
    """400 for what is no document, 422 for a document with faults."""
    if invalid.first.code in UNREADABLE:
        return HTTPStatus.BAD_REQUEST
    return HTTPStatus.UNPROCESSABLE_ENTITY


def body_of(status: HTTPStatus, invalid: Invalid) -> dict[str, object]:
    """The problem as plain values."""
    problems = [problem.model_dump() for problem in problems_of(invalid)]
    code = problems[0]["code"]
    return {
        "type": f"urn:kulanse:problem:{code}",
        "title": status.phrase,
        "status": status.value,
        "code": code,
        "problems": problems,
    }


def problem_response(turned: Turned) -> Response:
    """The answer to a request that was turned away."""
    body = orjson.dumps(body_of(turned.status, Invalid(*turned.faults)))
    headers = dict(turned.headers or {})
    return Response(body, turned.status, headers=headers, media_type=MEDIA_TYPE)
