"""Hand complaints in to Kulanse: one file to copy, typed, sync and async. Needs httpx.

    with Client("https://kulanse.example.com", key) as kulanse:
        accepted = kulanse.send({"channel": "web", "channel_message_id": "form-1",
                                 "complainant": {"email": "ingrid@example.com"},
                                 "text": "Setet kom aldri."})

Sending again is always safe: the same message id, subject and text of the same source is the same
complaint. So whatever may have gone wrong on the way is tried again, with growing pauses, and
what the door refuses is raised at once with every reason.
"""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from types import TracebackType
from typing import Self

import httpx

TRIES = 6
WAIT_S_FIRST, WAIT_S_MAX = 0.5, 30.0
TIMEOUT_S = 30.0
AGAIN = frozenset((408, 425, 429, 500, 502, 503, 504))
LINES_MAX = 1_000  # of a batch

Complaint = Mapping[str, object]
Http = httpx.Client | httpx.AsyncClient


@dataclass(frozen=True, slots=True)
class Body:
    """What a request carries, and as what."""

    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """Taken in: the broker has it. Ask at `status_url` what became of it."""

    complaint_id: str
    channel_message_id: str
    status_url: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason: a code for programs, the field, and what to do."""

    code: str
    field: str
    hint: str


class Rejected(Exception):
    """The door does not take it; sending the same again will not help. Mend every problem."""

    def __init__(self, status: int, problems: tuple[Problem, ...]) -> None:
        """Carry the HTTP status and every reason."""
        super().__init__(
            "; ".join(f"{p.field or 'message'}: {p.hint} [{p.code}]" for p in problems)
        )
        self.status, self.problems = status, problems


class Unavailable(Exception):
    """The door did not answer in all our tries: keep the complaint, and send it again later."""


class Client:
    """Hands complaints in, and waits for each answer."""

    def __init__(self, url: str, key: str, *, pause: Callable[[float], None] = time.sleep) -> None:
        """`url`: the door's root; `key`: this source's API key; `pause`: waits so many seconds."""
        self._http = httpx.Client(base_url=url, headers=_headers(key), timeout=TIMEOUT_S)
        self._pause = pause

    def send(self, complaint: Complaint) -> Accepted:
        """Hand one complaint in; raises `Rejected` or `Unavailable`."""
        return _accepted(self._asked("POST", "/v1/complaints", body=_one(complaint)))

    def send_all(self, complaints: Iterable[Complaint]) -> Iterator[Accepted | Rejected]:
        """Hand many in; an answer for each, in order. Raises `Unavailable`."""
        for lines in _chunks(complaints):
            yield from _answers(self._asked("POST", "/v1/complaints:batch", body=lines))

    def state(self, accepted: Accepted) -> str:
        """Whether it is accepted (it lies in the log) or registered."""
        return str(_body(self._asked("GET", accepted.status_url))["state"])

    def _asked(self, method: str, url: str, *, body: Body | None = None) -> httpx.Response:
        for wait_s in _waits():
            try:
                answer = self._http.send(_request(self._http, method, url=url, body=body))
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code not in AGAIN:
                return _good(answer)
            self._pause(_pause_s(answer, wait_s))
        raise Unavailable(f"no answer in {TRIES} tries")

    def __enter__(self) -> Self:
        """Use as a context: connections are closed at its end."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""
        self._http.close()


class AsyncClient:
    """The same, for asyncio."""

    def __init__(
        self, url: str, key: str, *, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        """`url`: the door's root; `key`: this source's API key; `pause`: waits so many seconds."""
        self._http = httpx.AsyncClient(base_url=url, headers=_headers(key), timeout=TIMEOUT_S)
        self._pause = pause

    async def send(self, complaint: Complaint) -> Accepted:
        """Hand one complaint in; raises `Rejected` or `Unavailable`."""
        return _accepted(await self._asked("POST", "/v1/complaints", body=_one(complaint)))

    async def send_all(self, complaints: Iterable[Complaint]) -> list[Accepted | Rejected]:
        """Hand many in; an answer for each, in order. Raises `Unavailable`."""
        answers: list[Accepted | Rejected] = []
        for lines in _chunks(complaints):
            answer = await self._asked("POST", "/v1/complaints:batch", body=lines)
            answers += _answers(answer)
        return answers

    async def state(self, accepted: Accepted) -> str:
        """Whether it is accepted (it lies in the log) or registered."""
        return str(_body(await self._asked("GET", accepted.status_url))["state"])

    async def _asked(self, method: str, url: str, *, body: Body | None = None) -> httpx.Response:
        for wait_s in _waits():
            try:
                answer = await self._http.send(_request(self._http, method, url=url, body=body))
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code not in AGAIN:
                return _good(answer)
            await self._pause(_pause_s(answer, wait_s))
        raise Unavailable(f"no answer in {TRIES} tries")

    async def __aenter__(self) -> Self:
        """Use as a context: connections are closed at its end."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""
        await self._http.aclose()


def _headers(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}", "Accept": "application/json"}


def _one(complaint: Complaint) -> Body:
    return Body(json.dumps(complaint).encode(), "application/json")


def _chunks(complaints: Iterable[Complaint]) -> Iterator[Body]:
    """Batches as the door takes them; `json.dumps` writes no line break of its own."""
    waiting = iter(complaints)
    while some := list(islice(waiting, LINES_MAX)):
        lines = "\n".join(json.dumps(each) for each in some)
        yield Body(lines.encode(), "application/x-ndjson")


def _request(http: Http, method: str, *, url: str, body: Body | None) -> httpx.Request:
    if body is None:
        return http.build_request(method, url)
    headers = {"Content-Type": body.media_type}
    return http.build_request(method, url, content=body.content, headers=headers)


def _waits() -> Iterator[float]:
    """The pauses after each try, in seconds: twice as long each time, and never all at once."""
    for count in range(TRIES):
        share = random.uniform(0.5, 1.0)  # noqa: S311 -- no secret
        yield min(WAIT_S_MAX, WAIT_S_FIRST * 2**count) * share


def _pause_s(answer: httpx.Response | None, wait_s: float) -> float:
    """At least as long as the door asks for."""
    asked = answer.headers.get("retry-after", "") if answer is not None else ""
    return max(wait_s, float(asked)) if asked.isdigit() else wait_s


def _good(answer: httpx.Response) -> httpx.Response:
    if answer.status_code >= 400:  # noqa: PLR2004 -- 4xx
        raise _rejected(answer.status_code, _body(answer))
    return answer


def _rejected(status: int, body: Mapping[str, object]) -> Rejected:
    told = body.get("problems")
    found = told if isinstance(told, list) else []
    problems = tuple(Problem(each["code"], each["field"], each["hint"]) for each in found)
    return Rejected(status, problems or (Problem("unexpected", "", f"the door said {status}"),))


def _body(answer: httpx.Response) -> dict[str, object]:
    try:
        said = answer.json()
    except ValueError:
        said = None
    return said if isinstance(said, dict) else {}


def _accepted(answer: httpx.Response) -> Accepted:
    return _taken(_body(answer))


def _taken(body: Mapping[str, object]) -> Accepted:
    names = ("complaint_id", "channel_message_id", "status_url")
    return Accepted(*(str(body[name]) for name in names))


def _answers(answer: httpx.Response) -> list[Accepted | Rejected]:
    lines: list[dict[str, object]] = answer.json()
    return [
        _rejected(int(str(each["status"])), each) if "problems" in each else _taken(each)
        for each in lines
    ]
