"""Promises: how much of the time is gone, each step told once; kept, or broken and told. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from pydantic import JsonValue

from services.notify.clocks import clock_of
from services.notify.days import named_day
from services.notify.etiquette import answered, status_at
from services.notify.model import Draft, Matter, Seen
from services.notify.policy import NotifyPolicy
from shared.contracts.contract import Contract
from shared.contracts.identity import derived
from shared.contracts.promises import (
    Promise,
    PromiseAtRisk,
    PromiseBroken,
    PromiseKept,
    PromiseMade,
)

_P = TypeVar("_P", bound=Promise)
_WHOLE = 100
PREFIX = "promise:"
# What a message keeps: a decision is the answer and the touch, a person's other words a touch.
_KEEPS = {
    "decision": ("first_touch", "final_answer", "follow_up"),
    "question": ("first_touch", "follow_up"),
    "answer": ("first_touch", "follow_up"),
}


def kept_by(matter: Matter, said: Seen, *, at: datetime, policy: NotifyPolicy) -> list[PromiseKept]:
    """The promises to the complainant that this message keeps, if it is in time."""
    if said["audience"] != "complainant":
        return []
    stands_for = said["counts_as"]
    names = [str(each) for each in (stands_for if isinstance(stands_for, list) else ())]
    kinds = {kind for name in names for kind in _KEEPS.get(name, ())}
    return [
        _event(PromiseKept, matter, promise_id=promise_id, due_at=due_at)
        for promise_id, promise in matter.promises.items()
        if promise["kind"] in kinds
        and (due_at := clock_of(matter, promise, policy=policy).at(_WHOLE)) >= at
    ]


def overdue(
    matter: Matter, now: datetime, *, policy: NotifyPolicy
) -> Iterator[tuple[int, Promise]]:
    """Every step that the clocks have passed and nobody was told of yet."""
    rules = policy.rules.promises
    for promise_id, promise in matter.promises.items():
        clock = clock_of(matter, promise, policy=policy)
        told = matter.warned.get(promise_id, set())
        due_at = clock.at(_WHOLE)
        for percent in rules.warn_percent:
            if percent in told or not clock.has_run(percent, now):
                continue
            if percent < _WHOLE:
                event = _event(
                    PromiseAtRisk, matter, promise_id=promise_id, due_at=due_at, percent=percent
                )
                yield percent, event
            elif promise["kind"] in rules.broken_kinds:
                yield percent, _event(PromiseBroken, matter, promise_id=promise_id, due_at=due_at)


def because_of(
    matter: Matter, told: list[tuple[int, Promise]], *, now: datetime, policy: NotifyPolicy
) -> list[Draft]:
    """Who hears of it: a leader while there is time, the complainant before and when it is over."""
    rules, drafts = policy.rules.promises, []
    for percent, promise in told:
        risk = _told_of(promise, percent)
        if percent in rules.staff_percent:
            name = f"staff:promise:{promise.promise_id}:{percent}"
            code = f"{promise.kind}_{'broken' if percent == _WHOLE else 'at_risk'}"
            audience = policy.rules.staff.promise_audience
            drafts.append(
                Draft(name, "staff", "promise", audience=audience, code=code, promise=risk)
            )
        if percent == _WHOLE and promise.kind in rules.told_kinds:
            drafts.append(Draft("late", "status", "late", promise=risk))
        if percent == rules.risk_percent and promise.kind in rules.risk_kinds:
            drafts += _before_it_is_late(matter, promise, now=now, policy=policy)
    return drafts


def _before_it_is_late(
    matter: Matter, promise: Promise, *, now: datetime, policy: NotifyPolicy
) -> list[Draft]:
    """Where no answer is on its way, and a status mail may leave both now and at the end."""
    room = timedelta(hours=policy.rules.manners.status_every_h)
    if answered(matter) or promise.due_at - now < room or status_at(matter, since=now - room):
        return []
    risk = _told_of(promise, policy.rules.promises.risk_percent)
    return [Draft(f"at_risk:{promise.promise_id}", "status", "at_risk", promise=risk)]


def broken_elsewhere(matter: Matter, data: Contract, *, policy: NotifyPolicy) -> list[Draft]:
    """Money or a task that is late, as recovery says; not where they heard that it failed."""
    if not isinstance(data, PromiseBroken) or data.kind not in policy.rules.promises.heard_kinds:
        return []
    if any(name.startswith("failed:") for name in matter.said):
        return []
    name = f"late:{data.promise_id}"
    found = Draft(name, "status", f"late_{data.kind}", promise=_told_of(data, _WHOLE))
    return [found] if name not in matter.said else []


def made_with(
    matter: Matter, draft: Draft, *, now: datetime, policy: NotifyPolicy
) -> list[PromiseMade]:
    """The promise in a message that names a day: whoever reads it will wait for that day."""
    rules = policy.rules.promises
    if draft.audience != "complainant" or draft.template not in rules.made_by:
        return []
    due_at = named_day(matter, now, policy=policy)
    promise = PromiseMade(
        promise_id=derived("promise", matter.complaint_id, draft.name),
        complaint_id=matter.complaint_id,
        case_id=matter.case_id,
        kind="follow_up",
        due_at=due_at.astimezone(UTC),
        owner=rules.made_owner,
    )
    return [promise]


def next_steps(matter: Matter, policy: NotifyPolicy) -> list[tuple[str, datetime]]:
    """The next step of each promise, by the name of its timer: moved when its clock stood still."""
    found = []
    for promise_id, promise in matter.promises.items():
        told = matter.warned.get(promise_id, set())
        percent = next((p for p in policy.rules.promises.warn_percent if p not in told), None)
        if percent is not None:
            at = clock_of(matter, promise, policy=policy).at(percent)
            found.append((f"{PREFIX}{promise_id}:{percent}:{int(at.timestamp())}", at))
    return found


def _told_of(promise: Promise, percent: int) -> Seen:
    """What a message about a promise says of it, and at which share of its time."""
    return {
        "promise_id": promise.promise_id,
        "percent": percent,
        "due_at": promise.due_at.isoformat(),
        "kind": promise.kind,
    }


def _event(
    kind: type[_P], matter: Matter, *, promise_id: str, due_at: datetime, **more: JsonValue
) -> _P:
    promise = matter.promises[promise_id]
    fields = {
        "promise_id": promise_id,
        "complaint_id": matter.complaint_id,
        "case_id": promise["case_id"],
        "kind": promise["kind"],
        "due_at": due_at,
        "owner": promise.get("owner") or "",
    }
    return kind.model_validate({**fields, **more})
