"""The books: double entry, derived purely from recovery events, each entry summing to zero.

Finance books on `recovery.settled` and `recovery.reversed`, nothing else; so do we. A settled
event repeats every gesture of its recovery, so an entry's id is its gesture's: booked once.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.contracts.contract import Contract
from shared.contracts.identity import derived
from shared.contracts.recoveries import (
    Gesture,
    RecoveryEvent,
    RecoveryReversed,
    RecoverySettled,
)

# What the other side of an entry is called, by who performs the gesture.
PAYOUTS = "payouts"
OWED = "gestures_owed"
REDEEMED = "redeemed"
BY_PROVIDER = {"book": PAYOUTS, "stripe": "stripe"}


@dataclass(frozen=True, slots=True)
class Posting:
    """One line: debit above zero, credit below, in minor units."""

    account: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement; its postings sum to zero in its currency."""

    entry_id: str
    recovery_id: str
    gesture_id: str
    version: int
    transition: str
    postings: tuple[Posting, ...]


def entries(event: Contract) -> tuple[Entry, ...]:
    """What an event books: money that moved, money that came back; nothing for any other."""
    if isinstance(event, RecoverySettled):
        return tuple(_entries(event, "settled", state="posted", sign=1))
    if isinstance(event, RecoveryReversed):
        return tuple(_entries(event, "reversed", state="voided", sign=-1))
    return ()


def redeemed(grant_id: str, recovery_id: str, *, amount_minor: int, currency: str) -> Entry:
    """A voucher or credit was used: we owe it no more, and it paid for something of ours."""
    return Entry(
        entry_id=derived("entry", grant_id, REDEEMED),
        recovery_id=recovery_id,
        gesture_id=grant_id,
        version=0,
        transition=REDEEMED,
        postings=(
            Posting(OWED, amount_minor, currency),
            Posting(REDEEMED, -amount_minor, currency),
        ),
    )


def _entries(event: RecoveryEvent, transition: str, *, state: str, sign: int) -> Iterator[Entry]:
    for gesture in event.gestures:
        if gesture.state == state and gesture.amount_minor and gesture.currency:
            yield Entry(
                entry_id=derived("entry", gesture.gesture_id, transition),
                recovery_id=event.recovery_id,
                gesture_id=gesture.gesture_id,
                version=event.version,
                transition=transition,
                postings=_postings(
                    gesture, gesture.currency, amount_minor=sign * gesture.amount_minor
                ),
            )


def _postings(gesture: Gesture, currency: str, *, amount_minor: int) -> tuple[Posting, Posting]:
    other = BY_PROVIDER.get(gesture.provider or "", OWED)
    return (
        Posting(gesture.account or "unassigned", amount_minor, currency),
        Posting(other, -amount_minor, currency),
    )
