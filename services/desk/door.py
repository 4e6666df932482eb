"""The desk's HTTP door: queues and cases out, people's commands in, each as an event on Kafka.

A command is answered once the broker has it and its effect, or its refusal, shows in the ledger;
when that takes too long the answer is 202: it will have its effect, or be refused, later.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from fastapi import Request, Response

from services.desk import answers, commands, reading
from services.desk.answers import Problem
from services.desk.commands import Said, SaidApproval, SaidRejection, Speaker
from services.desk.effect import Ledger
from services.desk.outlet import Outlet
from services.desk.policy import DeskPolicy
from services.desk.queues import may_see, second_no, why_not
from services.desk.requests import Asked, idempotency_key, queue_asked, said
from services.desk.tokens import Tokens
from shared.contracts import topics
from shared.contracts.caserule import refusal_of
from shared.contracts.cases import CaseCommand, CaseDecided
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.identity import derived
from shared.contracts.trace import traceparent_of
from shared.errors import Transient
from shared.people import Person

SOURCE = "kulanse/desk"
EFFECT_S_MAX = 5.0


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Door:
    """What the routes need. `now` is the door's clock: people bring the time in."""

    ledger: Ledger
    outlet: Outlet
    tokens: Tokens
    policy: DeskPolicy
    now: Callable[[], datetime] = _now
    effect_s_max: float = EFFECT_S_MAX

    async def list_cases(self, request: Request) -> Response:
        """GET /v1/cases: the queue: urgent first, then severity, then the deadline."""
        person, _ = self._who(request)
        wanted = queue_asked(request)
        rows = await self.ledger.read(lambda c: reading.queue(c, wanted.rows(), person=person))
        return _page("cases", rows, asked=wanted)

    async def show(self, request: Request) -> Response:
        """GET /v1/cases/{id}: everything about one case."""
        person, _ = self._who(request)
        found = await self._case(request.path_params["case_id"], person)
        return answers.json(found.case)

    async def act(self, request: Request) -> Response:
        """POST /v1/cases/{id}/VERB."""
        person, speaker = self._who(request)
        verb = request.path_params["verb"]
        if verb not in commands.VERBS:
            known = ", ".join(commands.VERBS)
            raise Problem(404, "unknown_verb", hint=f"There are {known}.", field="path")
        spoken = await said(request, commands.VERBS[verb][0])
        found = await self._case(request.path_params["case_id"], person)
        command = commands.case_command(verb, spoken, case=found.case, by=speaker)
        self._check(found, command)
        return await self._command(request, found, command=command)

    async def done(self, request: Request) -> Response:
        """POST /v1/tasks/{id}/done."""
        person, speaker = self._who(request)
        task_id = request.path_params["task_id"]
        found = await self._part("task", task_id, person=person)
        spoken = await said(request, Said)
        task = next(task for task in found.case.tasks if task.task_id == task_id)
        command = commands.task_done(spoken, case=found.case, task=task, by=speaker)
        return await self._command(request, found, command=command)

    async def list_tasks(self, request: Request) -> Response:
        """GET /v1/tasks: what is to be done in the world, the earliest due first."""
        person, _ = self._who(request)
        wanted = queue_asked(request)
        page = {"limit": wanted.limit, "offset": wanted.offset}
        rows = await self.ledger.read(lambda c: tuple(reading.tasks(c, person, **page)))
        return _page("tasks", rows, asked=wanted)

    async def list_approvals(self, request: Request) -> Response:
        """GET /v1/approvals: recoveries that lack a signature, the longest waiting first."""
        person, _ = self._who(request)
        wanted = queue_asked(request)
        page = {"limit": wanted.limit, "offset": wanted.offset}
        rows = await self.ledger.read(lambda c: reading.approvals(c, person, **page))
        return _page("approvals", rows, asked=wanted)

    async def approve(self, request: Request) -> Response:
        """POST /v1/approvals/{id}/approve."""
        return await self._sign(request, SaidApproval)

    async def reject(self, request: Request) -> Response:
        """POST /v1/approvals/{id}/reject: the reason is required."""
        return await self._sign(request, SaidRejection)

    async def _sign(self, request: Request, body: type[SaidApproval]) -> Response:
        person, speaker = self._who(request)
        recovery_id = request.path_params["recovery_id"]
        found = await self._part("approval", recovery_id, person=person)
        spoken = await said(request, body)
        recovery = next(r for r in found.case.recoveries if r.recovery_id == recovery_id)
        words = commands.approval(spoken, recovery, by=speaker)
        return await self._publish(request, found, data=words, topic=topics.APPROVALS.name)

    async def _command(
        self, request: Request, found: reading.Found, *, command: CaseCommand
    ) -> Response:
        try:
            return await self._publish(request, found, data=command, topic=topics.CASES.name)
        except Problem as answered:
            # The event says which code; the rule's finer word makes the better hint.
            expected = refusal_of(found.state, command, known=self.policy.people.names)
            if expected and expected.code == answered.code:
                raise answers.refused(expected.code, expected.why) from None
            raise

    async def _publish(
        self, request: Request, found: reading.Found, *, data: Contract, topic: str
    ) -> Response:
        actor = str(getattr(data, "actor", ""))
        key = idempotency_key(request) or str(uuid4())
        event = Event(
            id=derived("desk", actor, key),
            source=SOURCE,
            key=found.case.key,
            time=self.now(),
            data=data,
            traceparent=traceparent_of(request.headers.get("traceparent")),
            topic=topic,
        )
        if not await self.ledger.settled(event, wait_s=0):
            try:
                await self.outlet.publish(event)
            except Transient:
                raise answers.unavailable() from None
        done = await self.ledger.settled(event, wait_s=self.effect_s_max)
        after = await self.ledger.read(lambda c: reading.case_named(c, found.case.case_id))
        case = (after or found).case
        content: dict[str, object] = {
            "event_id": event.id,
            "state": "done" if done else "accepted",
            "case_id": case.case_id,
            "version": case.version,
            "case_state": case.state,
            "owner": case.owner,
        }
        return answers.json(content, 200 if done else 202)

    async def _case(self, name: str, person: Person) -> reading.Found:
        try:
            found = await self.ledger.read(lambda c: reading.case_named(c, name))
        except reading.Ambiguous as several:
            hint = f"Several cases begin so; say which: {several}."
            raise Problem(409, "ambiguous", hint=hint, field="case_id") from None
        if found is None:
            hint = "There is no case with this id; GET /v1/cases lists them."
            raise Problem(404, "no_such_case", hint=hint, field="case_id")
        if not may_see(found.case, person):
            raise answers.refused("not_allowed", "about_the_actor")
        return found

    async def _part(self, kind: str, name: str, *, person: Person) -> reading.Found:
        case_id = await self.ledger.read(lambda c: reading.case_of(c, kind, name=name))
        if case_id is None:
            raise Problem(404, f"no_such_{kind}", hint=f"There is no {kind} with this id.")
        return await self._case(case_id, person)

    def _check(self, found: reading.Found, command: CaseCommand) -> None:
        """What only the door knows: the case's complaints, who said no, who never handles what."""
        known = {complaint.complaint_id for complaint in found.case.complaints}
        if known and command.complaint_id not in known:
            hint = "This complaint is not of this case; leave it out for the latest."
            raise Problem(422, "not_of_this_case", hint=hint, field="complaint_id")
        if isinstance(command, CaseDecided) and second_no(found.case, command):
            raise answers.refused("not_allowed", "appeal_to_another")
        taker = getattr(command, "owner", None)
        owner = self.policy.people.named(taker) if taker else None
        if owner is not None:
            why = why_not(found.case, owner)
            if why == "never_handles":
                raise answers.refused("not_allowed", why)

    def _who(self, request: Request) -> tuple[Person, Speaker]:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        holder = self.tokens.holder(token.strip()) if scheme.lower() == "bearer" else None
        person = self.policy.people.named(holder.person) if holder else None
        if holder is None or person is None:
            hint = "Send your personal token: Authorization: Bearer …"
            raise Problem(401, "no_token", hint=hint, field="Authorization")
        speaker = Speaker(person.person, person.role, self.now(), holder.simulated)
        return person, speaker


def _page(name: str, rows: Sequence[Contract], *, asked: Asked) -> Response:
    """One page; `next_offset` null: there is no more."""
    more = len(rows) == asked.limit
    content: dict[str, object] = {
        name: [row.model_dump(mode="json") for row in rows],
        "next_offset": asked.offset + asked.limit if more else None,
    }
    return answers.json(content)
