"""The door's answers: JSON, and problem+json with a code, a field and what to do."""

from collections.abc import Sequence
from dataclasses import asdict

import orjson
from fastapi import Response
from pydantic import BaseModel

from shared.errors import Fault

PROBLEM = "application/problem+json"
RETRY_AFTER_S = 5  # a broker that restarts is back by then

# By the rule's finer word, else by the contract's code: what to do now.
HINTS = {
    "not_a_person": "Only a named person can do this; use your own token.",
    "unknown_actor": "You are not in people.yaml; ask whoever keeps it.",
    "about_the_actor": "The complaint is about you, so a colleague handles it.",
    "stale_version": "The case has changed since you saw it; show it again, then decide.",
    "no_such_task": "There is no open task with this id; it may be done already.",
    "not_closed": "The case is not closed; go on with it as it is.",
    "closed": "The case is closed; reopen it first.",
    "owned_by_another": "A colleague owns it; ask for a hand-over, or let a leader move it.",
    "not_yours": "Take the case first.",
    "unknown_owner": "Nobody in people.yaml has this pseudonym.",
    "unknown_person": "Nobody in people.yaml has this pseudonym; `nobody` clears the field.",
    "about_the_owner": "The complaint is about that person; name somebody else.",
    "not_answered": "A person is needed here: reply or decide first, then close.",
    "task_open": "A promise is not kept yet; do it first: kulanse cases done TASK, then close.",
    "appeal_to_another": "You have said no before; a second no must be another person's.",
    "reads_only": "An auditor reads everything and acts on nothing.",
    "never_handles": "People.yaml says that this kind of case never lands with you.",
    "not_owner": "Take the case first.",
    "not_open": "The case is not open for this; show it again.",
    "not_allowed": "This is not for you to do here.",
    "no_name": "Only a named person can do this.",
}
_STATUS = {"stale_version": 409, "not_open": 409}
_HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": str(RETRY_AFTER_S)}}


class Problem(Exception):
    """An answer that is not the one hoped for."""

    def __init__(
        self, status: int, code: str, *, hint: str, field: str = "", faults: Sequence[Fault] = ()
    ) -> None:
        """Carry the status, the code, the field it is about ("" for all), and what to do."""
        super().__init__(f"{code}: {hint}")
        self.status, self.code, self.hint, self.field = status, code, hint, field
        self.faults = tuple(faults)
        # The rule's finer word, where there is one: the console has its own words for it.
        self.why = ""


def problem(found: Problem) -> Response:
    """RFC 9457, with our code, field and hint; every fault when there are several."""
    content = {
        "type": "about:blank",
        "title": found.hint,
        "status": found.status,
        "code": found.code,
        "field": found.field,
        "hint": found.hint,
        "faults": [asdict(fault) for fault in found.faults],
    }
    headers = _HEADERS.get(found.status, {})
    return Response(orjson.dumps(content), found.status, media_type=PROBLEM, headers=headers)


def invalid(faults: Sequence[Fault]) -> Problem:
    """The request's own fault."""
    first = faults[0]
    return Problem(422, first.code, hint=first.hint, field=first.field, faults=faults)


def refused(code: str, why: str = "") -> Problem:
    """A command without effect: 409 when the case moved on, 403 when it is not hers to do."""
    hint = HINTS.get(why) or HINTS.get(code) or code
    found = Problem(_STATUS.get(code, 403), code, hint=hint)
    found.why = why
    return found


def unavailable() -> Problem:
    """The broker does not answer: nothing was lost, and the same key may be sent again."""
    hint = "The broker does not answer; send it again with the same Idempotency-Key."
    return Problem(503, "broker_unavailable", hint=hint)


def json(content: BaseModel | dict[str, object], status: int = 200) -> Response:
    """A value as JSON."""
    if isinstance(content, BaseModel):
        body = content.model_dump_json().encode()
    else:
        body = orjson.dumps(content)
    return Response(body, status, media_type="application/json")
