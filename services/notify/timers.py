"""What notify waits for, each with its timer: set once, harmless when it comes too late. Pure."""

from collections.abc import Collection
from datetime import datetime, timedelta

from services.notify.escalation import steps
from services.notify.model import Matter
from services.notify.owed import (
    ACKNOWLEDGEMENT,
    came_to_nothing,
    outcome_name,
    paused,
    waits_for_decision,
    words_timer,
)
from services.notify.policy import NotifyPolicy
from services.notify.promises import PREFIX, next_steps
from services.notify.surveys import survey_timer
from services.notify.waiting import waiting_timers
from shared.contracts.cases import CaseWithdrawn
from shared.contracts.contract import Contract
from shared.contracts.identity import derived
from shared.contracts.inbox import EffectOutcome
from shared.contracts.promises import PromiseBroken, PromiseKept
from shared.contracts.triaged import ComplaintTriaged
from shared.stage.decision import Effect

# The wait for triage: nearly every complaint sets it, and nearly none needs it.
PLAIN = "plain"
# The wait for the decision, so that one message may both hear and answer.
DECISION = "decision"
# What may be the end of a promise; a message that kept one is in `EffectOutcome`.
_ENDS = (EffectOutcome, PromiseBroken, PromiseKept, CaseWithdrawn)


def timers_for(
    matter: Matter, now: datetime, *, policy: NotifyPolicy
) -> tuple[tuple[str, Effect], ...]:
    """The timers to set now, by name."""
    waits, found = policy.rules.waits, []
    unread = matter.registered is not None and matter.triaged is None
    if unread and ACKNOWLEDGEMENT not in matter.said:
        found.append((PLAIN, now, waits.plain_acknowledgement_s))
    if _holds_back(matter, policy):
        since = datetime.fromisoformat(str((matter.triaged or {})["at"]))
        found.append((DECISION, since, waits.decision_s))
    if matter.left_at is not None and matter.triaged is not None and paused(matter, policy):
        found.append(("pause", matter.left_at, waits.pause_s))
    if _words_wait(matter):
        found.append((words_timer(matter), now, waits.words_s))
    dated = [(name, since + timedelta(seconds=wait_s)) for name, since, wait_s in found]
    dated += next_steps(matter, policy)
    dated += steps(matter, now, policy=policy)
    dated += waiting_timers(matter, policy)
    survey = survey_timer(matter, policy)
    dated += [] if survey is None else [survey]
    return tuple(
        (name, _timer(matter, name, due_at=due_at))
        for name, due_at in dated
        if name not in matter.timers
    )


def timers_over(
    matter: Matter, heard: Contract, *, said: Collection[str] = (), kept: Collection[str] = ()
) -> tuple[str, ...]:
    """The keys of timers that nobody waits for any more because of this event.

    `said`: the names of the messages that leave with it, `kept`: the promises that it kept.
    """
    waited = matter.timers - matter.due
    over = {PLAIN} if isinstance(heard, ComplaintTriaged) else set[str]()
    if ACKNOWLEDGEMENT in said:
        over.add(DECISION)
    if isinstance(heard, _ENDS):
        open_ = matter.promises.keys() - set(kept)
        over |= {name for name in waited if _promise_of(name) not in {"", *open_}}
    return tuple(_key(matter, name) for name in sorted(waited & over))


def _promise_of(timer: str) -> str:
    """The promise whose clock a timer watches; empty for other timers."""
    return timer.removeprefix(PREFIX).partition(":")[0] if timer.startswith(PREFIX) else ""


def _holds_back(matter: Matter, policy: NotifyPolicy) -> bool:
    """The acknowledgement waits for the decision."""
    both = matter.registered is not None and matter.triaged is not None
    return both and ACKNOWLEDGEMENT not in matter.said and waits_for_decision(matter, policy)


def _words_wait(matter: Matter) -> bool:
    """A person's decision and the money it decided have not met yet."""
    approved = matter.recoveries.get("approved")
    signed = approved is not None and str(approved.get("decided_by")).startswith("person:")
    unsaid = [
        words
        for name, words in matter.words.items()
        if words["kind"] == "decided"
        and f"words:{name}" not in matter.said
        and not came_to_nothing(matter, words)
    ]
    if signed and approved is not None:
        return outcome_name(approved) not in matter.said and not unsaid
    return any(words.get("gestures") for words in unsaid)


def _timer(matter: Matter, name: str, *, due_at: datetime) -> Effect:
    return Effect(
        key=_key(matter, name),
        kind="timer",
        complaint_id=matter.complaint_id,
        payload={"name": name},
        due_at=due_at,
    )


def _key(matter: Matter, name: str) -> str:
    return derived("timer", "notify", matter.complaint_id, name)
