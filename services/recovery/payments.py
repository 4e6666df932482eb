"""What was paid, what is left of it, and which payment money goes back along."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import lru_cache
from itertools import pairwise

from services.recovery.model import ALONG_PAYMENT, Held, Paid, Remedy
from shared.contracts.recoveries import Gesture
from shared.contracts.submitted import Order, Payment
from shared.stage.decision import Reserve

# A decision asks for the payments of its order a dozen times, and for no other's.
ORDERS_KEPT_MAX = 16


def row_of(reference: str) -> str:
    """The shared row that counts what has been promised or sent back along a payment."""
    return f"payment:{reference}"


@lru_cache(maxsize=ORDERS_KEPT_MAX)
def payments_of(order: Order | None) -> tuple[Paid, ...]:
    """Each payment, and how much of it may still go back.

    `refunded_minor` does not say along which payment; with several it is held against each, so
    that the sum of refunds can never exceed what was paid.
    """
    if order is None:
        return ()
    return tuple(
        Paid(
            reference=payment.reference,
            limit_minor=max(0, payment.amount_minor - order.refunded_minor),
            currency=payment.currency,
        )
        for payment in order.paid()
    )


def charged_twice(order: Order | None, within_days: int) -> Payment | None:
    """The later of two payments of the same sum, close together: the one that goes back."""
    if order is None:
        return None
    # Nothing paid twice is nothing: a voucher line and a free item are no double charge.
    paid = (each for each in order.paid() if each.amount_minor > 0)
    dated = [(each.paid_at, each) for each in paid if each.paid_at is not None]
    dated.sort(key=lambda pair: (pair[0], pair[1].reference))
    within = timedelta(days=within_days)
    for (first_at, first), (later_at, later) in pairwise(dated):
        same = (first.amount_minor, first.currency) == (later.amount_minor, later.currency)
        if same and first.reference != later.reference and later_at - first_at <= within:
            return later
    return None


def spread(remedy: Remedy, payments: Iterable[Paid]) -> tuple[Remedy, ...]:
    """The sum along the payments it came by, in order: one gesture a payment."""
    if remedy.payment_reference is not None:
        return (remedy,)
    left, parts = remedy.amount_minor, []
    for paid in payments:
        share = min(left, paid.limit_minor)
        if share > 0:
            given = {"amount_minor": share, "payment_reference": paid.reference}
            parts.append(remedy.model_copy(update=given))
            left -= share
    # What no payment covers stays visible: the doubts have sent it to a person.
    return tuple(parts) if left == 0 else (remedy,)


def left_of(payments: Iterable[Paid], *, reserved: Mapping[str, int]) -> tuple[Paid, ...]:
    """The same payments, each with what has not been promised or sent back along it."""
    return tuple(
        paid.model_copy(
            update={
                "limit_minor": max(0, paid.limit_minor - reserved.get(row_of(paid.reference), 0))
            }
        )
        for paid in payments
    )


def overdrawn(
    remedies: Iterable[Remedy | Gesture], payments: Iterable[Paid], *, reserved: Mapping[str, int]
) -> bool:
    """Whether a payment has too little left for what shall go back along it."""
    limits = {paid.reference: paid for paid in payments}
    wanted: dict[str, int] = {}
    for remedy in remedies:
        if remedy.kind in ALONG_PAYMENT and remedy.amount_minor:
            paid = limits.get(remedy.payment_reference or "")
            if paid is None or paid.currency != remedy.currency:
                return True
            wanted[paid.reference] = wanted.get(paid.reference, 0) + remedy.amount_minor
    return any(
        reserved.get(row_of(reference), 0) + sum_minor > limits[reference].limit_minor
        for reference, sum_minor in wanted.items()
    )


def reserve(held: Held, limits: Mapping[str, Paid]) -> tuple[Held, tuple[Reserve, ...]]:
    """Claim the gesture's sum on its payment, once."""
    gesture = held.gesture
    paid = limits.get(gesture.payment_reference or "")
    if gesture.kind not in ALONG_PAYMENT or held.reserved_minor or paid is None:
        return held, ()
    claim = Reserve(row_of(paid.reference), gesture.amount_minor, paid.limit_minor)
    return held.model_copy(update={"reserved_minor": gesture.amount_minor}), (claim,)


def release(held: Held, limits: Mapping[str, Paid]) -> tuple[Held, tuple[Reserve, ...]]:
    """Give back what the gesture had claimed."""
    paid = limits.get(held.gesture.payment_reference or "")
    if not held.reserved_minor or paid is None:
        return held, ()
    freed = Reserve(row_of(paid.reference), -held.reserved_minor, paid.limit_minor)
    return held.model_copy(update={"reserved_minor": 0}), (freed,)
