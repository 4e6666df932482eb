"""Register what came in, once; know a reply from a complaint and a robot from a person. Pure."""

from services.intake.model import Received
from services.intake.policy import IntakePolicy, IntakeRules, Replies
from services.intake.receive import Sender, id_of, received_of
from services.intake.references import Matter, answered, case_of, message_mark
from services.intake.replies import answers, choice_of
from services.intake.robots import is_robot
from shared.contracts.contract import Contract, Segment
from shared.contracts.envelope import Event
from shared.contracts.identity import derived
from shared.contracts.receipts import ComplaintAccepted, Note
from shared.contracts.registered import ComplaintRegistered, ComplaintReplied, OrderState, Personal
from shared.contracts.submitted import Complainant, ComplaintSubmitted
from shared.stage.decision import Decision, History, Reason, Reserve


def decide(  # signature: stage
    event: Event[Contract], history: History, policy: IntakePolicy
) -> Decision:
    """Take the message in and tell its source: registered, a reply, or one that we have."""
    received = _received(event, policy)
    rows = touches(event)
    complaints, messages = (history.reserved.get(row, 0) for row in rows)
    if complaints:
        return Decision(emits=(_receipt(received, "duplicate"),), reasons=(Reason("duplicate"),))
    # Nobody answers history, as nobody answers a robot; and it wakes no case.
    robot = received.submitted.past or is_robot(received.submitted, policy.intake.robots)
    matter = None if robot else _answered(received, history)
    notes = _notes(reused=messages > 0, robot=robot, reply=matter is not None)
    taken = (
        _reply(received, matter, rules=policy.intake.replies)
        if matter
        else _registered(received, notes, rules=policy.intake)
    )
    return Decision(
        emits=(taken, _receipt(received, *notes)),
        reserves=_reserves(rows, messages),
        # Whoever writes on an old matter today is heard anew: nobody watches an old case.
        remembers=None if received.submitted.past else _remembered(received, matter),
        reasons=tuple(Reason(note) for note in notes) or (Reason("registered"),),
    )


def touches(event: Event[Contract]) -> tuple[str, str]:
    """The shared rows of a message: the same complaint may meet us on two workers at once."""
    data, source = event.data, event.source
    if isinstance(data, Received):
        complaint_id, message = data.complaint_id, data.submitted
    else:
        message = _submitted(event)
        complaint_id = id_of(message, source)
    # Derived: a channel's own id may be long, and holds whatever the channel put there.
    row = derived("row", source, message.channel_message_id)
    return f"complaint:{complaint_id}", f"message:{row}"


def _submitted(event: Event[Contract]) -> ComplaintSubmitted:
    if not isinstance(event.data, ComplaintSubmitted):
        raise TypeError("intake decides on submitted complaints alone")
    return event.data


def _received(event: Event[Contract], policy: IntakePolicy) -> Received:
    """What decode made; or, for `explain`, of a message that came by no record."""
    if isinstance(event.data, Received):
        return event.data
    sender, masking = Sender(event.source), policy.intake.masking
    return received_of(_submitted(event), sender, at=event.time, masking=masking)


def _answered(received: Received, history: History) -> Matter | None:
    return answered(received.submitted, [memory.data for memory in history.memories])


def _reserves(rows: tuple[str, str], messages: int) -> tuple[Reserve, ...]:
    """Once per complaint; per channel id exactly one more than was seen, or decide again."""
    complaint, message = rows
    return Reserve(complaint, 1, 1), Reserve(message, 1, messages + 1)


def _notes(*, reused: bool, robot: bool, reply: bool) -> tuple[Note, ...]:
    said: tuple[tuple[Note, bool], ...] = (
        ("id_reused", reused),
        ("automatic", robot),
        ("reply", reply),
    )
    return tuple(note for note, holds in said if holds)


def _receipt(received: Received, *notes: Note) -> ComplaintAccepted:
    return ComplaintAccepted(
        source=received.source,
        channel_message_id=received.submitted.channel_message_id,
        complaint_id=received.complaint_id,
        noted=notes,
    )


def _registered(
    received: Received, notes: tuple[Note, ...], *, rules: IntakeRules
) -> ComplaintRegistered:
    message = received.submitted
    who = message.complainant
    return ComplaintRegistered(
        complaint_id=received.complaint_id,
        source=received.source,
        channel=message.channel,
        channel_message_id=message.channel_message_id,
        received_at=received.taken_at,
        declared_role=who.declared_role,
        declared_form=who.language,
        segment=_segment(who, rules),
        on_behalf=message.on_behalf_of is not None,
        order=message.order,
        order_state=_order_state(received),
        automatic="automatic" in notes,
        id_reused="id_reused" in notes,
        message_id=message.channel_message_id if message.channel == "email" else None,
        personal=_personal(message),
    )


def _reply(received: Received, matter: Matter, *, rules: Replies) -> ComplaintReplied:
    return ComplaintReplied(
        complaint_id=matter.complaint_id,
        case_id=matter.case_id,
        channel=received.submitted.channel,
        received_at=received.taken_at,
        answers=answers(received.submitted),
        choice=choice_of(received.submitted, rules),
        personal=_personal(received.submitted),
    )


def _segment(who: Complainant, rules: IntakeRules) -> Segment:
    firm = who.organisation
    if firm is None or (firm.name is None and firm.employees is None):
        return "consumer"
    small = firm.employees is not None and firm.employees <= rules.small_business_employees_max
    return "small_business" if small else "business"


def _order_state(received: Received) -> OrderState:
    if received.submitted.order is None:
        return "none"
    return "confirmed" if received.vouched else "claimed"


def _personal(message: ComplaintSubmitted) -> Personal:
    who = message.complainant
    by_channel = {"email": who.email, "phone": who.phone}
    return Personal(
        complainant_id=who.id,
        name=who.name,
        email=who.email,
        phone=who.phone,
        organisation=who.organisation.name if who.organisation else None,
        on_behalf_of=message.on_behalf_of,
        reply_to=message.reply_to or by_channel.get(message.channel),
        subject=message.subject,
        text=message.text,
        attachments=message.attachments,
    )


def _remembered(received: Received, matter: Matter | None) -> dict[str, str]:
    """Ids only: what a later message of this complainant may answer."""
    known = matter or Matter(received.complaint_id, case_of(received.complaint_id))
    remembered = {"complaint_id": known.complaint_id, "case_id": known.case_id}
    if received.submitted.channel == "email":
        remembered["mark"] = message_mark(received.submitted.channel_message_id)
    return remembered
