"""A small world to test recovery in: one complainant, a clock that only events move, a runner."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TypeVar

from pydantic import JsonValue

from services.recovery.core import decide, touches
from services.recovery.policy import Policy, load
from shared.contracts.approvals import ApprovalDeclined, ApprovalGiven
from shared.contracts.caserule import recalled
from shared.contracts.cases import (
    CaseCommand,
    CaseDecided,
    CaseHandedOver,
    GestureWanted,
    TaskCreated,
    TaskDone,
    Words,
)
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.inbox import EffectOutcome, EffectState, TimerDue
from shared.contracts.recoveries import RecoveryEvent, Result
from shared.contracts.registered import ComplaintRegistered, Personal
from shared.contracts.submitted import Order, Payment
from shared.contracts.triaged import ComplaintTriaged, TriagePersonal
from shared.stage.decision import Decision, Effect, History, Memory

START = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)  # a Monday
T = TypeVar("T", bound=Contract)


@lru_cache(maxsize=1)
def policy() -> Policy:
    """The policy that ships."""
    return load()[0]


def order(amount_minor: int = 39900, *, reference: str = "pay-1", **fields: object) -> Order:
    """Goods bought at a distance nine days ago and delivered four days ago."""
    paid_at = START - timedelta(days=9)
    payment = Payment(
        reference=reference, amount_minor=amount_minor, currency="NOK", paid_at=paid_at
    )
    known = {
        "id": "order-1",
        "sold": "distance",
        "kind": "goods",
        "purchased_at": paid_at,
        "delivered_at": START - timedelta(days=4),
        "payments": (payment,),
    }
    return Order.model_validate({**known, **fields})


def triaged(complaint_id: str = "c-1", /, **fields: object) -> ComplaintTriaged:
    """A calm consumer's complaint about a faulty product, money wanted back, order confirmed."""
    known: dict[str, object] = {
        "complaint_id": complaint_id,
        "case_id": f"case-{complaint_id}",
        "source": "test",
        "channel": "web",
        "received_at": START,
        "kind": "complaint",
        "written_form": "nb",
        "severity": "medium",
        "arousal": "calm",
        "sentiment": -0.3,
        "abuse": "none",
        "role": "customer",
        "segment": "consumer",
        "necessity": "nice_to_have",
        "phase": "after",
        "mood": "disappointed",
        "vulnerable": False,
        "category": "product",
        "matters": ("product",),
        "remedy_sought": "refund",
        "safety": False,
        "legal": False,
        "needs_person": False,
        "confidence": 0.9,
        "order": order(),
        "order_state": "confirmed",
        "reasons": (),
        "personal": TriagePersonal(),
    }
    return ComplaintTriaged.model_validate({**known, **fields})


@dataclass
class World:
    """Runs the core as the runner does: skips what it has seen, folds what is remembered."""

    key: str = "someone"
    now: datetime = START
    memories: list[Memory] = field(default_factory=list)
    reserved: dict[str, int] = field(default_factory=dict)
    effects: dict[str, Effect] = field(default_factory=dict)
    said: list[Contract] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    policy: Policy = field(default_factory=policy)

    def tell(self, data: Contract, *, event_id: str | None = None) -> Decision:
        """One event, decided once; a person's command as the desk lets it through."""
        if isinstance(data, CaseCommand):
            data = self._at_the_desk(data)
        return self._tell(data, event_id=event_id)

    def _at_the_desk(self, command: CaseCommand) -> CaseCommand:
        """Hers, of the version she sees; a task that is done was created before."""
        case = recalled((memory.data for memory in self.memories), command.case_id)
        if isinstance(command, TaskDone) and command.task_id not in case.tasks:
            self._tell(_created(command))
        elif case.owner != command.actor and not isinstance(command, TaskDone):
            self._tell(_handed(command, case.version))
        case = recalled((memory.data for memory in self.memories), command.case_id)
        return command.model_copy(update={"seen_version": case.version})

    def _tell(self, data: Contract, *, event_id: str | None = None) -> Decision:
        event: Event[Contract] = Event(
            id=event_id or f"event-{len(self.seen) + 1}",
            source="test",
            key=self.key,
            time=self.now,
            data=data,
        )
        if event.id in self.seen:
            return Decision()
        self.seen.add(event.id)
        rows = {name: self.reserved.get(name, 0) for name in touches(event)}
        decision = decide(event, History(tuple(self.memories), rows), self.policy)
        for claim in decision.reserves:
            used = self.reserved.get(claim.name, 0) + claim.add_minor
            assert used <= claim.limit_minor
            assert used >= 0
            self.reserved[claim.name] = used
        if decision.remembers is not None:
            self.memories.append(Memory(event.id, event.type, self.now, decision.remembers))
        self.effects |= {effect.key: effect for effect in decision.effects}
        for void in decision.voids:
            self.effects.pop(void, None)
        self.said += decision.emits
        return decision

    @property
    def claimed(self) -> dict[str, int]:
        """What is claimed of each payment; budgets aside."""
        return {row: used for row, used in self.reserved.items() if row.startswith("payment:")}

    def last(self) -> RecoveryEvent:
        """The newest recovery event."""
        return [each for each in self.said if isinstance(each, RecoveryEvent)][-1]

    def kinds(self) -> list[str]:
        """What was said, by the names of its types."""
        return [type(each).__name__ for each in self.said]

    def of(self, kind: type[T]) -> list[T]:
        """Everything said of one type."""
        return [each for each in self.said if isinstance(each, kind)]

    def comes_back(
        self, effect: Effect, state: EffectState = "posted", **detail: JsonValue
    ) -> Decision:
        """The outcome of an effect; `code` says why it failed, the rest is its detail."""
        self.effects.pop(effect.key, None)
        code = detail.pop("code", None)
        return self.tell(
            EffectOutcome(
                effect_key=effect.key,
                kind=effect.kind,
                complaint_id=effect.complaint_id,
                state=state,
                code=None if code is None else str(code),
                detail=detail,
                at=self.now,
            )
        )

    def fires(self, name: str) -> Decision:
        """The timer of this name is due."""
        effect = next(
            e for e in self.effects.values() if e.kind == "timer" and e.payload["name"] == name
        )
        del self.effects[effect.key]
        self.now = max(self.now, effect.due_at or self.now)
        rest = {k: v for k, v in effect.payload.items() if k != "name"}
        key, about = effect.key, effect.complaint_id
        due = TimerDue(effect_key=key, complaint_id=about, name=name, detail=rest, at=self.now)
        return self.tell(due)

    def pending(self, kind: str) -> list[Effect]:
        """Effects of one kind that wait to be performed."""
        return [effect for effect in self.effects.values() if effect.kind == kind]


