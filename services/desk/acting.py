"""What a person does with a case, whichever way she came in: by the JSON door or the console.

A command is published and answered once its effect, or its refusal, shows in the ledger. When that
takes too long it is "accepted": it will have its effect, or be refused, later.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import uuid4

from services.desk import answers, commands, joining, reading
from services.desk.answers import Problem
from services.desk.commands import Said, SaidApproval, SaidOther, Speaker
from services.desk.effect import Ledger
from services.desk.model import CaseView
from services.desk.outlet import Outlet
from services.desk.policy import DeskPolicy
from services.desk.queues import may_see, second_no, why_not
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
# Roles that read everything and act on nothing.
READERS = frozenset({"auditor"})


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class By:
    """Who speaks; the client's own id of the command ("": none), and its trace."""

    speaker: Speaker
    key: str = ""
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a command, and the case as it is now."""

    event_id: str
    state: Literal["done", "accepted"]
    case: CaseView


@dataclass(frozen=True)
class Acting:
    """The ledger, the way to Kafka and the rules. `now`: people bring the time in."""

    ledger: Ledger
    outlet: Outlet
    policy: DeskPolicy
    now: Callable[[], datetime] = _now
    effect_s_max: float = EFFECT_S_MAX

    def speaker(self, person: Person, *, simulated: bool) -> Speaker:
        """She, now."""
        return Speaker(person.person, person.role, self.now(), simulated)

    async def case(self, name: str, person: Person) -> reading.Found:
        """A case she may see; raises `Problem`."""
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

    async def part(self, kind: str, name: str, *, person: Person) -> reading.Found:
        """The case of a recovery ("approval") or a task ("task"); raises `Problem`."""
        case_id = await self.ledger.read(lambda c: reading.case_of(c, kind, name=name))
        if case_id is None:
            raise Problem(404, f"no_such_{kind}", hint=f"There is no {kind} with this id.")
        return await self.case(case_id, person)

    async def act(self, found: reading.Found, verb: str, *, said: Said, by: By) -> Outcome:
        """One of `commands.VERBS`."""
        if isinstance(said, SaidOther):
            said = await self._other(found.case, verb, said=said, by=by)
        command = commands.case_command(verb, said, case=found.case, by=by.speaker)
        self._check(found, command)
        return await self._command(found, command, by=by)

    async def task_done(self, task_id: str, said: Said, *, person: Person, by: By) -> Outcome:
        """She did what was promised."""
        found = await self.part("task", task_id, person=person)
        self._no_reader(by.speaker)
        task = next(task for task in found.case.tasks if task.task_id == task_id)
        command = commands.task_done(said, case=found.case, task=task, by=by.speaker)
        return await self._command(found, command, by=by)

    async def sign(
        self, recovery_id: str, said: SaidApproval, *, person: Person, by: By
    ) -> Outcome:
        """Her words on a recovery: a `SaidRejection` declines."""
        found = await self.part("approval", recovery_id, person=person)
        self._no_reader(by.speaker)
        recovery = next(r for r in found.case.recoveries if r.recovery_id == recovery_id)
        words = commands.approval(said, recovery, by=by.speaker)
        return await self._publish(found, words, topic=topics.APPROVALS.name, by=by)

    async def _other(self, case: CaseView, verb: str, *, said: SaidOther, by: By) -> SaidOther:
        """The other case by its id, however she named it; raises `Problem`."""
        if verb == "unlink":
            joining.partable(case, said.other)
            return said
        person = self.policy.people.named(by.speaker.person)
        if person is None:
            raise answers.refused("not_allowed", "unknown_actor")
        other = (await self.case(said.other, person)).case
        joining.linkable(case, other)
        return said.model_copy(update={"other": other.case_id})

    async def _command(self, found: reading.Found, command: CaseCommand, *, by: By) -> Outcome:
        try:
            return await self._publish(found, command, topic=topics.CASES.name, by=by)
        except Problem as answered:
            # The event says which code; the rule's finer word makes the better hint.
            expected = refusal_of(found.state, command, known=self.policy.people.names)
            if expected and expected.code == answered.code:
                raise answers.refused(expected.code, expected.why) from None
            raise

    async def _publish(
        self, found: reading.Found, data: Contract, *, topic: str, by: By
    ) -> Outcome:
        event = Event(
            id=derived("desk", by.speaker.person, by.key or str(uuid4())),
            source=SOURCE,
            key=found.case.key,
            time=self.now(),
            data=data,
            traceparent=traceparent_of(by.traceparent),
            topic=topic,
        )
        if not await self.ledger.settled(event, wait_s=0):
            try:
                await self.outlet.publish(event)
            except Transient:
                raise answers.unavailable() from None
        done = await self.ledger.settled(event, wait_s=self.effect_s_max)
        after = await self.ledger.read(lambda c: reading.case_named(c, found.case.case_id))
        return Outcome(event.id, "done" if done else "accepted", (after or found).case)

    def _check(self, found: reading.Found, command: CaseCommand) -> None:
        """What only the door knows: the case's complaints, who said no, who never handles what."""
        self._no_reader(command)
        known = {complaint.complaint_id for complaint in found.case.complaints}
        if known and command.complaint_id not in known:
            hint = "This complaint is not of this case; leave it out for the latest."
            raise Problem(422, "not_of_this_case", hint=hint, field="complaint_id")
        if isinstance(command, CaseDecided) and second_no(found.case, command):
            raise answers.refused("not_allowed", "appeal_to_another")
        taker = getattr(command, "owner", None)
        owner = self.policy.people.named(taker) if taker else None
        if owner is None:
            return
        if owner.role in READERS:
            raise answers.refused("not_allowed", "reads_only")
        if why_not(found.case, owner) == "never_handles":
            raise answers.refused("not_allowed", "never_handles")

    @staticmethod
    def _no_reader(speaker: Speaker | CaseCommand) -> None:
        if speaker.role in READERS:
            raise answers.refused("not_allowed", "reads_only")
