"""Who hears of what is urgent: one on call, her deputy, then all; until a person has it. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.notify.model import Draft, Matter
from services.notify.policy import NotifyPolicy
from shared.contracts.notifications import Audience
from shared.people import Person

PREFIX = "escalate:"
_DEPUTY, _ALL = f"{PREFIX}deputy", f"{PREFIX}all"


def urgent(matter: Matter, policy: NotifyPolicy) -> tuple[tuple[str, Audience], ...]:
    """What cannot wait, each with the template that tells it and who is told."""
    if matter.triaged is None or matter.triage("automatic"):
        return ()
    staff, threat = policy.rules.staff, matter.triage("abuse") == "threat"
    safety = bool(matter.triage("safety"))
    wanted: tuple[tuple[bool, str, Audience], ...] = (
        (threat, "threat", staff.threat_audience),
        (safety, "safety", staff.safety_audience),
        # Danger and threats say it themselves.
        (_is_critical(matter) and not (threat or safety), "critical", staff.critical_audience),
    )
    return tuple((template, audience) for is_due, template, audience in wanted if is_due)


def at_once(matter: Matter, now: datetime, *, policy: NotifyPolicy) -> list[Draft]:
    """To whoever is on call; to the whole role where nobody is."""
    return [
        Draft(
            f"staff:{template}{_anew(matter, template)}",
            "staff",
            template,
            audience=audience,
            people=_names(list(_on_call(audience, now, policy=policy))[:1]),
        )
        for template, audience in urgent(matter, policy)
    ]


def still_open(matter: Matter, now: datetime, *, policy: NotifyPolicy) -> list[Draft]:
    """Nobody took it: the deputy hears, then everybody who is there."""
    drafts = []
    for template, audience in urgent(matter, policy):
        anew = _anew(matter, template)
        for step in () if matter.has_in_hand(template) else (_DEPUTY, _ALL):
            if step + anew in matter.due:
                people = _told(audience, step, now=now, policy=policy)
                name = f"staff:{template}:{step}{anew}"
                drafts.append(
                    Draft(
                        name, "staff", "escalated", audience=audience, code=template, people=people
                    )
                )
    return drafts


def steps(matter: Matter, now: datetime, *, policy: NotifyPolicy) -> list[tuple[str, datetime]]:
    """The timers of an urgent matter that nobody has taken, by name."""
    rules = policy.rules.escalation
    waits = ((_DEPUTY, rules.deputy_s), (_ALL, rules.all_s))
    found = {
        step + _anew(matter, template): now + timedelta(seconds=wait_s)
        for template, _ in urgent(matter, policy)
        if not matter.has_in_hand(template)
        for step, wait_s in waits
    }
    return list(found.items())


def _anew(matter: Matter, template: str) -> str:
    """What a reply told is a call of its own, whoever answered the one before it."""
    at = matter.raised.get(template)
    return "" if at is None else f":{int(at.timestamp())}"


def _is_critical(matter: Matter) -> bool:
    return matter.triage("severity") == "critical" and matter.triage("kind") != "praise"


def _told(audience: Audience, step: str, *, now: datetime, policy: NotifyPolicy) -> tuple[str, ...]:
    rules, people = policy.rules.escalation, policy.people
    if step == _ALL:
        local = _local(now, policy)
        there = (p for p in people.people if p.role in rules.all_roles and p.is_on_call(local))
        return _names(there)
    first = next(iter(_on_call(audience, now, policy=policy)), None)
    deputy = people.named(first.deputy) if first is not None and first.deputy else None
    return _names([] if deputy is None else [deputy])


def _on_call(audience: Audience, now: datetime, *, policy: NotifyPolicy) -> Iterable[Person]:
    role, local = policy.rules.escalation.roles.get(audience), _local(now, policy)
    return (p for p in policy.people.with_role(str(role)) if p.is_on_call(local))


def _local(now: datetime, policy: NotifyPolicy) -> datetime:
    return now.astimezone(ZoneInfo(policy.deadlines.calendar.zone))


def _names(people: Iterable[Person]) -> tuple[str, ...]:
    return tuple(person.person for person in people)
