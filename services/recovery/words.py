"""A person's decision, remembered until it is carried out; and what may stand in its way."""

from collections.abc import Mapping
from datetime import datetime

import orjson
from pydantic import JsonValue

from services.recovery.course import Course
from services.recovery.events import with_gesture
from services.recovery.model import ALONG_PAYMENT, MONEY_KINDS, Held, Kept, Remedy, Standing
from services.recovery.weighing import UNDECIDED
from shared.contracts.cases import GestureWanted
from shared.contracts.recoveries import Basis, RecoveryFailed, Result
from shared.stage.decision import Decision

# What has left or is leaving goes on as it was, whatever became of a later word.
_UNDER_WAY = frozenset({"approved", "settled"})


class Word(Kept):
    """What a person decided and when, without the words to the complainant."""

    actor: str
    at: datetime
    result: Result
    basis: Basis | None = None
    gestures: tuple[GestureWanted, ...] = ()

    @property
    def is_less(self) -> bool:
        """Whether it gives less than was asked."""
        return self.result.category in {"partly_upheld", "not_upheld"}

    @property
    def along_payment(self) -> tuple[GestureWanted, ...]:
        """What is to go back along the payment it came by."""
        return tuple(wanted for wanted in self.gestures if wanted.kind in ALONG_PAYMENT)


def word_from(data: Mapping[str, JsonValue]) -> Word:
    """Read a remembered word."""
    return Word.model_validate_json(orjson.dumps(data))


def has_no_sum(word: Word) -> bool:
    """Whether money was decided without saying how much."""
    return any(w.kind in MONEY_KINDS and not w.amount_minor for w in word.gestures)


def has_no_payment(word: Word, standing: Standing) -> bool:
    """Whether we do not know which payment money shall go back along.

    On an order that nobody has confirmed she must name it, and it must be one that was claimed.
    """
    known = {paid.reference for paid in standing.payments}
    if not known:
        return bool(word.along_payment)
    named = {wanted.payment_reference for wanted in word.along_payment}
    return not named <= (known | {None} if standing.order_confirmed else known)


def came_to_nothing(course: Course, word: Word, *, code: str) -> Decision:
    """Nothing of it can be given: it failed, and people have the case again.

    `approved_by` stays empty: nobody signed it, so nobody was told of it.
    """
    before = course.standing
    course.at = max(course.at, word.at)
    course.plan(_wanted(word))
    course.becomes(held=tuple(_failed(held) for held in course.held))
    course.say(
        RecoveryFailed,
        outcome="with_person",
        basis=word.basis or before.basis,
        result=UNDECIDED,
        approval="person",
        decided_by=f"person:{word.actor}",
        approved_by=None,
        requester=None,
        reasons=(code,),
    )
    said = course.standing
    under_way = before.status in _UNDER_WAY
    course.standing = (before if under_way else said).model_copy(
        update={
            "version": said.version,
            "decided_version": said.decided_version,
            "held": course.gone(),
            "status": before.status if under_way else "failed",
            "matter": None,
            "word": None,
        }
    )
    return course.decision(code)


def _wanted(word: Word) -> tuple[Remedy, ...]:
    return tuple(
        Remedy(
            kind=wanted.kind,
            basis=word.basis or "ex_gratia",
            amount_minor=wanted.amount_minor or 0,
            currency=wanted.currency,
            payment_reference=wanted.payment_reference,
        )
        for wanted in word.gestures
    )


def _failed(held: Held) -> Held:
    return with_gesture(held, state="failed") if held.gesture.state == "proposed" else held
