"""A handler's own decision: hers within her limit, a proposal above it, a no with her name."""

from collections.abc import Mapping

import orjson
from pydantic import JsonValue

from services.recovery.course import GONE, Course
from services.recovery.limits import signer
from services.recovery.model import ALONG_PAYMENT, MONEY_KINDS, Kept, Remedy, Standing
from services.recovery.payments import overdrawn, row_of, spread
from services.recovery.policy import Policy
from services.recovery.recall import standing_of
from services.recovery.signing import reject, wake_for_payments
from services.recovery.weighing import UNDECIDED
from shared.contracts.cases import (
    CaseClosed,
    CaseCommand,
    CaseDecided,
    CaseWithdrawn,
    GestureWanted,
)
from shared.contracts.envelope import Event
from shared.contracts.recoveries import (
    Approval,
    Basis,
    GestureKind,
    RecoveryAdjusted,
    RecoveryApprovalRefused,
    RecoveryExpired,
    RecoverySettled,
    Result,
)
from shared.stage.decision import NOTHING, Decision, History, Reason


class Word(Kept):
    """What a person decided, without the words to the complainant."""

    actor: str
    result: Result
    basis: Basis | None = None
    gestures: tuple[GestureWanted, ...] = ()


def decide_case(event: Event[CaseDecided], history: History, *, policy: Policy) -> Decision:
    """Take a person's decision; money along a payment first looks at what is left of it."""
    said = event.data
    standing = standing_of(history, said.complaint_id) or Standing(
        complaint_id=said.complaint_id, case_id=said.case_id, status="with_person"
    )
    word = Word(actor=said.actor, result=said.result, basis=said.basis, gestures=said.gestures)
    course = Course(standing, event.time, policy)
    if policy.people.named(said.actor) is None:
        return refused(course, said.actor, code="unknown_person")
    if standing.word is not None:
        return refused(course, said.actor, code="repeated")
    if any(wanted.kind in MONEY_KINDS and not wanted.amount_minor for wanted in said.gestures):
        return refused(course, said.actor, code="amount_missing")
    if not any(wanted.kind in ALONG_PAYMENT for wanted in said.gestures):
        return carry_out(course, word, reserved={})
    if not standing.payments:
        return refused(course, said.actor, code="payment_unknown")
    course.becomes(word=word.dumped())
    wake_for_payments(course, event.id)
    return course.decision("looks_at_payments")


def word_from(data: Mapping[str, JsonValue]) -> Word:
    """Read a remembered word."""
    return Word.model_validate_json(orjson.dumps(data))


def carry_out(course: Course, word: Word, *, reserved: Mapping[str, int]) -> Decision:
    """Do what she decided: within her limit at once, above it when another has signed."""
    course.becomes(word=None)
    remedies = _still_to_give(word, course.standing)
    if word.result.category == "not_upheld" and not remedies:
        reject(course, word.actor)
        return course.decision("not_upheld")
    others = _without_own(reserved, course.standing)
    if overdrawn(remedies, course.standing.payments, reserved=others):
        return refused(course, word.actor, code="over_paid")
    costs = _costs(remedies, course)
    course.plan(remedies)
    course.becomes(
        outcome="granted",
        basis=word.basis or course.standing.basis,
        result=word.result,
        decided_by=f"person:{word.actor}",
        approved_by=None,
        requester=word.actor,
        costs_minor=costs,
        reasons=("decided_by_person",),
        matter=None,
    )
    person = course.policy.people.named(word.actor)
    if person is not None and person.may_sign(costs):
        course.say(RecoveryAdjusted, approval="person", status="proposed")
        course.approve(by=f"person:{word.actor}")
        return course.decision("within_own_limit")
    course.reserve()
    course.say(RecoveryAdjusted, approval=_second(costs, course.policy), status="proposed")
    course.wait_for_signature()
    return course.decision("above_own_limit")


def close(event: Event[CaseClosed], history: History, *, policy: Policy) -> Decision:
    """Finished by a named person. A yes that waits for a signature is not undone by it."""
    standing = standing_of(history, event.data.complaint_id)
    if standing is None or standing.status != "with_person":
        return NOTHING
    course = Course(standing, event.time, policy)
    _drop_proposals(course, event.data)
    explained = Result(category="undecided", relief="explanation")
    course.say(RecoverySettled, result=explained, status="over", reasons=("closed_by_person",))
    return course.decision()


