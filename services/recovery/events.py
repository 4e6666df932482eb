"""From a standing to what is said of it: recovery events, promises, gestures with derived ids."""

from datetime import datetime

from services.recovery.model import (
    GRANTS,
    MONEY_KINDS,
    TASKS,
    WORDS,
    Held,
    Paid,
    Remedy,
    Standing,
)
from services.recovery.policy import Policy
from shared.contracts.identity import derived
from shared.contracts.money import Money, total_by_currency
from shared.contracts.promises import Promise
from shared.contracts.recoveries import Gesture, RecoveryEvent, RecoveryProposed, Result

OVER = frozenset({"failed", "voided"})


def event_of(event: type[RecoveryEvent], standing: Standing, *, at: datetime) -> RecoveryEvent:
    """The recovery event of this type that says how things stand."""
    gestures = tuple(held.gesture for held in standing.held)
    return event(
        recovery_id=standing.recovery_id,
        complaint_id=standing.complaint_id,
        case_id=standing.case_id,
        version=standing.version,
        outcome=standing.outcome,
        basis=standing.basis,
        result=standing.result,
        gestures=gestures,
        total_minor=totals_minor(standing),
        approval=standing.approval,
        decided_by=standing.decided_by,
        approved_by=standing.approved_by,
        asked=standing.asked if event is RecoveryProposed else (),
        supersedes=derived(standing.recovery_id, standing.version - 1)
        if standing.version > 1
        else None,
        reasons=standing.reasons,
        effective_at=at,
    )


def totals_minor(standing: Standing) -> dict[str, int]:
    """What the standing gestures amount to, by currency; what failed does not count."""
    return total_by_currency(
        Money(amount_minor=held.gesture.amount_minor, currency=held.gesture.currency)
        for held in standing.held
        if held.gesture.currency is not None and held.gesture.state not in OVER
    )


def promise_of(
    promise: type[Promise], standing: Standing, *, held: Held, due_at: datetime
) -> Promise:
    """A promise about one gesture: money by a date, or a task by an owner and a time."""
    gesture = held.gesture
    return promise(
        promise_id=derived("promise", gesture.gesture_id),
        complaint_id=standing.complaint_id,
        case_id=standing.case_id,
        kind="payout" if gesture.kind in MONEY_KINDS else "task",
        due_at=due_at,
        owner=held.owner,
    )


def proposed(standing: Standing, remedy: Remedy, *, gesture_id: str, policy: Policy) -> Held:
    """A remedy as a gesture that nobody has signed yet."""
    task = policy.recovery.tasks.get(remedy.kind)
    has_value = remedy.amount_minor > 0
    gesture = Gesture(
        gesture_id=gesture_id,
        kind=remedy.kind,
        amount_minor=remedy.amount_minor,
        currency=remedy.currency,
        state="proposed",
        order_id=standing.order_id,
        payment_reference=remedy.payment_reference,
        provider=provider_of(remedy, policy=policy),
        vat_relevant=remedy.kind in {"refund", "price_reduction"},
        account=policy.recovery.accounts[remedy.basis] if has_value else None,
    )
    finance = "finance" if remedy.kind in MONEY_KINDS else ""
    return Held(
        gesture=gesture, basis=remedy.basis, owner=remedy.owner or (task.owner if task else finance)
    )


def provider_of(remedy: Remedy, *, policy: Policy) -> str | None:
    """Who performs it: a payment provider or the book, the grants, people; words need nobody."""
    if remedy.kind in WORDS:
        return None
    if remedy.kind in TASKS:
        return "people"
    if remedy.kind in GRANTS:
        return "grant"
    return policy.recovery.provider_of_payment(remedy.payment_reference)


def with_gesture(held: Held, **changes: object) -> Held:
    """The same gesture, changed."""
    return held.model_copy(update={"gesture": held.gesture.model_copy(update=changes)})


def upheld(standing_gestures: tuple[Remedy, ...]) -> Result:
    """How a complaint ends when all of this is given."""
    kinds = {remedy.kind for remedy in standing_gestures}
    if any(remedy.amount_minor for remedy in standing_gestures):
        return Result(category="upheld", relief="monetary")
    if kinds - WORDS:
        return Result(category="upheld", relief="non_monetary")
    return Result(category="upheld", relief="explanation" if kinds else "none")


def signature_timer(standing: Standing) -> str:
    """The key of the timer that waits for this version's signature; another after each silence."""
    again = (standing.silences,) if standing.silences else ()
    return derived("approval_silence", standing.recovery_id, standing.decided_version, *again)


def limits_of(standing: Standing) -> dict[str, Paid]:
    """The order's payments by reference."""
    return {paid.reference: paid for paid in standing.payments}
