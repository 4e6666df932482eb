"""Why something needs a person: stable codes, from what the other stages say."""

from collections.abc import Collection

from shared.contracts import recoveries as re
from shared.contracts.notifications import NotificationFailed, NotificationSuppressed
from shared.contracts.registered import ComplaintReplied
from shared.contracts.triaged import ComplaintTriaged, is_raised

# What a handler does about a decision of hers that recovery could not carry out, by its code.
TO_DO = {
    "payment_unknown": "Nothing was paid and the case is open again: name the payment it came by "
    "(--gesture refund:24900:NOK:PAYMENT), have the order confirmed, or choose another gesture.",
    "over_paid": "Nothing was paid and the case is open again: it is more than is left of that "
    "payment; give less along it, or choose another gesture for the rest.",
    "appeal_to_another": "The case is open again: you have said no before, and a second no must "
    "be another person's; give all that was asked, or hand it over.",
    "repaired_before": "Nothing was given and the case is open again: it was mended as often as it "
    "may be; give a new thing, part of the price or the money back.",
    "amount_missing": "Nothing was given and the case is open again: say how much, in minor "
    "units (--gesture refund:24900:NOK).",
}

# The reason of what was turned down in a case, not by a signature refused.
DECIDED = "decided_by_person"

# An answer that no private way could carry: nobody was answered by it.
NOT_SENT = "not_sent"
Unsent = NotificationFailed | NotificationSuppressed

# Recovery's events after which only a person can go on.
# A voucher that nobody used, or that a person took back: off the books, and nothing to do.
OVER_BY_ITSELF = frozenset({"grant_expired", "grant_revoked"})
_AFTER: dict[type[re.RecoveryEvent], str] = {
    re.RecoveryFailed: "recovery_failed",
    re.RecoveryReversed: "recovery_reversed",
    re.RecoveryRejected: "recovery_rejected",
}


def of_triage(triaged: ComplaintTriaged, kinds_for_people: Collection[str]) -> tuple[str, ...]:
    """The codes of a triaged complaint; none when no person is needed."""
    if triaged.automatic:
        return ()
    kind = (triaged.kind,) if triaged.kind in kinds_for_people else ()
    if not triaged.needs_person:
        return kind
    flags = {
        "safety": triaged.safety,
        "legal": triaged.legal,
        "privacy": triaged.privacy,
        "press": triaged.press,
        "vulnerable": triaged.vulnerable,
        "threat": triaged.abuse == "threat",
    }
    found = tuple(code for code, raised in flags.items() if raised)
    # A new reason a step: what was opened before with a later deadline is opened again.
    rose = (f"raised:{triaged.severity}",) if is_raised(triaged) else ()
    return (*kind, *found, *rose) or ("needs_person",)


def to_do(recovery: re.RecoveryEvent) -> tuple[str, str] | None:
    """The code and the way out of a person's decision that came to nothing; else None."""
    if not isinstance(recovery, re.RecoveryFailed) or recovery.approved_by is not None:
        return None
    return next(((code, TO_DO[code]) for code in recovery.reasons if code in TO_DO), None)


def waits_for_signature(recovery: re.RecoveryEvent) -> bool:
    """A decision that only lacks a signature: the approval queue, not a case for a handler."""
    signed_by_people = recovery.approval in ("team_lead", "manager")
    granted = recovery.approval == "person" and recovery.outcome in ("granted", "offered")
    return bool(recovery.gestures) and (signed_by_people or granted)


def of_what_followed(
    told: ComplaintReplied | re.RecoveryEvent | Unsent,
) -> tuple[str, ...]:
    """The codes of what comes after triage: a reply, a recovery's event, a message not sent.

    A message that failed, or that we cannot know of, is never sent again by a machine.
    """
    if isinstance(told, ComplaintReplied):
        return ("reply",)
    if isinstance(told, NotificationFailed):
        return (f"notification_{told.state}",)
    if isinstance(told, NotificationSuppressed):
        answers = told.kind in ("answer", "decision") and told.audience == "complainant"
        return (NOT_SENT,) if answers and told.code == "no_private_way" else ()
    if isinstance(told, re.RecoveryProposed):
        person = told.outcome == "with_person" and not waits_for_signature(told)
        return ("recovery_with_person",) if person else ()
    if isinstance(told, re.RecoveryRejected) and DECIDED in told.reasons:
        return ()  # the case's own decision, which is the answer
    after = None if OVER_BY_ITSELF & set(told.reasons) else _AFTER.get(type(told))
    return (after,) if after else ()
