"""Intake's HTTP door for whoever hands in many: batches, patience, answers by line."""

import time
from collections.abc import Sequence
from typing import Self

import httpx
import orjson

from services.cli import running
from services.cli.failures import Unreachable
from services.cli.surroundings import settings
from shared.errors import Fault, Refused

TIMES_MAX = 20
WAIT_S_MAX = 10.0
_NOT_NOW = (429, 503)


class Doorway:
    """The door, with the command's key. Use as a context."""

    def __init__(self) -> None:
        """Nothing is sent yet; raises `Unreachable` where nothing runs, `Refused` without a key."""
        ours = settings()
        self.url = running.need(ours).intake_url
        key = running.secret(
            ours, name=running.CLI_KEY, variable="KULANSE_API_KEY", what="API key for intake's door"
        )
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
        self._http = httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False)

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *ended: object) -> None:
        """Hang up."""
        self._http.close()

    def batch(self, lines: Sequence[bytes]) -> list[tuple[Fault, ...]]:
        """Hand these in; for each why it was refused, nothing where it was taken."""
        body = b"\n".join(lines)
        for _ in range(TIMES_MAX):
            answer = self._post(body)
            if answer.status_code not in _NOT_NOW:
                break
            asked = answer.headers.get("retry-after", "1")
            time.sleep(min(float(asked) if asked.isdecimal() else 1.0, WAIT_S_MAX))
        if not answer.is_success:
            code = f"door_answered_{answer.status_code}"
            raise Refused(
                code, f"The door at {self.url} did not take the batch.", "Try again later."
            )
        return [_faults(each) for each in orjson.loads(answer.content)]

    def _post(self, body: bytes) -> httpx.Response:
        try:
            return self._http.post("/v1/complaints:batch", content=body)
        except httpx.HTTPError as error:
            message = f"Intake's door does not answer at {self.url} ({type(error).__name__})."
            raise Unreachable("intake_unreachable", message, running.START_IT) from None


def _faults(answer: dict[str, object]) -> tuple[Fault, ...]:
    problems = answer.get("problems")
    if not isinstance(problems, list):
        return ()
    return tuple(Fault(str(p["code"]), str(p["field"]), str(p["hint"])) for p in problems)
