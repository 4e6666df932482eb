"""Which right or promise a remedy rests on. A missing fact is never a no: it is "unclear"."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from services.recovery.model import Matter, Remedy
from services.recovery.payments import charged_twice, payments_of
from services.recovery.policy import Policy, Right, RightWhen, When

Holds = bool | None  # None: a fact is missing
# What of a matter each list of conditions is about.
_TOLD: Mapping[str, Callable[[Matter], str | None]] = {
    "roles": lambda matter: matter.role,
    "segments": lambda matter: matter.segment,
    "necessity": lambda matter: matter.necessity,
    "phases": lambda matter: matter.phase,
    "severities": lambda matter: matter.severity,
    "categories": lambda matter: matter.category,
    "sought": lambda matter: matter.remedy_sought,
    "order_kinds": lambda matter: matter.order.kind if matter.order else None,
    "order_sold": lambda matter: matter.order.sold if matter.order else None,
}


@dataclass(frozen=True, slots=True)
class Found:
    """The rule that holds, and whether a machine may decide by it."""

    rule: Right
    person: str | None


def right_for(matter: Matter, remedy: Remedy, *, policy: Policy) -> Found | None:
    """The first right or promise under which this remedy is given, for a person or a machine."""
    unclear: Found | None = None
    for rule in policy.rights():
        holds = _holds(rule.when, matter, remedy=remedy, policy=policy)
        if holds is None and rule.unknown == "met":
            holds = True
        if holds:
            return Found(rule, _person(rule))
        if holds is None and unclear is None:
            unclear = Found(rule, "fact_missing")
    return unclear


def applies(when: When, matter: Matter) -> bool:
    """Whether the plain conditions hold for this matter."""
    return all(
        _TOLD[name](matter) in wanted for name, wanted in when.asked.items()
    ) and when.delivered in {None, _delivered(matter)}


def days_since(matter: Matter, counted_from: str, *, zone: str) -> int | None:
    """Whole days, by the calendar, since it was delivered (or bought, when that is all we know)."""
    order = matter.order
    if order is None:
        return None
    bought = order.purchased_at
    start: datetime | None = order.delivered_at if counted_from == "delivered_at" else bought
    start = start or bought
    if start is None:
        return None
    here = ZoneInfo(zone)
    return (matter.received_at.astimezone(here).date() - start.astimezone(here).date()).days


def _delivered(matter: Matter) -> bool:
    return matter.order is not None and matter.order.delivered_at is not None


def _person(rule: Right) -> str | None:
    if not rule.verified:
        return "right_not_verified"
    return "right_for_person" if rule.decides == "person" else None


def _holds(when: RightWhen, matter: Matter, *, remedy: Remedy, policy: Policy) -> Holds:
    if not applies(when, matter) or (when.gives and remedy.kind not in when.gives):
        return False
    found = list(_of_the_order(when, matter, remedy=remedy, policy=policy))
    if False in found:
        return False
    return None if None in found else True


def _of_the_order(
    when: RightWhen, matter: Matter, *, remedy: Remedy, policy: Policy
) -> Iterator[Holds]:
    order = matter.order
    kind = policy.order_kind(order, matter.category)
    yield _among(kind, when.kinds)
    yield _among(order.sold if order else None, when.sold)
    if when.regretted is not None:
        yield matter.regretted == when.regretted
    if when.partial is not None:
        paid = sum(each.limit_minor for each in payments_of(order))
        yield (remedy.amount_minor < paid) == when.partial
    if when.double_charge is not None:
        twice = charged_twice(order, policy.recovery.double_charge_days)
        yield (twice is not None) == when.double_charge
    if when.within_days is not None:
        gone = days_since(matter, when.counted_from, zone=policy.deadlines.calendar.zone)
        yield None if gone is None else gone <= when.within_days


def _among(value: str | None, wanted: Collection[str]) -> Holds:
    if not wanted:
        return True
    return None if value is None else value in wanted
