"""How a message went: sent, failed or unknown; and which promises that kept. Pure."""

from datetime import datetime

from pydantic import JsonValue

from services.notify.model import Draft, Matter, Seen, add, folded, unsay
from services.notify.owed import ACKNOWLEDGEMENT, owed
from services.notify.policy import NotifyPolicy
from services.notify.promises import kept_by
from services.notify.telling import Telling
from services.notify.timers import timers_for, timers_over
from services.notify.ways import address_mark, mail_addresses
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
    telling = Telling(matter, now, policy)
    kept = _announce(telling, outcome, said=said)
    seen: dict[str, JsonValue] = {"what": "effect"}
    seen |= {"complaint": matter.complaint_id, "at": now.isoformat(), "kept": [*kept]}
    if matter.left_at is None and _is_first(matter, outcome.effect_key):
        seen["left_at"] = outcome.at.isoformat()
        add(matter, seen)
    if outcome.detail.get("dead_address"):
        seen |= _suppressed(telling, outcome, said=said)
    timers = timers_for(matter, now, policy=policy)
    if not kept and not telling.said and not timers and seen.keys() <= _BARE:
        return Decision(emits=tuple(telling.emits))
    over = timers_over(matter, outcome, kept=kept)
    return telling.decision(seen, timers, over=over)


def _announce(telling: Telling, outcome: EffectOutcome, *, said: Seen) -> list[str]:
    """The notice's own event, and the promises that it kept."""
    lists = ((name, said.get(name)) for name in ("counts_as", "people"))
    notice = {**said, **{name: tuple(all_) for name, all_ in lists if isinstance(all_, list)}}
    if outcome.state == "posted":
        way = str(outcome.detail.get("way") or outcome.kind)
        sent = {**notice, "way": way, "at": outcome.at}
        telling.emits.append(NotificationSent.model_validate(sent))
        kept = kept_by(telling.matter, said, at=outcome.at, policy=telling.policy)
        telling.emits += kept
        return [promise.promise_id for promise in kept]
    if outcome.state == "manual":
        _show(telling, said, code="unknown")  # it was told as unknown before
        return []
    state = "failed" if outcome.state == "failed" else "unknown"
    failed = {**notice, "state": state, "code": outcome.code or state, "at": outcome.at}
    telling.emits.append(NotificationFailed.model_validate(failed))
    if state == "failed" and not _came_back(outcome):
        _show(telling, said, code=str(failed["code"]))
    return []


def _suppressed(telling: Telling, outcome: EffectOutcome, *, said: Seen) -> dict[str, JsonValue]:
    """Nobody lives there: nothing more goes there, and what came back is said another way."""
    matter, back = telling.matter, _came_back(outcome)
    address, seen = _where_it_went(matter, outcome.effect_key), dict[str, JsonValue]()
    if address:
        seen["personal"] = {"dead": address}
        matter.dead |= {address}
    # Else it is told as undelivered.
    if address and (back or outcome.state == "posted"):
        _show(telling, said, code="dead_address", template="dead_address")
    if back:
        name = next(n for n, m in matter.said.items() if m.get("key") == outcome.effect_key)
        seen["bounced"] = name
        unsay(matter, name)
        _say_again(telling, name, said=said)
    return seen


def _show(telling: Telling, said: Seen, *, code: str, template: str = "undelivered") -> None:
    """A colleague sees what became of a message to the complainant, and finds another way."""
    if said["audience"] == "complainant":
        audience = telling.policy.rules.staff.undelivered_audience
        name = f"staff:undelivered:{said['notice_id']}"
        telling.tell(Draft(name, "staff", template, audience=audience, code=code))


def _came_back(outcome: EffectOutcome) -> bool:
    """Nobody lives where it went: it must be said another way."""
    return bool(outcome.detail.get("bounced") and outcome.detail.get("dead_address"))


def _say_again(telling: Telling, name: str, *, said: Seen) -> None:
    """By a call, else a colleague finds a way; a colleague's own words are with her."""
    owes = owed(telling.matter, telling.now, policy=telling.policy)
    again = next((draft for draft in owes if draft.name == name), None)
    if again is not None and said["kind"] != "status":
        telling.tell(again)


def _where_it_went(matter: Matter, effect_key: str) -> str:
    """The address of theirs that a message went to, if it still counts."""
    went = (m.get("to") for m in matter.said.values() if m.get("key") == effect_key)
    mark = next(went, None)
    known = (each for each in mail_addresses(matter) if mark in (None, address_mark(each)))
    return next(known, "")


def _is_first(matter: Matter, effect_key: str) -> bool:
    return matter.said.get(ACKNOWLEDGEMENT, {}).get("key") == effect_key


def _said(matter: Matter, effect_key: str) -> dict[str, JsonValue] | None:
    for message in matter.said.values():
        notice = message.get("notice")
        if message.get("key") == effect_key and isinstance(notice, dict):
            return notice
    return None
