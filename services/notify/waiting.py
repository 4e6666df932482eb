"""What is decided lacks a signature: the complainant hears that it waits, never for what. Pure."""

from collections.abc import Iterator
from datetime import datetime

from services.notify.clocks import clock_of
from services.notify.etiquette import STATUS, answered, not_before
from services.notify.model import Draft, Matter, Seen
from services.notify.owed import ACKNOWLEDGEMENT, is_public, paused
from services.notify.policy import NotifyPolicy
from shared.business_time import deadline

_ANSWER = "final_answer"
_WHOLE = 100


def waiting(matter: Matter, now: datetime, *, policy: NotifyPolicy) -> list[Draft]:
    """The newest of these words that is due and not yet said; none once an answer is on its way."""
    if ACKNOWLEDGEMENT not in matter.said or matter.ended or is_public(matter, policy):
        return []
    due = [draft for draft, name, _ in _steps(matter, policy) if name in matter.due]
    if paused(matter, policy) or not due or _is_over(due[-1], now):
        return []
    return [draft for draft in due[-1:] if draft.name not in matter.said]


def waiting_timers(matter: Matter, policy: NotifyPolicy) -> list[tuple[str, datetime]]:
    """When each may leave, by the name of its timer: moved when another status mail left."""
    steps = _steps(matter, policy)
    return [(name, at) for draft, name, at in steps if draft.name not in matter.said]


def _steps(matter: Matter, policy: NotifyPolicy) -> Iterator[tuple[Draft, str, datetime]]:
    """Each word that it still waits, the name of its timer, and when that comes."""
    since, promise = matter.unsigned, _promised(matter, policy)
    if since is None or promise is None or answered(matter) or _waits_for_them(matter):
        return
    for number, within in enumerate(policy.rules.waits.signature):
        if number == 0 and matter.said.get(ACKNOWLEDGEMENT, {}).get("unsigned"):
            continue  # the acknowledgement told of the colleague itself
        name = f"waiting:{int(since.timestamp())}:{number}"
        draft = Draft(name, STATUS, "waiting", promise=promise, code=str(number))
        at = deadline(since, within, calendar=policy.deadlines.calendar)
        at = not_before(matter, draft, now=at, policy=policy) or at
        yield draft, f"{name}:{int(at.timestamp())}", at


def _promised(matter: Matter, policy: NotifyPolicy) -> Seen | None:
    """The answer that was promised, by the clock that stood still while we waited for them."""
    for promise in matter.promises.values():
        if promise["kind"] == _ANSWER:
            due_at = clock_of(matter, promise, policy=policy).at(_WHOLE)
            return {"kind": _ANSWER, "due_at": due_at.isoformat()}
    return None


def _is_over(draft: Draft, now: datetime) -> bool:
    """Whether the day it would name is past: then another word is owed, that we are late."""
    return datetime.fromisoformat(str((draft.promise or {})["due_at"])) <= now


def _waits_for_them(matter: Matter) -> bool:
    return any(end is None for _, end in matter.waits)
