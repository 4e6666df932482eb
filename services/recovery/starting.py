"""What a signature sets going for one gesture: an effect, a task with a time, or words at once."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import JsonValue

from services.recovery.events import promise_of, with_gesture
from services.recovery.model import MONEY_KINDS, TASKS, WORDS, Held, Standing
from services.recovery.policy import Policy
from shared.business_time import Within, closing, deadline
from shared.contracts.contract import Contract
from shared.contracts.identity import derived
from shared.contracts.promises import PromiseMade
from shared.stage.decision import Effect

GRANT_END = "grant_end"


@dataclass(frozen=True, slots=True)
class Started:
    """The gesture as it is now, and what goes out for it."""

    held: Held
    promises: tuple[Contract, ...] = ()
    effects: tuple[Effect, ...] = ()


def started(held: Held, standing: Standing, *, at: datetime, policy: Policy) -> Started:
    """Set a proposed gesture going; any other stays as it is."""
    gesture = held.gesture
    if gesture.state != "proposed":
        return Started(held)
    held = held.model_copy(update={"given_at": at})
    if gesture.kind in WORDS:
        return Started(with_gesture(held, state="posted"))
    if gesture.kind in TASKS:
        due_at = _task_due(held, standing, at=at, policy=policy)
        return _dated(with_gesture(held, state="pending", due_at=due_at), standing)
    if gesture.kind in MONEY_KINDS:
        due_at = closing(
            at, policy.recovery.payout_business_days, calendar=policy.deadlines.calendar
        )
        dated = _dated(with_gesture(held, state="pending", due_at=due_at), standing)
        paid = _performed(gesture.provider or "book", dated.held, standing=standing)
        return Started(dated.held, dated.promises, (paid, *dated.effects))
    return _granted(with_gesture(held, state="pending"), standing, at=at, policy=policy)


def _granted(held: Held, standing: Standing, *, at: datetime, policy: Policy) -> Started:
    """Issued now; looked after again when it is no longer good."""
    terms = policy.recovery.grants[held.gesture.kind]
    ends_at = at + timedelta(days=terms.valid_days)
    issued = _performed("grant", held, standing=standing)
    more: dict[str, JsonValue] = {
        "valid_until": ends_at.isoformat(),
        "units": terms.units,
        "unit": terms.unit,
    }
    grant_id = held.gesture.gesture_id
    end = Effect(
        end_of_grant(grant_id),
        GRANT_END,
        standing.complaint_id,
        {"grant_id": grant_id},
        due_at=ends_at,
        after=grant_id,
    )
    return Started(held, effects=(replace(issued, payload={**issued.payload, **more}), end))


def end_of_grant(grant_id: str) -> str:
    """The key of the effect that looks what became of a grant when its time is over."""
    return derived(GRANT_END, grant_id)


def _task_due(held: Held, standing: Standing, *, at: datetime, policy: Policy) -> datetime:
    hours = policy.recovery.tasks[held.gesture.kind].business_h[standing.severity]
    return deadline(at, Within(business_hours=hours), calendar=policy.deadlines.calendar)


def _dated(held: Held, standing: Standing) -> Started:
    due_at, gesture_id = held.gesture.due_at, held.gesture.gesture_id
    if due_at is None:
        return Started(held)
    promise = promise_of(PromiseMade, standing, held=held, due_at=due_at)
    payload = {"name": "promise_due", "gesture_id": gesture_id}
    key = derived("promise_due", gesture_id)
    timer = Effect(key, "timer", standing.complaint_id, payload, due_at=due_at)
    return Started(held, (promise,), (timer,))


def _performed(kind: str, held: Held, *, standing: Standing) -> Effect:
    gesture = held.gesture
    payload: dict[str, JsonValue] = {
        "recovery_id": standing.recovery_id,
        "gesture": gesture.kind,
        "amount_minor": gesture.amount_minor,
        "currency": gesture.currency,
        "payment_reference": gesture.payment_reference,
        "order_id": gesture.order_id,
    }
    return Effect(gesture.gesture_id, kind, standing.complaint_id, payload)
