"""People's words on a proposal: signed, refused a signature, or answered why that is not enough."""

from pydantic import JsonValue

from services.recovery.course import Course
from services.recovery.forbidden import Facts, broken, repaired_often
from services.recovery.limits import may_sign
from services.recovery.model import Standing
from services.recovery.payments import row_of
from services.recovery.policy import Policy
from services.recovery.recall import about_of, declined_by, standing_of, standings
from services.recovery.same_matter import given_before
from services.recovery.weighing import UNDECIDED
from shared.contracts.approvals import ApprovalDeclined, ApprovalGiven, ApprovalWords
from shared.contracts.caserule import recalled
from shared.contracts.envelope import Event
from shared.contracts.identity import derived
from shared.contracts.notifications import notice_id_of, offer_name
from shared.contracts.recoveries import RecoveryApprovalRefused, RecoveryRejected, Result
from shared.contracts.registered import Choice, ChoiceMade, ComplaintReplied
from shared.stage.decision import NOTHING, Decision, History, Reason

NOT_UPHELD = Result(category="not_upheld", relief="none")
OPEN = frozenset({"proposed", "with_person"})


def sign(event: Event[ApprovalGiven], history: History, *, policy: Policy) -> Decision:
    """Settle what was proposed, if this person may sign it, now, as she saw it."""
    words = event.data
    standing = standing_of(history, words.complaint_id)
    code = _refusal(words, standing, history=history, policy=policy)
    if standing is None or code is not None:
        return refused(words, words.recovery_id, code=code or "late")
    course = Course(standing, event.time, policy)
    if _unclaimed(standing):
        course.becomes(word={"signed_by": words.actor})
        wake_for_payments(course, event.id)
        return course.decision("looks_at_payments")
    signed(course, words.actor)
    return course.decision("signed")


def signed(course: Course, actor: str) -> None:
    """What was proposed is given."""
    standing = course.standing
    if standing.outcome == "with_person":
        course.becomes(outcome="granted")
    course.becomes(result=_granted(standing), word=None)
    course.approve(by=f"person:{actor}")


def decline(event: Event[ApprovalDeclined], history: History, *, policy: Policy) -> Decision:
    """Not signed: not upheld, by a named person with a reason."""
    words = event.data
    standing = standing_of(history, words.complaint_id)
    code = _refusal(words, standing, history=history, policy=policy)
    if code is None and not words.reason.strip():
        code = "reason_missing"
    # A no needs no limit: it costs nothing but a reason.
    if standing is None or code not in {None, "over_limit"}:
        return refused(words, words.recovery_id, code=code or "late")
    if words.actor in _said_no(words, history):
        return refused(words, words.recovery_id, code="appeal_to_another")
    course = Course(standing, event.time, policy)
    course.becomes(declined_by=tuple(sorted({*standing.declined_by, words.actor})))
    reject(course, words.actor)
    return course.decision("declined")


def _said_no(words: ApprovalWords, history: History) -> frozenset[str]:
    """Who said no in this case before, by a signature refused or by a decision."""
    case = recalled((memory.data for memory in history.memories), words.case_id)
    return declined_by(history, words.case_id).union(case.declined_by)


def reject(course: Course, actor: str) -> None:
    """Not upheld by a person; what had been claimed is free again."""
    course.release_unsent()
    course.becomes(held=course.gone())
    course.say(
        RecoveryRejected,
        outcome="no_action",
        result=NOT_UPHELD,
        approval="person",
        decided_by=f"person:{actor}",
        approved_by=None,
        status="over",
    )


def choose(event: Event[ChoiceMade], history: History, *, policy: Policy) -> Decision:
    """The complainant's answer to an offer: yes starts it; anything else goes to a person."""
    standing = standing_of(history, event.data.complaint_id)
    if standing is None or standing.status != "offered":
        return NOTHING
    # A yes to an older offer says nothing of this one.
    seen = event.data.version in (None, standing.version)
    course = Course(standing, event.time, policy)
    return _chosen(course, event.data.choice, history=history, seen=seen)


