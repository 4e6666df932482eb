"""Recovery's decisions, pure: event, history and policy in, a decision out.

`decide` finds who answers an event; `touches` names the payments it must see.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, TypeVar, cast

from pydantic import JsonValue

from services.recovery.budgets import rows_of
from services.recovery.coming_back import effect_came_back, provider_said, task_done, timer_came
from services.recovery.course import Course
from services.recovery.deciding import close, decide_case, withdraw
from services.recovery.facts import order_from
from services.recovery.model import Matter, buyer_token
from services.recovery.payments import payments_of, row_of
from services.recovery.policy import Policy
from services.recovery.recall import standing_of
from services.recovery.same_matter import linked
from services.recovery.signing import choose, decline, reply, sign, wake_for_payments
from services.recovery.weighing import weigh
from shared.contracts.approvals import ApprovalDeclined, ApprovalGiven
from shared.contracts.cases import (
    CaseClosed,
    CaseDecided,
    CaseLinked,
    CaseUnlinked,
    CaseWithdrawn,
    TaskDone,
)
from shared.contracts.contract import Contract, Sealed
from shared.contracts.envelope import Event
from shared.contracts.inbox import EffectOutcome, ProviderEvent, TimerDue
from shared.contracts.registered import ChoiceMade, ComplaintRegistered, ComplaintReplied
from shared.contracts.submitted import Order
from shared.contracts.triaged import ComplaintTriaged
from shared.stage.decision import NOTHING, Decision, History, Reason
from shared.stage.ruled import ruled

D_contra = TypeVar("D_contra", bound=Contract, contravariant=True)


class Handler(Protocol[D_contra]):
    """What one type of event brings about."""

    def __call__(self, event: Event[D_contra], history: History, *, policy: Policy) -> Decision:
        """Decide on one event."""


def answer(  # signature: stage
    event: Event[Contract], history: History, policy: Policy
) -> Decision:
    """What recovery makes of an event; nothing of those that do not concern it."""
    handler = _HANDLERS.get(event.type)
    return NOTHING if handler is None else handler(event, history, policy=policy)


decide = ruled(answer, lambda policy: policy.people.names)


def touches(event: Event[Contract]) -> tuple[str, ...]:
    """The payments whose remainder, and the budgets of which, a decision may need to see."""
    data = event.data
    if isinstance(data, ComplaintTriaged):
        return _rows(data.order, event.time)
    if isinstance(data, EffectOutcome):
        return _rows(order_from(data.detail.get("order")), event.time)
    if isinstance(data, TimerDue):
        rows, currencies = data.detail.get("rows"), data.detail.get("currencies")
        payments = tuple(str(row) for row in rows) if isinstance(rows, list) else ()
        known = map(str, currencies) if isinstance(currencies, list) else ()
        return (*payments, *rows_of(event.time, known))
    return ()


def on_triaged(event: Event[ComplaintTriaged], history: History, *, policy: Policy) -> Decision:
    """A complaint was read: decide, unless that was done before."""
    if standing_of(history, event.data.complaint_id) is not None:
        return Decision(reasons=(Reason("decided_before"),))
    return weigh(Matter.of(event.data, event.key), history, policy=policy, at=event.time)


def on_registered(
    event: Event[ComplaintRegistered], history: History, *, policy: Policy
) -> Decision:
    """Who wrote it, as tokens; a matter that waited for this is decided a moment later."""
    data = event.data
    if data.order is None and data.order_state == "none":
        return NOTHING
    who: JsonValue = {"complaint_id": data.complaint_id, "tokens": list(tokens_of(event))}
    standing = standing_of(history, data.complaint_id)
    if standing is None or standing.status != "waiting":
        return Decision(remembers={"who": who})
    course = Course(standing, event.time, policy)
    wake_for_payments(course, event.id)
    decision = course.decision("writer_known")
    return Decision(effects=decision.effects, remembers={"who": who}, reasons=decision.reasons)


def on_linked(
    event: Event[CaseLinked] | Event[CaseUnlinked],
    history: History,  # noqa: ARG001 -- the signature of a handler
    *,
    policy: Policy,  # noqa: ARG001 -- the signature of a handler
) -> Decision:
    """What is one matter, and what is two, holds for all that is weighed from now on."""
    return Decision(remembers=linked(event.data))


def tokens_of(event: Event[ComplaintRegistered]) -> tuple[str, ...]:
    """What the writer is known by, each as a token; none when sealed."""
    personal = event.data.personal
    if isinstance(personal, Sealed):
        return ()
    known = (personal.complainant_id, personal.email, personal.phone, personal.name)
    return tuple(buyer_token(event.key, each) for each in known if each)


def _rows(order: Order | None, at: datetime) -> tuple[str, ...]:
    if order is None:
        return ()
    paid = payments_of(order)
    payments = tuple(dict.fromkeys(row_of(each.reference) for each in paid))
    return (*payments, *rows_of(at, (each.currency for each in paid)))


def _for(kind: type[D_contra], handler: Handler[D_contra]) -> tuple[str, Handler[Contract]]:
    return kind.TYPE, cast("Handler[Contract]", handler)


_HANDLERS: Mapping[str, Handler[Contract]] = dict(
    (
        _for(ComplaintTriaged, on_triaged),
        _for(ComplaintRegistered, on_registered),
        _for(ChoiceMade, choose),
        _for(ComplaintReplied, reply),
        _for(ApprovalGiven, sign),
        _for(ApprovalDeclined, decline),
        _for(CaseDecided, decide_case),
        _for(CaseClosed, close),
        _for(CaseWithdrawn, withdraw),
        _for(CaseLinked, on_linked),
        _for(CaseUnlinked, on_linked),
        _for(TaskDone, task_done),
        _for(EffectOutcome, effect_came_back),
        _for(ProviderEvent, provider_said),
        _for(TimerDue, timer_came),
    )
)
