"""A handler's own decision: hers within her limit, a proposal above it, a no with her name."""

from collections.abc import Mapping

from services.recovery.course import GONE, Course
from services.recovery.forbidden import Facts, broken, repaired_often
from services.recovery.limits import added, costs_of, signed_alone, signer
from services.recovery.model import ALONG_PAYMENT, Paid, Remedy, Standing
from services.recovery.payments import left_of, overdrawn, row_of, spread
from services.recovery.policy import Policy
from services.recovery.recall import about_of, declined_by, standing_of, standings
from services.recovery.signing import reject, wake_for_payments
from services.recovery.weighing import UNDECIDED
from services.recovery.words import Word, came_to_nothing, has_no_payment, has_no_sum
from shared.contracts.cases import (
    CaseClosed,
    CaseCommand,
    CaseDecided,
    CaseWithdrawn,
    GestureWanted,
)
from shared.contracts.envelope import Event
from shared.contracts.identity import derived
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


def decide_case(event: Event[CaseDecided], history: History, *, policy: Policy) -> Decision:
    """Take a person's decision; a newer one takes the place of one that still waits.

    Money along a payment first looks the order up when nobody has confirmed it, then at what is
    left of the payment.
    """
    said = event.data
    standing = standing_of(history, said.complaint_id) or Standing(
        complaint_id=said.complaint_id, case_id=said.case_id, status="with_person"
    )
    course = Course(standing, event.time, policy)
    if policy.people.named(said.actor) is None:
        return refused(course, said.actor, code="unknown_person")
    _answer_the_signer(course)
    word = Word(
        actor=said.actor,
        at=event.time,
        result=said.result,
        basis=said.basis,
        gestures=said.gestures,
    )
    if word.is_less and said.actor in declined_by(history, said.case_id):
        return came_to_nothing(course, word, code="appeal_to_another")
    if has_no_sum(word):
        return came_to_nothing(course, word, code="amount_missing")
    if not word.along_payment:
        return carry_out(course, word, history=history)
    course.becomes(word=word.dumped())
    if standing.order_confirmed or standing.order_id is None:
        return look_at_payments(course, word, cause_id=event.id)
    key = derived("order_lookup", event.id)
    course.effect(key, {"order_id": standing.order_id}, kind="order_lookup")
    return course.decision("looks_up_order")


def look_at_payments(course: Course, word: Word, *, cause_id: str) -> Decision:
    """See what is left of the payments, if we know which ones they are."""
    if has_no_payment(word, course.standing):
        return came_to_nothing(course, word, code="payment_unknown")
    wake_for_payments(course, cause_id)
    return course.decision("looks_at_payments")


def carry_out(course: Course, word: Word, *, history: History) -> Decision:
    """Do what she decided: within her limit at once, above it when another has signed."""
    course.becomes(word=None)
    course.at = max(course.at, word.at)  # the timer's clock may be another than the door's
    others = _without_own(history.reserved, course.standing)
    left = left_of(course.standing.payments, reserved=others)
    remedies = _still_to_give(word, course.standing, left=left)
    if word.result.category == "not_upheld" and not remedies:
        course.becomes(reasons=("decided_by_person",))
        reject(course, word.actor)
        return course.decision("not_upheld")
    facts: Facts = {
        "not_paid": has_no_payment(word, course.standing),
        "above_paid": overdrawn(remedies, course.standing.payments, reserved=others),
        "repaired_often": repaired_often(
            course.standing.order_id, standings(history), policy=course.policy
        ),
    }
    code = next(broken(remedies, facts, policy=course.policy, by_person=True), None)
    if code is not None:
        return came_to_nothing(course, word, code=code)
    costs = added(
        costs_of(remedies, course.standing.payments, policy=course.policy),
        signed_alone(word.actor, standings(history), at=course.at, policy=course.policy),
    )
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
        course.sign_alone(word.actor)
        return course.decision("within_own_limit")
    course.reserve()
    course.say(RecoveryAdjusted, approval=_second(costs, course.policy), status="proposed")
    # Proposed anew: whoever must sign has it in her queue and is told.
    course.ask(about=about_of(history, course.standing.case_id))
    return course.decision("above_own_limit")


