"""From a triaged complaint to a recovery: facts first, then value, then who signs."""

from dataclasses import replace
from datetime import datetime

from services.recovery.budgets import SPENT, spent, stopped_by, takes
from services.recovery.course import Course
from services.recovery.doubts import moves
from services.recovery.events import upheld
from services.recovery.forbidden import Facts, broken, repaired_often
from services.recovery.limits import cost_minor, passes_caps, signer
from services.recovery.model import Matter, Remedy, Standing
from services.recovery.payments import overdrawn, payments_of
from services.recovery.policy import Policy
from services.recovery.recall import about_of, standings, who_wrote
from services.recovery.remedies import Plan, more_than_expected, plan
from services.recovery.same_matter import doubt_of
from shared.contracts.identity import derived
from shared.contracts.recoveries import Approval, RecoveryProposed, Result
from shared.contracts.submitted import SYNTHETIC_SOURCE
from shared.stage.decision import NOTHING, Decision, History

MACHINE = "rule:remedies"
UNDECIDED = Result(category="undecided", relief="none")
# Doubts that say who decides, not what is owed.
WHO_DECIDES = frozenset(
    {"needs_person", "threat", "vulnerable", "low_confidence", "press", "automatic_paused"}
)


def nothing_to_decide(matter: Matter) -> bool:
    """A robot's message, praise, or a question that needs no person."""
    if matter.automatic or matter.kind == "praise":
        return True
    return matter.kind == "question" and not matter.needs_person


def weigh(matter: Matter, history: History, *, policy: Policy, at: datetime) -> Decision:
    """Decide, or first find out: whether the order is so, and whether it is the buyer's."""
    if nothing_to_decide(matter):
        return NOTHING
    course = Course(_opened(matter), at, policy)
    found = plan(matter, policy)
    if not found.doubts and moves(found.remedies, policy):
        if matter.order_state == "claimed":
            return _look_up(course, matter)
        if matter.order is not None and matter.order.buyer is not None:
            tokens = who_wrote(history, matter.complaint_id)
            if tokens is None:
                course.becomes(status="waiting", matter=matter)
                return course.decision("waiting_for_writer")
            if matter.order.buyer not in tokens:
                found = _doubted(found, "foreign_buyer")
    return decided(
        course,
        matter,
        found=_questioned(found, matter, history=history, course=course),
        history=history,
    )


def decided(course: Course, matter: Matter, *, found: Plan, history: History) -> Decision:
    """Say what is given and who signs, or who must decide and why."""
    policy = course.policy
    approval = _signer(found, matter, policy=policy)
    remedies = _with_more(matter, found, history=history, course=course)
    if approval == "automatic" and not found.doubts:
        # An offer, too: a yes to it gives it, and no person signs.
        wanted = takes(remedies, payments_of(matter.order), at=course.at, policy=policy)
        if spent(wanted, history.reserved):
            found = _doubted(found, SPENT)
            course.reserves += stopped_by(wanted, history.reserved)
        else:
            course.reserves += wanted
    course.becomes(basis=found.basis, costs_minor=cost_minor(remedies, matter, policy=policy))
    if found.doubts:
        over = overdrawn(remedies, course.standing.payments, reserved=history.reserved)
        claims = matter.order_state == "confirmed" and not over
        # What is owed is clear and only who decides is not: then the limits say who signs.
        clear = WHO_DECIDES.issuperset(found.doubts) and approval != "automatic"
        course.becomes(approval=approval if clear else "person")
        about = about_of(history, matter.case_id)
        found = replace(found, remedies=remedies)
        return _with_person(course, found, claims=claims, about=about)
    course.becomes(
        outcome="offered" if found.offered else "granted",
        approval=approval,
        result=upheld(remedies),
        reasons=found.codes,
        decided_by=MACHINE,
        status="offered" if found.offered else "proposed",
    )
    course.plan(remedies)
    if approval == "automatic" and not found.offered:
        course.approve(by="rule:limits")
        return course.decision()
    course.reserve()
    if found.offered:
        course.say(RecoveryProposed)
    else:
        course.ask(about=about_of(history, matter.case_id))
    return course.decision(f"needs_{approval}")


