"""The desk's HTTP door: queues and cases out, people's commands in, each as an event on Kafka.

200 `done` once the effect shows, 202 `accepted` when that takes too long (`acting.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request, Response

from services.desk import answers, commands, reading
from services.desk.acting import Acting, By, Outcome
from services.desk.answers import Problem
from services.desk.commands import Said, SaidApproval, SaidRejection
from services.desk.requests import Asked, idempotency_key, queue_asked, said
from services.desk.tokens import Tokens
from shared.contracts.contract import Contract
from shared.people import Person


@dataclass(frozen=True)
class Door:
    """What the routes need."""

    acting: Acting
    tokens: Tokens

    async def list_cases(self, request: Request) -> Response:
        """GET /v1/cases: the queue: urgent first, then severity, then the deadline."""
        person, _ = self._who(request)
        wanted = queue_asked(request)
        rows = await self.acting.ledger.read(
            lambda c: reading.queue(c, wanted.rows(), person=person)
        )
        return _page("cases", rows, asked=wanted)

    async def show(self, request: Request) -> Response:
        """GET /v1/cases/{id}: everything about one case."""
        person, _ = self._who(request)
        found = await self.acting.case(request.path_params["case_id"], person)
        return answers.json(found.case)

    async def act(self, request: Request) -> Response:
        """POST /v1/cases/{id}/VERB."""
        person, by = self._who(request)
        verb = request.path_params["verb"]
        if verb not in commands.VERBS:
            known = ", ".join(commands.VERBS)
            raise Problem(404, "unknown_verb", hint=f"There are {known}.", field="path")
        spoken = await said(request, commands.VERBS[verb][0])
        found = await self.acting.case(request.path_params["case_id"], person)
        return _became(await self.acting.act(found, verb, said=spoken, by=by))

    async def done(self, request: Request) -> Response:
        """POST /v1/tasks/{id}/done."""
        person, by = self._who(request)
        task_id = request.path_params["task_id"]
        await self.acting.part("task", task_id, person=person)
        spoken = await said(request, Said)
        return _became(await self.acting.task_done(task_id, spoken, person=person, by=by))

    async def list_tasks(self, request: Request) -> Response:
        """GET /v1/tasks: what is to be done in the world, the earliest due first."""
        person, _ = self._who(request)
        wanted = queue_asked(request)
        page = {"limit": wanted.limit, "offset": wanted.offset}
        rows = await self.acting.ledger.read(lambda c: tuple(reading.tasks(c, person, **page)))
        return _page("tasks", rows, asked=wanted)

    async def list_approvals(self, request: Request) -> Response:
        """GET /v1/approvals: recoveries that lack a signature, the longest waiting first."""
        person, _ = self._who(request)
        wanted = queue_asked(request)
        page = {"limit": wanted.limit, "offset": wanted.offset}
        rows = await self.acting.ledger.read(lambda c: reading.approvals(c, person, **page))
        return _page("approvals", rows, asked=wanted)

    async def approve(self, request: Request) -> Response:
        """POST /v1/approvals/{id}/approve."""
        return await self._sign(request, SaidApproval)

    async def reject(self, request: Request) -> Response:
        """POST /v1/approvals/{id}/reject: the reason is required."""
        return await self._sign(request, SaidRejection)

    async def _sign(self, request: Request, body: type[SaidApproval]) -> Response:
        person, by = self._who(request)
        recovery_id = request.path_params["recovery_id"]
        await self.acting.part("approval", recovery_id, person=person)
        spoken = await said(request, body)
        return _became(await self.acting.sign(recovery_id, spoken, person=person, by=by))

    def _who(self, request: Request) -> tuple[Person, By]:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        holder = self.tokens.holder(token.strip()) if scheme.lower() == "bearer" else None
        person = self.acting.policy.people.named(holder.person) if holder else None
        if holder is None or person is None:
            hint = "Send your personal token: Authorization: Bearer …"
            raise Problem(401, "no_token", hint=hint, field="Authorization")
        speaker = self.acting.speaker(person, simulated=holder.simulated)
        key = idempotency_key(request) or ""
        return person, By(speaker, key, request.headers.get("traceparent"))


def _became(outcome: Outcome) -> Response:
    case = outcome.case
    content: dict[str, object] = {
        "event_id": outcome.event_id,
        "state": outcome.state,
        "case_id": case.case_id,
        "version": case.version,
        "case_state": case.state,
        "owner": case.owner,
    }
    return answers.json(content, 200 if outcome.state == "done" else 202)


def _page(name: str, rows: Sequence[Contract], *, asked: Asked) -> Response:
    """One page; `next_offset` null: there is no more."""
    more = len(rows) == asked.limit
    content: dict[str, object] = {
        name: [row.model_dump(mode="json") for row in rows],
        "next_offset": asked.offset + asked.limit if more else None,
    }
    return answers.json(content)
