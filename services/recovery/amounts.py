"""How much money a sought remedy is about: what was asked for, or more; never a guess."""

from dataclasses import dataclass, replace

from services.recovery.model import Matter
from services.recovery.payments import charged_twice, payments_of
from services.recovery.policy import Policy
from services.recovery.rights import days_since
from shared.contracts.money import Money


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum, the payment it came by when it is one in particular, and what stands in the way."""

    amount_minor: int = 0
    currency: str | None = None
    reference: str | None = None
    doubt: str | None = None


def sum_sought(matter: Matter, policy: Policy) -> Sum:
    """The sum that would give what was asked: claimed, charged twice, or all that was paid."""
    payments = payments_of(matter.order)
    claimed = matter.amount_claimed
    if not payments:
        known = Sum(doubt="order_missing")
        return known if claimed is None else _claimed_only(claimed)
    currencies = {paid.currency for paid in payments}
    currency = payments[0].currency
    if len(currencies) > 1 or (claimed is not None and claimed.currency != currency):
        return Sum(currency=currency, doubt="currency_differs")
    paid_minor = sum(paid.limit_minor for paid in payments)
    if paid_minor == 0:
        return Sum(currency=currency, doubt="nothing_left_to_refund")
    return _within_the_paid(matter, Sum(paid_minor, currency), policy=policy)


def _claimed_only(claimed: Money) -> Sum:
    return Sum(claimed.amount_minor, claimed.currency, doubt="order_missing")


def _within_the_paid(matter: Matter, paid: Sum, *, policy: Policy) -> Sum:
    wanted = matter.amount_claimed.amount_minor if matter.amount_claimed else 0
    twice = charged_twice(matter.order, policy.recovery.double_charge_days)
    if twice is not None and not matter.regretted:
        doubt = "claimed_above_double_charge" if wanted > twice.amount_minor else None
        return Sum(twice.amount_minor, paid.currency, twice.reference, doubt)
    if wanted > paid.amount_minor:
        return replace(paid, doubt="claimed_above_paid")
    if wanted:
        return replace(paid, amount_minor=wanted)
    if matter.regretted or matter.category in policy.recovery.whole_sum_categories:
        return paid
    return Sum(currency=paid.currency, doubt="amount_unclear")


def is_regretted_small(matter: Matter, amount_minor: int, *, policy: Policy) -> bool:
    """The one exception: a regretted small purchase, soon after it came, of a consumer."""
    rule, payments = policy.recovery.regretted, payments_of(matter.order)
    if not (matter.regretted and payments and matter.segment == "consumer"):
        return False
    below = rule.below_minor.get(payments[0].currency, 0)
    gone = days_since(matter, "delivered_at", zone=policy.deadlines.calendar.zone)
    return amount_minor < below and gone is not None and gone <= rule.days