def close(event: Event[CaseClosed], history: History, *, policy: Policy) -> Decision:
    """Finished by a named person. A yes that waits, for a signature or a look, is not undone."""
    standing = standing_of(history, event.data.complaint_id)
    if standing is None or standing.word is not None or not _is_with_people(standing):
        return NOTHING
    course = Course(standing, event.time, policy)
    _drop_proposals(course, event.data)
    explained = Result(category="undecided", relief="explanation")
    course.say(RecoverySettled, result=explained, status="over", reasons=("closed_by_person",))
    return course.decision()


def withdraw(event: Event[CaseWithdrawn], history: History, *, policy: Policy) -> Decision:
    """Taken back by the complainant: nothing more is offered; what has left stays."""
    standing = standing_of(history, event.data.complaint_id)
    undecided = {"offered", "proposed", "waiting", "looking"}
    if standing is None or not (standing.status in undecided or _is_with_people(standing)):
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


def _is_with_people(standing: Standing) -> bool:
    """Whether a person has it and nothing is on its way, also after it failed."""
    failed = standing.status == "failed" and all(
        held.gesture.state not in GONE for held in standing.held
    )
    return failed or standing.status == "with_person"


def _answer_the_signer(course: Course) -> None:
    """Whoever signed a moment ago signed what is no longer proposed."""
    word = course.standing.word or {}
    if "signed_by" in word:
        course.emits += refused(course, str(word["signed_by"]), code="late").emits


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


def _still_to_give(word: Word, standing: Standing, *, left: tuple[Paid, ...]) -> tuple[Remedy, ...]:
    """A decision states the whole remedy: what has already left is not sent again."""
    basis = word.basis or standing.basis or "ex_gratia"
    gone = [held.gesture for held in standing.held if held.gesture.state in GONE]
    gone_minor: dict[tuple[str, str | None], int] = {}
    for gesture in gone:
        same = _same(gesture.kind, gesture.currency)
        gone_minor[same] = gone_minor.get(same, 0) + gesture.amount_minor
    found: list[Remedy] = []
    for wanted in word.gestures:
        same = _same(wanted.kind, wanted.currency)
        wanted_minor = wanted.amount_minor or 0
        sent_minor = min(gone_minor.get(same, 0), wanted_minor)
        if wanted_minor > sent_minor or (not wanted_minor and same not in gone_minor):
            found += _remedy(wanted, wanted_minor - sent_minor, left=left, basis=basis)
        if sent_minor:
            gone_minor[same] -= sent_minor
    return tuple(found)


def _same(kind: GestureKind, currency: str | None) -> tuple[str, str | None]:
    """Money along a payment is one thing, whether it is called refund or price reduction."""
    return ("along_payment" if kind in ALONG_PAYMENT else kind, currency)


def _remedy(
    wanted: GestureWanted, amount_minor: int, *, left: tuple[Paid, ...], basis: Basis
) -> tuple[Remedy, ...]:
    remedy = Remedy(
        kind=wanted.kind,
        basis=basis,
        amount_minor=amount_minor,
        currency=wanted.currency if amount_minor else None,
        payment_reference=wanted.payment_reference,
    )
    return spread(remedy, left) if wanted.kind in ALONG_PAYMENT else (remedy,)


def _without_own(reserved: Mapping[str, int], standing: Standing) -> dict[str, int]:
    """What others hold of each payment: our own unsent claims are about to be given back."""
    left = dict(reserved)
    for held in standing.held:
        if held.reserved_minor and held.gesture.state not in GONE:
            row = row_of(held.gesture.payment_reference or "")
            left[row] = left.get(row, 0) - held.reserved_minor
    return left
