"""What the outside world answers: an order found, money paid or not, a task done, a time come."""

from services.recovery.course import Course
from services.recovery.deciding import carry_out, look_at_payments, refused
from services.recovery.events import OVER, promise_of, signature_timer, with_gesture
from services.recovery.facts import contradicts, order_from
from services.recovery.model import Held, Matter, Standing, masked
from services.recovery.payments import overdrawn, payments_of
from services.recovery.policy import Policy
from services.recovery.recall import about_of, holder_of, standing_of
from services.recovery.signing import may_not_sign, signed
from services.recovery.starting import GRANT_END
from services.recovery.weighing import weigh
from services.recovery.words import word_from
from shared.contracts.cases import TaskDone
from shared.contracts.envelope import Event
from shared.contracts.inbox import EffectOutcome, EffectState, ProviderEvent, TimerDue
from shared.contracts.promises import PromiseBroken
from shared.contracts.recoveries import SIMULATED, RecoveryFailed, RecoveryReversed
from shared.contracts.submitted import Order
from shared.stage.decision import NOTHING, Decision, History

LOOKUP = "order_lookup"
SILENT = "approval_silent"
GRANTS_OVER = frozenset({"expired", "revoked"})


def effect_came_back(event: Event[EffectOutcome], history: History, *, policy: Policy) -> Decision:
    """An effect's outcome moves its gesture; a look-up's lets a waiting matter be decided."""
    outcome = event.data
    if outcome.kind == LOOKUP:
        return _order_came_back(event, history, policy=policy)
    if outcome.kind == GRANT_END:
        return _grant_ended(event, history, policy=policy)
    standing = holder_of(history, outcome.effect_key)
    if standing is None:
        return NOTHING
    course = Course(standing, event.time, policy)
    reference = outcome.provider_reference
    _move(course, outcome.effect_key, state=outcome.state, reference=reference, code=outcome.code)
    return course.decision(outcome.state)


def _grant_ended(event: Event[EffectOutcome], history: History, *, policy: Policy) -> Decision:
    """A voucher or credit that nobody used, or that somebody took back: off the books again."""
    detail = event.data.detail
    standing = holder_of(history, str(detail.get("grant_id")))
    ended = str(detail.get("grant_state"))
    if standing is None or ended not in GRANTS_OVER:
        return NOTHING
    course = Course(standing, event.time, policy)
    held = _held(course, str(detail["grant_id"]))
    if held is None or held.gesture.state != "posted":
        return NOTHING
    over = with_gesture(held, state="voided")
    course.becomes(held=tuple(over if each is held else each for each in course.held))
    if held.settled:
        # Nothing is wrong and nobody need look: what was owed is owed no more.
        course.say(RecoveryReversed, reasons=(*standing.reasons, f"grant_{ended}"))
    return course.decision(f"grant_{ended}")


def provider_said(event: Event[ProviderEvent], history: History, *, policy: Policy) -> Decision:
    """A provider told us on its own; the same as an outcome, also when it takes one back."""
    said = event.data
    standing = holder_of(history, said.effect_key) if said.effect_key else None
    if standing is None or said.effect_key is None:
        return NOTHING
    course = Course(standing, event.time, policy)
    state, code = said.state, None
    held = _held(course, said.effect_key)
    if held is not None and _differs(said, held):
        state, code = "manual", "amount_differs"
    _move(course, said.effect_key, state=state, reference=said.provider_reference, code=code)
    return course.decision(state)


def _differs(said: ProviderEvent, held: Held) -> bool:
    ours = held.gesture.amount_minor, held.gesture.currency
    return said.amount_minor is not None and (said.amount_minor, said.currency) != ours


def task_done(event: Event[TaskDone], history: History, *, policy: Policy) -> Decision:
    """A person did what was promised."""
    standing = holder_of(history, event.data.task_id)
    if standing is None:
        return NOTHING
    course = Course(standing, event.time, policy)
    _move(course, event.data.task_id, state="posted", reference=f"person:{event.data.actor}")
    return course.decision("task_done")


def timer_came(event: Event[TimerDue], history: History, *, policy: Policy) -> Decision:
    """A time has come: to decide on payments now seen, to report silence or a broken promise."""
    standing = standing_of(history, event.data.complaint_id)
    if standing is None:
        return NOTHING
    course = Course(standing, event.time, policy)
    if event.data.name == "payments_seen":
        return _payments_seen(course, history)
    if event.data.name == "promise_due":
        return _promise_due(course, str(event.data.detail.get("gesture_id")))
    # The clock of an older proposal says nothing of the one that waits now.
    ours = event.data.effect_key == signature_timer(standing)
    if event.data.name == "approval_silence" and ours and standing.needs_signature:
        return _silent(course, history)
    return NOTHING


