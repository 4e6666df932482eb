"""How a message went: sent, failed or unknown; and which promises that kept. Pure."""

from datetime import datetime

from pydantic import JsonValue

from services.notify.model import Draft, Matter, Seen, add, folded
from services.notify.owed import ACKNOWLEDGEMENT
from services.notify.policy import NotifyPolicy
from services.notify.promises import kept_by
from services.notify.telling import Telling
from services.notify.timers import timers_for
from services.notify.ways import mail_address
from shared.contracts.inbox import EffectOutcome
from shared.contracts.notifications import NotificationFailed, NotificationSent
from shared.stage.decision import NOTHING, Decision

# What the memory of an outcome holds at least: with nothing more it is not worth keeping.
_BARE = {"what", "complaint", "at", "kept"}


def after_effect(
    outcome: EffectOutcome, now: datetime, *, memories: list[Seen], policy: NotifyPolicy
) -> Decision:
    """The notice's own event; a colleague is told when it did not arrive. Never sent again."""
    matter = folded(outcome.complaint_id, memories)
    said = _said(matter, outcome.effect_key)
    if said is None or outcome.state == "in_flight":
        return NOTHING
    counts_as = said["counts_as"]
    notice = {**said, "counts_as": tuple(counts_as if isinstance(counts_as, list) else ())}
    telling = Telling(matter, now, policy)
    kept: list[JsonValue] = []
    if outcome.state == "posted":
        way = str(outcome.detail.get("way") or outcome.kind)
        sent = {**notice, "way": way, "at": outcome.at}
        telling.emits.append(NotificationSent.model_validate(sent))
        for promise in kept_by(matter, said, at=outcome.at, policy=policy):
            telling.emits.append(promise)
            kept.append(promise.promise_id)
    elif outcome.state == "manual":
        _show(telling, said, code="unknown")  # it was told as unknown before
    else:
        state = "failed" if outcome.state == "failed" else "unknown"
        code = outcome.code or state
        telling.emits.append(
            NotificationFailed.model_validate(
                {**notice, "state": state, "code": code, "at": outcome.at}
            )
        )
        if state == "failed":
            _show(telling, said, code=code)
    seen: dict[str, JsonValue] = {"what": "effect"}
    seen |= {"complaint": matter.complaint_id, "at": now.isoformat(), "kept": kept}
    if matter.left_at is None and _is_first(matter, outcome.effect_key):
        seen["left_at"] = outcome.at.isoformat()
        add(matter, seen)
    address = mail_address(matter) if outcome.detail.get("dead_address") else ""
    if address:
        seen["personal"] = {"dead": address}
        matter.dead |= {address}
        if outcome.state == "posted":  # else it is told as undelivered
            _show(telling, said, code="dead_address", template="dead_address")
    timers = timers_for(matter, now, policy=policy)
    if not kept and not telling.said and not timers and seen.keys() <= _BARE:
        return Decision(emits=tuple(telling.emits))
    return telling.decision(seen, timers)


def _show(telling: Telling, said: Seen, *, code: str, template: str = "undelivered") -> None:
    """A colleague sees what became of a message to the complainant, and finds another way."""
    if said["audience"] == "complainant":
        audience = telling.policy.rules.staff.undelivered_audience
        name = f"staff:undelivered:{said['notice_id']}"
        telling.tell(Draft(name, "staff", template, audience=audience, code=code))


def _is_first(matter: Matter, effect_key: str) -> bool:
    return matter.said.get(ACKNOWLEDGEMENT, {}).get("key") == effect_key


def _said(matter: Matter, effect_key: str) -> dict[str, JsonValue] | None:
    for message in matter.said.values():
        notice = message.get("notice")
        if message.get("key") == effect_key and isinstance(notice, dict):
            return notice
    return None