def _handed(command: CaseCommand, version: int) -> CaseHandedOver:
    return CaseHandedOver(
        complaint_id=command.complaint_id,
        case_id=command.case_id,
        at=command.at,
        actor="lead-gran",
        role="team_lead",
        seen_version=version,
        owner=command.actor,
    )


def _created(command: TaskDone) -> TaskCreated:
    return TaskCreated(
        complaint_id=command.complaint_id,
        case_id=command.case_id,
        at=command.at,
        task_id=command.task_id,
        what="call_back",
        owner_role="agent",
        due_at=command.at,
    )


def registered(complaint_id: str = "c-1", /, **fields: object) -> ComplaintRegistered:
    """The registered event of the same complaint."""
    known: dict[str, object] = {
        "complaint_id": complaint_id,
        "source": "test",
        "channel": "web",
        "channel_message_id": complaint_id,
        "received_at": START,
        "order": order(),
        "order_state": "confirmed",
        "personal": Personal(text="…", email="kari@example.com", name="Kari Eksempel"),
    }
    return ComplaintRegistered.model_validate({**known, **fields})


def words(world: World, actor: str, **fields: object) -> dict[str, object]:
    """What an approval says of the newest event, as this colleague saw it."""
    last = world.last()
    known: dict[str, object] = {
        "recovery_id": last.recovery_id,
        "complaint_id": last.complaint_id,
        "case_id": last.case_id,
        "seen_version": last.version,
        "actor": actor,
        "role": "team_lead",
        "at": world.now,
    }
    return {**known, **fields}


def given(world: World, actor: str, **fields: object) -> ApprovalGiven:
    """A signature."""
    return ApprovalGiven.model_validate(words(world, actor, **fields))


def declined(world: World, actor: str, **fields: object) -> ApprovalDeclined:
    """A signature refused, with a reason."""
    return ApprovalDeclined.model_validate(
        words(world, actor, **{"reason": "evidence missing", **fields})
    )


def person_decides(
    world: World,
    actor: str,
    *wanted: GestureWanted,
    category: str = "upheld",
    complaint_id: str = "c-1",
) -> CaseDecided:
    """A handler's decision."""
    return CaseDecided(
        complaint_id=complaint_id,
        case_id=f"case-{complaint_id}",
        at=world.now,
        actor=actor,
        role="agent",
        seen_version=1,
        result=Result.model_validate({"category": category, "relief": "monetary"}),
        gestures=wanted,
        personal=Words(text="…"),
    )


def done(world: World, task_id: str, *, complaint_id: str = "c-1") -> TaskDone:
    """A task was done."""
    return TaskDone(
        complaint_id=complaint_id,
        case_id=f"case-{complaint_id}",
        at=world.now,
        actor="agent-bjork",
        role="agent",
        seen_version=1,
        task_id=task_id,
    )