def withdraw(event: Event[CaseWithdrawn], history: History, *, policy: Policy) -> Decision:
    """Taken back by the complainant: nothing more is offered; what has left stays."""
    standing = standing_of(history, event.data.complaint_id)
    undecided = {"with_person", "offered", "proposed", "waiting", "looking"}
    if standing is None or standing.status not in undecided:
        return NOTHING
    course = Course(standing, event.time, policy)
    _drop_proposals(course, event.data)
    course.say(RecoveryExpired, result=UNDECIDED, status="over", reasons=("withdrawn",))
    return course.decision()


def refused(course: Course, actor: str, *, code: str) -> Decision:
    """Answer a word that has no effect; what was remembered for it is forgotten."""
    standing = course.standing.model_copy(update={"word": None})
    answer = RecoveryApprovalRefused(
        recovery_id=standing.recovery_id,
        complaint_id=standing.complaint_id,
        case_id=standing.case_id,
        code=code,
        actor=actor,
    )
    remembers = {"standing": standing.dumped()} if standing.version else None
    return Decision(emits=(answer,), remembers=remembers, reasons=(Reason(code),))


def _second(costs_minor: Mapping[str, int], policy: Policy) -> Approval:
    """Who signs what is above the decider's own limit."""
    level = signer(costs_minor, policy)
    if level == "automatic":
        return "team_lead"
    return "manager" if level == "person" else level


def _drop_proposals(course: Course, command: CaseCommand) -> None:
    course.release_unsent()
    course.becomes(
        held=course.gone(),
        outcome="no_action",
        approval="person",
        matter=None,
        word=None,
        decided_by=f"person:{command.actor}",
    )


def _still_to_give(word: Word, standing: Standing) -> tuple[Remedy, ...]:
    """A decision states the whole remedy: what has already left is not sent again."""
    basis = word.basis or standing.basis or "ex_gratia"
    left = [held.gesture for held in standing.held if held.gesture.state in GONE]
    gone_minor: dict[tuple[str, str | None], int] = {}
    for gesture in left:
        same = _same(gesture.kind, gesture.currency)
        gone_minor[same] = gone_minor.get(same, 0) + gesture.amount_minor
    found: list[Remedy] = []
    for wanted in word.gestures:
        same = _same(wanted.kind, wanted.currency)
        wanted_minor = wanted.amount_minor or 0
        sent_minor = min(gone_minor.get(same, 0), wanted_minor)
        if wanted_minor > sent_minor or (not wanted_minor and same not in gone_minor):
            found += _remedy(wanted, wanted_minor - sent_minor, standing=standing, basis=basis)
        if sent_minor:
            gone_minor[same] -= sent_minor
    return tuple(found)


def _same(kind: GestureKind, currency: str | None) -> tuple[str, str | None]:
    """Money along a payment is one thing, whether it is called refund or price reduction."""
    return ("along_payment" if kind in ALONG_PAYMENT else kind, currency)


def _remedy(
    wanted: GestureWanted, amount_minor: int, *, standing: Standing, basis: Basis
) -> tuple[Remedy, ...]:
    remedy = Remedy(
        kind=wanted.kind,
        basis=basis,
        amount_minor=amount_minor,
        currency=wanted.currency if amount_minor else None,
        payment_reference=wanted.payment_reference,
    )
    return spread(remedy, standing.payments) if wanted.kind in ALONG_PAYMENT else (remedy,)


def _without_own(reserved: Mapping[str, int], standing: Standing) -> dict[str, int]:
    """What others hold of each payment: our own unsent claims are about to be given back."""
    left = dict(reserved)
    for held in standing.held:
        if held.reserved_minor and held.gesture.state not in GONE:
            row = row_of(held.gesture.payment_reference or "")
            left[row] = left.get(row, 0) - held.reserved_minor
    return left


def _costs(remedies: tuple[Remedy, ...], course: Course) -> dict[str, int]:
    costs: dict[str, int] = {}
    for remedy in remedies:
        if remedy.kind in course.policy.recovery.costs_order:
            for paid in course.standing.payments:
                costs[paid.currency] = costs.get(paid.currency, 0) + paid.limit_minor
        elif remedy.amount_minor and remedy.currency is not None:
            costs[remedy.currency] = costs.get(remedy.currency, 0) + remedy.amount_minor
    return costs