def _silent(course: Course, history: History) -> Decision:
    """Proposed again, to the next who may sign; silence approves nothing, however long it lasts.

    Whoever signs what she saw before signs the same thing.
    """
    standing = course.standing
    course.becomes(
        silences=standing.silences + 1,
        asked_again_from=standing.asked_again_from or standing.version,
        reasons=tuple(dict.fromkeys((*standing.reasons, SILENT))),
    )
    course.ask(about=about_of(history, standing.case_id))
    return course.decision(SILENT)


def _payments_seen(course: Course, history: History) -> Decision:
    standing = course.standing
    if standing.word is None:
        if standing.status != "waiting" or standing.matter is None:
            return NOTHING
        return weigh(standing.matter, history, policy=course.policy, at=course.at)
    if "signed_by" not in standing.word:
        return carry_out(course, word_from(standing.word), history=history)
    actor = str(standing.word["signed_by"])
    # Since she signed, her limit may be another, or the complaint turn out to be about her.
    code = may_not_sign(actor, standing, history=history, policy=course.policy)
    if code is None and _over_paid(standing, history):
        code = "over_paid"
    if code is not None:
        return refused(course, actor, code=code)
    signed(course, actor)
    return course.decision("signed")


def _over_paid(standing: Standing, history: History) -> bool:
    unclaimed = [
        held.gesture
        for held in standing.held
        if held.gesture.state == "proposed" and not held.reserved_minor
    ]
    return overdrawn(unclaimed, standing.payments, reserved=history.reserved)


def _promise_due(course: Course, gesture_id: str) -> Decision:
    held = _held(course, gesture_id)
    if held is None or held.gesture.state == "posted" or held.gesture.due_at is None:
        return NOTHING
    broken = promise_of(PromiseBroken, course.standing, held=held, due_at=held.gesture.due_at)
    course.emits.append(broken)
    course.becomes(late=(*course.standing.late, gesture_id))
    return course.decision("promise_broken")


def _order_came_back(event: Event[EffectOutcome], history: History, *, policy: Policy) -> Decision:
    standing = standing_of(history, event.data.complaint_id)
    if standing is None:
        return NOTHING
    fact = _fact(event)
    if standing.word is not None and "signed_by" not in standing.word:
        return _looked_up(Course(standing, event.time, policy), fact, event=event, history=history)
    if standing.status != "looking" or standing.matter is None:
        return NOTHING
    matter = _checked(standing.matter, fact)
    return weigh(matter, history, policy=policy, at=event.time)


def _looked_up(
    course: Course, fact: Order | None, *, event: Event[EffectOutcome], history: History
) -> Decision:
    """For a person who decided: the recorded payments are the ones money goes back along."""
    word = word_from(course.standing.word or {})
    if fact is None:
        return look_at_payments(course, word, cause_id=event.id)
    course.becomes(payments=payments_of(fact), order_confirmed=True)
    return carry_out(course, word, history=history)


def _fact(event: Event[EffectOutcome]) -> Order | None:
    fact = order_from(event.data.detail.get("order"))
    return masked(fact, event.key) if event.data.state == "posted" else None


def _checked(matter: Matter, fact: Order | None) -> Matter:
    if fact is None or matter.order is None:
        return matter.model_copy(update={"order_state": "none", "unconfirmed": True})
    if contradicts(matter.order, fact):
        return matter.model_copy(update={"order_state": "contradicted", "recorded": fact})
    return matter.model_copy(update={"order": fact, "order_state": "confirmed"})


def _held(course: Course, gesture_id: str) -> Held | None:
    return next((h for h in course.held if h.gesture.gesture_id == gesture_id), None)


def _move(
    course: Course,
    gesture_id: str,
    *,
    state: EffectState,
    reference: str | None,
    code: str | None = None,
) -> None:
    held = _held(course, gesture_id)
    # What failed or was taken back stays so: older news may come late, in any order.
    if held is None or state in {"in_flight", held.gesture.state} or held.gesture.state in OVER:
        return
    was_posted = held.gesture.state == "posted"
    new = "voided" if was_posted and state == "failed" else state
    known = reference or held.gesture.provider_reference
    simulated = True if known and known.startswith(SIMULATED) else None
    moved = with_gesture(held, state=new, provider_reference=known, simulated=simulated)
    course.becomes(held=tuple(moved if h is held else h for h in course.held))
    if state == "posted":
        course.date_met(moved)
        course.settle_if_done()
        return
    if was_posted and state != "failed":
        # It was done; a later "unknown" takes nothing back.
        course.becomes(held=tuple(held if h is moved else h for h in course.held))
        return
    if state in {"failed", "manual"}:
        course.release_unsent()
        # Finance books on settled and reversed alone: what was never settled only failed.
        failed = RecoveryReversed if was_posted and held.settled else RecoveryFailed
        course.becomes(reasons=(*course.standing.reasons, code or f"gesture_{state}"))
        course.say(failed, outcome="with_person", status="failed")