def _opened(matter: Matter) -> Standing:
    return Standing(
        complaint_id=matter.complaint_id,
        case_id=matter.case_id,
        status="with_person",
        synthetic=matter.source == SYNTHETIC_SOURCE,
        payments=payments_of(matter.recorded or matter.order),
        order_confirmed=matter.order_state == "confirmed" or matter.recorded is not None,
        order_id=matter.order.id if matter.order else None,
        severity=matter.severity,
    )


def _look_up(course: Course, matter: Matter) -> Decision:
    order_id = matter.order.id if matter.order else None
    if order_id is None:
        found = _doubted(plan(matter, course.policy), "order_unconfirmed")
        return _with_person(course, found, claims=False)
    course.becomes(status="looking", matter=matter)
    key = lookup_key(matter.complaint_id)
    course.effect(key, {"order_id": order_id}, kind="order_lookup")
    return course.decision("order_claimed")


def lookup_key(complaint_id: str) -> str:
    """The key of the look-up of a complaint's order."""
    return derived("order_lookup", complaint_id)


def _questioned(found: Plan, matter: Matter, *, history: History, course: Course) -> Plan:
    """Doubts that only history knows: the matter, the payment, the caps, the third repair."""
    policy = course.policy
    before = [s for s in standings(history) if s.complaint_id != matter.complaint_id]
    paid = payments_of(matter.order)
    again = any(remedy.kind in policy.recovery.once_on_a_matter for remedy in found.remedies)
    had = doubt_of(course.standing, history, policy=policy) if again else None
    if had is not None:
        found = _doubted(found, had)
    if overdrawn(found.remedies, paid, reserved=history.reserved):
        found = _doubted(found, "payment_reserved")
    if not passes_caps(found.remedies, before, at=course.at, policy=policy):
        found = _doubted(found, "goodwill_cap")
    facts: Facts = {
        "not_paid": not paid,
        "above_paid": overdrawn(found.remedies, paid, reserved=history.reserved),
        "repaired_often": repaired_often(course.standing.order_id, before, policy=policy),
    }
    for code in broken(found.remedies, facts, policy=policy, by_person=False):
        found = _doubted(found, code)
    if _signer(found, matter, policy=policy) == "person":
        found = _doubted(found, "currency_without_limits")
    return found


def _signer(found: Plan, matter: Matter, *, policy: Policy) -> Approval:
    level = signer(cost_minor(found.remedies, matter, policy=policy), policy)
    return "automatic" if found.unsigned and level != "person" else level


def _with_more(
    matter: Matter, found: Plan, *, history: History, course: Course
) -> tuple[Remedy, ...]:
    """A little more than expected, unless that would need another signature or pass the caps.

    Also in what a person is shown, when nothing but who decides is in doubt: whoever threatens
    gets what the calm one gets, from a person.
    """
    policy = course.policy
    if not WHO_DECIDES.issuperset(found.doubts):
        return found.remedies
    both = (*found.remedies, *more_than_expected(matter, found, policy=policy))
    same = signer(cost_minor(both, matter, policy=policy), policy) == _signer(
        found, matter, policy=policy
    )
    before = [s for s in standings(history) if s.complaint_id != matter.complaint_id]
    fits = passes_caps(both, before, at=course.at, policy=policy)
    return both if same and fits else found.remedies


def _doubted(found: Plan, code: str) -> Plan:
    return replace(found, doubts=(*found.doubts, code))


def _with_person(
    course: Course, found: Plan, *, claims: bool, about: tuple[str, ...] = ()
) -> Decision:
    """A person has it: what the machine would have given is a proposal, what stopped it a code."""
    course.becomes(
        outcome="with_person",
        basis=found.basis,
        result=UNDECIDED,
        reasons=tuple(dict.fromkeys((*found.doubts, *found.codes))),
        decided_by=MACHINE,
        status="with_person",
    )
    course.plan(found.remedies)
    if claims:
        course.reserve()
    if course.standing.needs_signature:
        course.ask(about=about, matter=None)
    else:
        course.say(RecoveryProposed, matter=None)
    return course.decision()
