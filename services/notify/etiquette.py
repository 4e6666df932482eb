"""Manners: nothing twice in a week, one status mail a day, and nights are quiet. Pure."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.notify.model import Draft, Matter
from services.notify.owed import ACKNOWLEDGEMENT, is_public
from services.notify.policy import NotifyPolicy
from shared.contracts.identity import derived
from shared.contracts.notifications import NoticeKind

STATUS: NoticeKind = "status"


def alike(matter: Matter, draft: Draft, *, about: str, to: str) -> str:
    """Two acknowledgements with this in common say the same of the same matter."""
    contact = matter.triage("contact")
    return derived("alike", matter.case_id, draft.template, about, to, str(contact))


def said_lately(matter: Matter, name: str, *, now: datetime, policy: NotifyPolicy) -> bool:
    """Whether the same acknowledgement left for this matter within the week: a loop, or a copy."""
    before = matter.alike.get(name)
    days = policy.rules.manners.acknowledge_again_days
    return before is not None and now - before < timedelta(days=days)


def thanks_for_reply(matter: Matter, policy: NotifyPolicy) -> list[Draft]:
    """A word that their answer came, once a day; where nobody else reads along."""
    if ACKNOWLEDGEMENT not in matter.said or is_public(matter, policy):
        return []
    return [Draft("reply", STATUS, "reply")]


def dated(matter: Matter, draft: Draft, *, now: datetime, policy: NotifyPolicy) -> Draft | None:
    """The same under a name of its day; None when today's status mail has left already."""
    last = max(status_at(matter), default=None)
    if last is not None and now - last < timedelta(hours=policy.rules.manners.status_every_h):
        return None
    return Draft(f"{draft.name}:{now.isoformat()}", draft.kind, draft.template)


def not_before(
    matter: Matter, draft: Draft, *, now: datetime, policy: NotifyPolicy
) -> datetime | None:
    """When a message that can wait may leave: after the night, a day after the last of its kind."""
    manners = policy.rules.manners
    if draft.template not in manners.can_wait:
        return None
    earliest = now
    if draft.kind == STATUS:
        every = timedelta(hours=manners.status_every_h)
        earliest = max([now, *(at + every for at in status_at(matter))])
    local = earliest.astimezone(ZoneInfo(policy.deadlines.calendar.zone))
    if local.time() < manners.day_begins:
        local = datetime.combine(local.date(), manners.day_begins, local.tzinfo)
    elif local.time() >= manners.day_ends:
        tomorrow = local.date() + timedelta(days=1)
        local = datetime.combine(tomorrow, manners.day_begins, local.tzinfo)
    return None if local <= now else local


def status_at(matter: Matter, *, since: datetime | None = None) -> list[datetime]:
    """When status mails were written; with `since`, those after it."""
    found = []
    for message in matter.said.values():
        notice = message.get("notice")
        if isinstance(notice, dict) and notice.get("kind") == STATUS:
            found.append(datetime.fromisoformat(str(message["at"])))
    return [at for at in found if since is None or at > since]


def answered(matter: Matter) -> bool:
    """Whether an answer has left, or is on its way."""
    for message in matter.said.values():
        notice = message.get("notice")
        stands_for = notice.get("counts_as") if isinstance(notice, dict) else None
        if isinstance(stands_for, list) and "decision" in stands_for:
            return True
    return False
