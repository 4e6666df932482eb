"""From what a stage did to the numbers of `shared/metrics`: one call per batch, one per round.

Everything is counted per batch (a `Counter` each), never a metric looked up per event. Types are
compared, not asked with `isinstance`: pydantic's answer costs a microsecond.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import get_args

from shared.contracts.contract import Contract
from shared.contracts.envelope import Event, Outgoing
from shared.contracts.notifications import NotificationSent
from shared.contracts.promises import (
    PromiseAtRisk,
    PromiseBroken,
    PromiseKept,
    PromiseKind,
    PromiseMade,
)
from shared.contracts.receipts import ComplaintAccepted, Note
from shared.contracts.recoveries import (
    RecoveryApproved,
    RecoveryProposed,
    RecoverySettled,
)
from shared.contracts.registered import ComplaintRegistered
from shared.contracts.submitted import ComplaintSubmitted
from shared.contracts.topics import DEAD_LETTERS, Topic, topic_named
from shared.contracts.triaged import ComplaintTriaged
from shared.metrics.board import OTHER, Board, Labels
from shared.stage.batch import Plan
from shared.stage.effect_rows import Finished

# Of events with these types the time is the complaint's own: when it came to us.
_COMING = frozenset((ComplaintSubmitted.TYPE, ComplaintRegistered.TYPE, ComplaintTriaged.TYPE))
_PROMISES: dict[type[Contract], str] = {
    PromiseMade: "made",
    PromiseAtRisk: "at_risk",
    PromiseBroken: "broken",
    PromiseKept: "kept",
}
_MILESTONES: dict[type[Contract], str] = {
    ComplaintRegistered: "registered",
    ComplaintTriaged: "triaged",
    RecoveryProposed: "proposed",
    RecoveryApproved: "approved",
    RecoverySettled: "settled",
}
# Which stage reaches which, and which speak of promises: their rows begin at 0.
_REACHED = {
    "intake": ("registered",),
    "triage": ("triaged",),
    "recovery": ("proposed", "approved", "settled"),
    "notify": ("acknowledged", "answered"),
}
_PROMISING = ("triage", "recovery", "notify")
_HEARD = {"acknowledgement": "acknowledged", "decision": "answered"}
# When a complaint came, of the latest so many: about 20 MB at worst, and days of a busy shop.
COMING_KEPT_MAX = 100_000
Clock = Callable[[], float]


class Measure:
    """The numbers of one stage's worker."""

    def __init__(
        self, stage: str, inputs: Iterable[Topic], board: Board, *, clock: Clock = time.time
    ) -> None:
        """`clock`: epoch seconds. What an alert counts from begins at 0, or its first is missed."""
        self.stage, self.board, self._clock = stage, board, clock
        self._came_at: dict[str, float] = {}
        self._last_done_s = clock()
        results = ("decided", "skipped", "dead")
        zero: dict[Labels, float] = {(stage, t.name, each): 0.0 for t in inputs for each in results}
        board.add("kulanse_records_total", zero)
        board.add("kulanse_batches_total", {(stage,): 0.0})
        for milestone in _REACHED.get(stage, ()):
            board.observe("kulanse_complaint_seconds", (stage, milestone), values=())
        if stage == "intake":
            board.add("kulanse_noted_total", {(stage, note): 0.0 for note in get_args(Note)})
        if stage in _PROMISING:
            states, kinds = _PROMISES.values(), get_args(PromiseKind)
            board.add("kulanse_promises_total", {(stage, k, s): 0.0 for k in kinds for s in states})

    def batch(self, plan: Plan) -> None:
        """A batch was recorded and sent."""
        now_s, stage, board = self._clock(), self.stage, self.board
        stamps = [record.timestamp_ms / 1000 for record in plan.records if record.timestamp_ms >= 0]
        self._last_done_s = min(stamps, default=now_s)
        emitted = [(p.event, event) for p in plan.planned for event in p.emitted]
        faults = _faults(stage, plan) if plan.dead else []
        board.observe("kulanse_stage_seconds", (stage,), values=[_age(now_s, s) for s in stamps])
        board.add("kulanse_batches_total", {(stage,): 1})
        board.add("kulanse_records_total", self._results(plan, faults))
        board.add("kulanse_dead_letters_total", Counter(faults))
        board.add("kulanse_events_total", self._types([p.event for p in plan.planned]))
        board.add("kulanse_emitted_total", self._types([event for _, event in emitted]))
        self._remember_coming(planned.event for planned in plan.planned)
        self._milestones(emitted, now_s)
        said = [event.data for _, event in emitted]
        self._promises_and_recoveries(said)
        if stage == "intake":
            board.add("kulanse_noted_total", self._notes(said))

    def _types(self, events: Sequence[Event[Contract]]) -> dict[Labels, float]:
        counted = Counter([event.data.TYPE for event in events])
        return {(self.stage, name): count for name, count in counted.items()}

    def _results(self, plan: Plan, faults: Sequence[Labels]) -> Counter[Labels]:
        """What became of each record: decided, dead, or (the rest) decided before."""
        found: Counter[Labels] = Counter()
        decided = _by_topic([planned.event.topic for planned in plan.planned])
        dead = Counter(topic for _, topic, _ in faults)
        for topic, count in _by_topic([record.topic for record in plan.records]).items():
            found[self.stage, topic, "decided"] += decided[topic]
            found[self.stage, topic, "dead"] += dead[topic]
            found[self.stage, topic, "skipped"] += count - decided[topic] - dead[topic]
        return found

    def _notes(self, emitted: Iterable[Contract]) -> Counter[Labels]:
        receipts = (data for data in emitted if type(data) is ComplaintAccepted)
        return Counter((self.stage, note) for receipt in receipts for note in receipt.noted)

    def _remember_coming(self, events: Iterable[Event[Contract]]) -> None:
        came_at = self._came_at
        for event in events:
            if event.data.TYPE in _COMING:
                came_at.setdefault(complaint_of(event.data), event.time.timestamp())
        while len(came_at) > COMING_KEPT_MAX:
            del came_at[next(iter(came_at))]

    def _milestones(
        self, emitted: Sequence[tuple[Event[Contract], Event[Contract]]], now_s: float
    ) -> None:
        found: dict[str, list[float]] = {}
        for cause, event in emitted:
            milestone = _milestone(cause.data, event.data)
            if milestone is None:
                continue
            came_at = self._came_at.get(complaint_of(event.data))
            if came_at is not None:
                found.setdefault(milestone, []).append(_age(now_s, came_at))
        for milestone, values in found.items():
            self.board.observe("kulanse_complaint_seconds", (self.stage, milestone), values=values)

    def _promises_and_recoveries(self, emitted: Iterable[Contract]) -> None:
        promises: Counter[Labels] = Counter()
        recoveries: Counter[Labels] = Counter()
        for data in emitted:
            state = _PROMISES.get(type(data))
            if state is not None:
                promises[self.stage, str(getattr(data, "kind", OTHER)), state] += 1
            elif type(data) is RecoveryProposed:
                recoveries[self.stage, data.outcome, data.approval] += 1
        self.board.add("kulanse_promises_total", promises)
        self.board.add("kulanse_recoveries_total", recoveries)

    def last_done_age_s(self) -> float:
        """How old what was done last is by now: its oldest record."""
        return _age(self._clock(), self._last_done_s)

    def finished(self, done: Sequence[Finished]) -> None:
        """A round of the dispatcher: how its effects went."""
        states: Counter[Labels] = Counter()
        gestures: Counter[Labels] = Counter()
        sums: Counter[Labels] = Counter()
        for each in done:
            effect = each.leased.effect
            states[self.stage, effect.kind, each.state] += 1
            gesture, amount = effect.payload.get("gesture"), effect.payload.get("amount_minor")
            # Asked again and again while it is with the bank: only what changed is news.
            if isinstance(gesture, str) and each.state not in {each.leased.state, "pending"}:
                currency = str(effect.payload.get("currency") or "none")
                gestures[self.stage, gesture, currency, each.state] += 1
                if isinstance(amount, int):
                    sums[self.stage, gesture, currency, each.state] += amount
        self.board.add("kulanse_effects_finished_total", states)
        self.board.add("kulanse_gestures_total", gestures)
        self.board.add("kulanse_gesture_minor_total", sums)


