"""Heard first, whatever happens: worlds of late topics, backlogs, restarts and many hands."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.notify.core import decide
from shared.contracts.contract import Contract
from shared.contracts.inbox import EffectOutcome, TimerDue
from shared.contracts.notifications import NotificationRequested
from shared.contracts.recoveries import (
    RecoveryApproved,
    RecoveryFailed,
    RecoveryProposed,
    RecoverySettled,
)
from shared.contracts.triaged import ComplaintTriaged
from shared.stage.decision import Effect, History, Memory
from tests.notify_story import (
    AT,
    POLICY,
    answered,
    decided,
    event,
    recovery,
    registered,
    replied,
    taken,
    triaged,
)

PAUSE = timedelta(seconds=POLICY.rules.waits.pause_s)
STEPS_MAX = 200
ASKS = recovery(RecoveryProposed, outcome="asked")
SIGNED = {"approval": "team_lead", "approved_by": "person:p1"}
COURSES: tuple[tuple[Contract, ...], ...] = (
    (),
    (recovery(RecoveryProposed), recovery(RecoveryApproved, 2)),
    (
        recovery(RecoveryProposed),
        recovery(RecoveryApproved, 2),
        recovery(RecoverySettled, 3),
    ),
    (recovery(RecoveryProposed), recovery(RecoveryFailed, 2)),
    (recovery(RecoveryProposed, approval="team_lead"), recovery(RecoveryApproved, 2, **SIGNED)),
    (ASKS, recovery(RecoveryApproved, 2)),
)
PEOPLE: tuple[tuple[Contract, ...], ...] = (
    (),
    (taken(), answered("Vi ser på det.", version=1)),
    (taken(), decided("Vi kan ikke gi det.", version=1)),
    (taken(), decided("Du har rett.", version=1, category="upheld", refund=True)),
)


@dataclass
class World:
    """Notify's core, the topics before it, and a dispatcher: any of them may be late."""

    now: datetime
    topics: list[list[Contract]]
    times: list[datetime]
    memories: list[Memory] = field(default_factory=list)
    pending: list[Effect] = field(default_factory=list)
    over: set[str] = field(default_factory=set)
    notices: dict[str, NotificationRequested] = field(default_factory=dict)
    left: list[tuple[datetime, NotificationRequested]] = field(default_factory=list)
    replied_at: datetime | None = None
    heard: int = 0

    def hears(self, contract: Contract, at: datetime) -> None:
        """One event; what the core remembers survives as JSON alone, as across a restart."""
        self.heard += 1
        came = event(contract, at=at, name=f"e{self.heard}")
        kept = json.dumps([[m.event_id, m.type, m.at.isoformat(), m.data] for m in self.memories])
        fresh = tuple(
            Memory(i, t, datetime.fromisoformat(a), data) for i, t, a, data in json.loads(kept)
        )
        decision = decide(came, History(fresh), POLICY)
        if decision.remembers is not None:
            self.memories.append(Memory(came.id, came.type, came.time, decision.remembers))
        self.pending += decision.effects
        for emitted in decision.emits:
            if isinstance(emitted, NotificationRequested):
                assert emitted.notice_id not in self.notices, "requested twice"
                self.notices[emitted.notice_id] = emitted

    def choices(self) -> list[Effect | list[Contract]]:
        """What could happen next: a topic is read, a timer comes, a message leaves."""
        due = [
            effect
            for effect in self.pending
            if (effect.due_at is None or effect.due_at <= self.now)
            and (effect.after is None or effect.after in self.over)
        ]
        return [*(topic for topic in self.topics if topic), *due]

    def performs(self, effect: Effect, state: str) -> None:
        """A timer comes back, or a message leaves, as the dispatcher would have it."""
        self.pending.remove(effect)
        if effect.kind == "timer":
            due_at, name = effect.due_at or AT, str(effect.payload["name"])
            timer = TimerDue(effect_key=effect.key, complaint_id="c1", name=name, at=due_at)
            self.hears(timer, due_at)
            return
        self.over.add(effect.key)
        notice = self.notices[str(effect.payload["notice_id"])]
        if notice.audience == "complainant":
            self.left.append((self.now, notice))
        fields = {"effect_key": effect.key, "kind": effect.kind, "complaint_id": "c1"}
        told = EffectOutcome.model_validate({**fields, "state": state, "at": self.now})
        self.hears(told, self.now)

    def next_timer_at(self) -> datetime | None:
        """When the next timer comes, once nothing else is left."""
        times = [effect.due_at for effect in self.pending if effect.due_at is not None]
        return min(times, default=None)


