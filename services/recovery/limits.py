"""Who signs, and how much goodwill one complainant has had. Limits never say whether."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from services.recovery.model import Held, Matter, Paid, Remedy, Standing
from services.recovery.payments import payments_of
from services.recovery.policy import Policy
from shared.contracts.recoveries import Approval, Basis, Gesture, GestureKind
from shared.people import Person

GIVEN = frozenset({"pending", "posted", "unknown", "manual"})


def cost_minor(remedies: Iterable[Remedy], matter: Matter, *, policy: Policy) -> dict[str, int]:
    """What leaves, by currency: the sums, and for goods sent again what the order cost."""
    return costs_of(remedies, payments_of(matter.order), policy=policy)


def costs_of(
    remedies: Iterable[Remedy | Gesture], payments: Iterable[Paid], *, policy: Policy
) -> dict[str, int]:
    """The same, of an order that was paid like this."""
    paid_for, costs = tuple(payments), dict[str, int]()
    for remedy in remedies:
        if remedy.kind in policy.recovery.costs_order:
            for paid in paid_for:
                costs[paid.currency] = costs.get(paid.currency, 0) + paid.limit_minor
        elif remedy.amount_minor and remedy.currency is not None:
            costs[remedy.currency] = costs.get(remedy.currency, 0) + remedy.amount_minor
    return costs


def signed_alone(
    person: str, before: Iterable[Standing], *, at: datetime, policy: Policy
) -> dict[str, int]:
    """What this colleague decided and signed herself for one complainant of late, by currency."""
    since, sums = at - timedelta(days=policy.recovery.own_limit_days), dict[str, int]()
    for standing in before:
        hers = [
            held.gesture
            for held in standing.held
            if held.signed_by == person
            and held.gesture.state in GIVEN
            and held.given_at is not None
            and held.given_at > since
        ]
        sums = added(sums, costs_of(hers, standing.payments, policy=policy))
    return sums


def added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    """Both, by currency."""
    return {each: one.get(each, 0) + other.get(each, 0) for each in {**one, **other}}


def signer(costs_minor: Mapping[str, int], policy: Policy) -> Approval:
    """Who must sign for this much; a currency without a limit goes to a person."""
    levels: set[Approval] = {"automatic"}
    for currency, sum_minor in costs_minor.items():
        limits = policy.recovery.limits.get(currency)
        if limits is None:
            return "person"
        if sum_minor > limits.team_lead:
            levels.add("manager")
        elif sum_minor > limits.automatic:
            levels.add("team_lead")
    return max(levels, key=("automatic", "team_lead", "manager").index)


def may_sign(person: Person, approval: Approval, *, costs_minor: Mapping[str, int]) -> bool:
    """Whether this colleague may sign what needs this approval and costs this much."""
    ranks = {"team_lead": ("team_lead", "manager"), "manager": ("manager",)}
    roles = ranks.get(approval)
    return (roles is None or person.role in roles) and person.may_sign(costs_minor)


def is_valued_goodwill(kind: GestureKind, basis: Basis, *, amount_minor: int) -> bool:
    """What the caps count: gestures of goodwill that have a value."""
    return basis == "ex_gratia" and amount_minor > 0 and kind != "compensation"


def passes_caps(
    remedies: Iterable[Remedy], before: Iterable[Standing], *, at: datetime, policy: Policy
) -> bool:
    """Whether this goodwill, on top of what was given in the rolling window, stays in the caps."""
    caps = policy.recovery.goodwill
    new = [r for r in remedies if is_valued_goodwill(r.kind, r.basis, amount_minor=r.amount_minor)]
    if not new:
        return True
    given = list(_given(before, at - timedelta(days=caps.days)))
    if len(given) + len(new) > caps.gestures_max:
        return False
    sums: dict[str | None, int] = {}
    for currency, amount_minor in (
        *((held.gesture.currency, held.gesture.amount_minor) for held in given),
        *((remedy.currency, remedy.amount_minor) for remedy in new),
    ):
        sums[currency] = sums.get(currency, 0) + amount_minor
    return all(sums[r.currency] <= caps.value_minor_max.get(r.currency or "", 0) for r in new)


def _given(before: Iterable[Standing], since: datetime) -> Iterable[Held]:
    for standing in before:
        for held in standing.held:
            gesture = held.gesture
            valued = is_valued_goodwill(gesture.kind, held.basis, amount_minor=gesture.amount_minor)
            if valued and gesture.state in GIVEN and held.given_at and held.given_at > since:
                yield held
