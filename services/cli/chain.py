"""The whole chain as a pure function: one submitted complaint in, all that came of it out.

The same cores and the same fold as the services; no broker, no ledger, no outside world. Money
stays pending, because nobody answers for the payment provider; timers come when they are due.
A message to the complainant counts as handed over at once, so that pauses end, but not as sent.
"""

import heapq
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from pydantic import JsonValue

from services.cli.stages import Folding, Part
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.identity import derived
from shared.contracts.inbox import EffectOutcome, TimerDue
from shared.errors import Invalid
from shared.stage.decision import Decision, Effect, Memory, Rejected

# Longer than any pause before a message, shorter than the first silence that counts against a
# person (two business hours): `explain` shows what the machine does, not what people leave undone.
TIMERS_WITHIN = timedelta(hours=1)
# A chain that says more than this about one complaint is going in circles.
EVENTS_MAX = 500
# Notify's timers of promises and of what nobody took; the effects by which it speaks outside.
PEOPLES_TIMERS = ("promise:", "escalate:")
MESSAGES = frozenset({"mail", "reply", "call"})


class World:
    """One complainant's complaints going through the stages, in causal order."""

    def __init__(self, parts: Sequence[Part]) -> None:
        """A world in which nothing has happened yet."""
        self.events: list[Event[Contract]] = []
        self._parts = parts
        self._folds = [part.fold() for part in parts]
        self._queue: deque[Event[Contract]] = deque()
        self._timers: list[tuple[datetime, int, Part, Effect]] = []
        self._timers_set, self._left = 0, EVENTS_MAX
        self._voided: set[str] = set()
        self._seen: set[str] = set()

    def submit(self, event: Event[Contract]) -> None:
        """Send a complaint through, with the timers that are due soon after.

        Raises `Invalid` when a stage rejects it.
        """
        self._timers.clear()  # what an earlier complaint waited for is over
        self._left = EVENTS_MAX
        self._queue.append(event)
        self._settle()
        while self._timers and self._timers[0][0] <= event.time + TIMERS_WITHIN:
            due_at, _, part, effect = heapq.heappop(self._timers)
            if effect.key not in self._voided:
                self._queue.append(_due(effect, due_at, part=part, key=event.key))
                self._settle()

    def recall(self, stage: str, memories: Iterable[Memory], *, key: str) -> None:
        """Let a stage remember of this record key what happened elsewhere."""
        for part, fold in zip(self._parts, self._folds, strict=True):
            if part.name == stage:
                fold.memories.setdefault(key, []).extend(memories)

    def claim(self, stage: str, rows: Mapping[str, int]) -> None:
        """Let these rows count for a stage as so much, and no others."""
        for part, fold in zip(self._parts, self._folds, strict=True):
            if part.name == stage:
                fold.reserved.clear()
                fold.reserved.update(rows)

    def _settle(self) -> None:
        while self._queue:
            event = self._queue.popleft()
            if event.id in self._seen:
                continue
            self._seen.add(event.id)
            self.events.append(event)
            self._left -= 1
            if self._left < 0:
                message = "the chain goes in circles"
                raise RuntimeError(message)
            for part, fold in zip(self._parts, self._folds, strict=True):
                if event.topic in part.reads:
                    self._decide(event, part=part, fold=fold)

    def _decide(self, event: Event[Contract], *, part: Part, fold: Folding) -> None:
        answer, emitted = fold.decide(event)
        if isinstance(answer, Rejected):
            raise Invalid(*answer.faults)
        fold.remember(event, answer)
        self._queue.extend(emitted)
        self._set(event, answer, part=part)
        for effect in answer.effects:
            if effect.kind in MESSAGES:
                self._leave(effect, event, part=part, fold=fold)

    def _leave(self, effect: Effect, event: Event[Contract], *, part: Part, fold: Folding) -> None:
        """Let the stage know that a message is out of its hands; what it emits is not told."""
        outcome = _handed_over(effect, event.time, part=part, key=event.key)
        answer, _ = fold.decide(outcome)
        if isinstance(answer, Decision):
            fold.remember(outcome, answer)
            self._set(outcome, answer, part=part)

    def _set(self, event: Event[Contract], answer: Decision, *, part: Part) -> None:
        """Keep the timers; whatever else would be done in the world is not."""
        self._voided.update(answer.voids)
        for effect in answer.effects:
            if effect.kind == "timer" and not _of_people(effect):
                self._timers_set += 1
                due_at = effect.due_at or event.time
                heapq.heappush(self._timers, (due_at, self._timers_set, part, effect))


def _of_people(effect: Effect) -> bool:
    """Whether a timer watches what people promised: nobody is at work in this world."""
    return str(effect.payload.get("name")).startswith(PEOPLES_TIMERS)


def _due(effect: Effect, at: datetime, *, part: Part, key: str) -> Event[Contract]:
    detail: dict[str, JsonValue] = dict(effect.payload)
    data = TimerDue(
        effect_key=effect.key,
        complaint_id=effect.complaint_id,
        name=str(detail.pop("name", "")),
        detail=detail,
        at=at,
    )
    event_id = derived(effect.key, TimerDue.TYPE)
    return Event(event_id, f"kulanse/{part.name}", key, at, data, topic=part.inbox)


def _handed_over(effect: Effect, at: datetime, *, part: Part, key: str) -> Event[Contract]:
    data = EffectOutcome(
        effect_key=effect.key,
        kind=effect.kind,
        complaint_id=effect.complaint_id,
        state="posted",
        at=at,
    )
    event_id = derived(effect.key, EffectOutcome.TYPE)
    return Event(event_id, f"kulanse/{part.name}", key, at, data, topic=part.inbox)