def run(world: World, draw: st.DataObject) -> None:
    """Until nothing is left to happen, in an order that is drawn."""
    for _ in range(STEPS_MAX):
        world.now += timedelta(seconds=draw.draw(st.sampled_from((0, 0, 1, 30, 400))))
        choices = world.choices()
        if not choices:
            due_at = world.next_timer_at()
            if due_at is None:
                return
            world.now = max(world.now, due_at)
            continue
        chosen = choices[draw.draw(st.integers(0, len(choices) - 1))]
        if isinstance(chosen, Effect):
            world.performs(chosen, draw.draw(st.sampled_from(("posted", "posted", "unknown"))))
            continue
        contract = chosen.pop(0)
        if contract == replied():
            world.replied_at = world.now
        world.hears(contract, draw.draw(st.sampled_from(world.times)))
    message = "the world goes in circles"
    raise AssertionError(message)


READINGS = st.builds(
    triaged,
    severity=st.sampled_from(("low", "medium", "high", "critical")),
    arousal=st.sampled_from(("calm", "upset", "furious")),
    abuse=st.sampled_from(("none", "threat")),
    safety=st.booleans(),
    needs_person=st.booleans(),
)


@settings(max_examples=150, deadline=None)
@given(
    draw=st.data(),
    reading=READINGS,
    course=st.sampled_from(COURSES),
    people=st.sampled_from(PEOPLE),
    answers=st.booleans(),
)
def test_the_acknowledgement_leaves_first_and_an_outcome_never_within_the_pause(
    draw: st.DataObject,
    reading: ComplaintTriaged,
    course: tuple[Contract, ...],
    people: tuple[Contract, ...],
    *,
    answers: bool,
) -> None:
    """An angry person would read a decision before, or a second after, that we have heard her."""
    told: list[Contract] = [registered(), *([replied()] if answers else [])]
    backlog = timedelta(seconds=draw.draw(st.sampled_from((0, 60, 3600))))
    topics: list[list[Contract]] = [told, [reading], list(course), list(people)]
    world = World(AT + backlog, topics, [AT, AT + backlog])
    run(world, draw)
    first_at, first = world.left[0]
    assert "acknowledgement" in first.counts_as
    acknowledged = [n for _, n in world.left if "acknowledgement" in n.counts_as]
    assert len({n.notice_id for _, n in world.left}) == len(world.left)
    # A danger that was read after a plain word is told too; nothing else twice.
    assert [n.template for n in acknowledged[1:]] in ([], ["safety"])
    waits = reading.arousal != "calm" and not reading.safety and reading.severity != "critical"
    for at, notice in world.left[1:]:
        ended = world.replied_at is not None and world.replied_at <= at
        if waits and "decision" in notice.counts_as and not ended:
            assert at - first_at >= PAUSE, f"{notice.template} {at - first_at} after"


def test_a_timer_that_nobody_set_says_nothing() -> None:
    """Read again before the complaint, its acknowledgement would be plain and the outcome extra."""
    timer = TimerDue(effect_key="t", complaint_id="c1", name="plain", at=AT)
    decision = decide(event(timer, at=AT, name="e1"), History(()), POLICY)
    assert (decision.remembers, decision.emits, decision.effects) == (None, (), ())