def complaint_of(data: Contract) -> str:
    """Which complaint an event is about; "" for none."""
    return str(getattr(data, "complaint_id", ""))


def _milestone(cause: Contract, data: Contract) -> str | None:
    if type(data) is ComplaintTriaged and type(cause) is not ComplaintRegistered:
        return None  # a handler's correction, hours later
    if type(data) is NotificationSent:
        # One message may be both; heard comes first, and is the promise with seconds in it.
        heard = data.audience == "complainant"
        return _HEARD.get(data.kind) if heard else None
    return _MILESTONES.get(type(data))


def _by_topic(names: Sequence[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for name, count in Counter(names).items():
        found[topic_named(name).name] += count
    return found


def _faults(stage: str, plan: Plan) -> list[Labels]:
    """Stage, topic and code of each dead letter of a batch."""
    outputs = (output for some in plan.outputs.values() for output in some)
    return [_fault(stage, output) for output in outputs if output.topic == DEAD_LETTERS.name]


def _fault(stage: str, letter: Outgoing) -> Labels:
    said = dict(letter.headers)  # ours come last, and count
    return (stage, topic_named(said["dl_topic"].decode()).name, said["dl_code"].decode())


def _age(now_s: float, then_s: float) -> float:
    """Clocks differ, and a stranger's stamp may be of the future: never below zero."""
    return max(0.0, now_s - then_s)