def reply(event: Event[ComplaintReplied], history: History, *, policy: Policy) -> Decision:
    """A clear choice in a mail that answers the offer's own is as good as its link.

    Another message of ours, or an older offer: a person reads it, as she reads every reply.
    """
    said, standing = event.data, standing_of(history, event.data.complaint_id)
    if said.choice is None or standing is None or standing.status != "offered":
        return NOTHING
    offer = offer_name(standing.recovery_id, standing.version)
    if said.answers != notice_id_of(said.complaint_id, offer):
        return NOTHING
    course = Course(standing, event.time, policy)
    return _chosen(course, said.choice, history=history, seen=True)


def _chosen(course: Course, choice: Choice, *, history: History, seen: bool) -> Decision:
    standing, policy = course.standing, course.policy
    signs = standing.approval == "automatic" and not policy.automatic_paused
    may = seen and signs and not _unclaimed(standing)
    # While the offer lay there, a colleague may have given something on the same matter.
    may = may and not given_before(standing, history, policy=policy)
    if choice == "yes" and may:
        course.becomes(outcome="granted")
        course.approve(by="rule:choice")
        return course.decision("choice_yes")
    course.becomes(outcome="with_person", approval="person", result=UNDECIDED)
    course.becomes(status="with_person")
    return course.decision(f"choice_{choice}")


def wake_for_payments(course: Course, event_id: str) -> None:
    """A timer that is due at once and names the payments, so that their rows come with it."""
    names = [row_of(paid.reference) for paid in course.standing.payments]
    currencies = dict.fromkeys(paid.currency for paid in course.standing.payments)
    payload: dict[str, JsonValue] = {
        "name": "payments_seen",
        "rows": [*names],
        "currencies": [*currencies],
    }
    course.effect(derived("payments_seen", event_id), payload)


def refused(words: ApprovalWords, recovery_id: str, *, code: str) -> Decision:
    """Answer a word that has no effect. Nothing about the recovery changed."""
    answer = RecoveryApprovalRefused(
        recovery_id=recovery_id,
        complaint_id=words.complaint_id,
        case_id=words.case_id,
        code=code,
        actor=words.actor,
    )
    return Decision(emits=(answer,), reasons=(Reason(code),))


def _refusal(
    words: ApprovalWords, standing: Standing | None, *, history: History, policy: Policy
) -> str | None:
    """The first code that stands in the way of a signature."""
    if policy.people.named(words.actor) is None:
        return "unknown_person"
    if standing is None:
        return "late"
    checks = (
        ("repeated", standing.status in {"approved", "settled"} or standing.word is not None),
        ("late", standing.status not in OPEN),
        ("stale_version", not _is_as_seen(standing, words.seen_version)),
        ("nothing_proposed", not standing.held),
    )
    found = next((code for code, holds in checks if holds), None)
    return found or may_not_sign(words.actor, standing, history=history, policy=policy)


def may_not_sign(actor: str, standing: Standing, *, history: History, policy: Policy) -> str | None:
    """Why this person may not sign it now: asked when she signs, and when it is settled."""
    person = policy.people.named(actor)
    if person is None:
        return "unknown_person"
    proposed = [held.gesture for held in standing.held if held.gesture.state == "proposed"]
    facts: Facts = {
        "repaired_often": repaired_often(standing.order_id, standings(history), policy=policy)
    }
    checks = (
        ("about_the_actor", actor in about_of(history, standing.case_id)),
        ("self_approval", standing.requester == actor),
        ("over_limit", not may_sign(person, standing.approval, costs_minor=standing.costs_minor)),
    )
    found = next((code for code, holds in checks if holds), None)
    return found or next(broken(proposed, facts, policy=policy, by_person=True), None)


def _is_as_seen(standing: Standing, version: int) -> bool:
    """Whether nothing changed since; being asked again changes nothing."""
    first = standing.asked_again_from or standing.version
    return first <= version <= standing.version


def _unclaimed(standing: Standing) -> bool:
    """Whether money would go back along a payment without having been claimed there."""
    return any(
        held.gesture.kind in {"refund", "price_reduction"}
        and held.gesture.state == "proposed"
        and not held.reserved_minor
        for held in standing.held
    )


def _granted(standing: Standing) -> Result:
    if standing.result.category != "undecided":
        return standing.result
    money = any(held.gesture.amount_minor for held in standing.held)
    return Result(category="upheld", relief="monetary" if money else "non_monetary")
