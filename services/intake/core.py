"""Register what came in, once; know a reply from a complaint and a robot from a person. Pure."""

from typing import Literal

from services.intake.model import Received
from services.intake.policy import IntakePolicy, IntakeRules
from services.intake.receive import Sender, id_of, received_of
from services.intake.references import Matter, answered, case_of, message_mark
from services.intake.robots import is_robot
from shared.contracts.contract import Contract, Segment
from shared.contracts.envelope import Event
from shared.contracts.identity import derived
from shared.contracts.receipts import ComplaintAccepted
from shared.contracts.registered import ComplaintRegistered, ComplaintReplied, OrderState, Personal
from shared.contracts.submitted import ComplaintSubmitted
from shared.stage.decision import Decision, History, Reason, Reserve

Note = Literal["duplicate", "id_reused", "automatic", "reply"]


def decide(event: Event[Contract], history: History, policy: IntakePolicy) -> Decision:
    """Take the message in and tell its source: registered, a reply, or one that we have."""
    message = _received(event, policy)
    rows = _rows_named(message.complaint_id, message.source, message.channel_message_id)
    complaints, messages = (history.reserved.get(row, 0) for row in rows)
    if complaints:
        return Decision(emits=(_receipt(message, "duplicate"),), reasons=(Reason("duplicate"),))
    robot = is_robot(message, policy.intake.robots)
    matter = None if robot else answered(message, [memory.data for memory in history.memories])
    notes = _notes(reused=messages > 0, robot=robot, reply=matter is not None)
    taken = (
        _registered(message, notes, policy.intake) if matter is None else _reply(message, matter)
    )
    return Decision(
        emits=(taken, _receipt(message, *notes)),
        reserves=_reserves(rows, history),
        remembers=_remembered(message, matter),
        reasons=tuple(Reason(note) for note in notes) or (Reason("registered"),),
    )


def touches(event: Event[Contract]) -> tuple[str, ...]:
    """The shared rows of a message: the same complaint may meet us on two workers at once."""
    message, source = _submitted(event), event.source
    complaint_id = message.complaint_id if isinstance(message, Received) else id_of(message, source)
    return _rows_named(complaint_id, source, message.channel_message_id)


def _submitted(event: Event[Contract]) -> ComplaintSubmitted:
    if not isinstance(event.data, ComplaintSubmitted):
        raise TypeError("intake decides on submitted complaints alone")
    return event.data


def _received(event: Event[Contract], policy: IntakePolicy) -> Received:
    """What decode made; or, for `explain`, of a message that came by no record."""
    message = _submitted(event)
    if isinstance(message, Received):
        return message
    masking = policy.intake.masking
    return received_of(message, Sender(event.source), at=event.time, masking=masking)


def _rows_named(complaint_id: str, source: str, channel_message_id: str) -> tuple[str, str]:
    # Derived: a channel's own id may be long, and holds whatever the channel put there.
    return f"complaint:{complaint_id}", f"message:{derived('row', source, channel_message_id)}"


def _reserves(rows: tuple[str, str], history: History) -> tuple[Reserve, ...]:
    """Once per complaint; per channel id exactly one more than was seen, or decide again."""
    complaint, message = rows
    return (
        Reserve(complaint, 1, 1),
        Reserve(message, 1, history.reserved.get(message, 0) + 1),
    )


def _notes(*, reused: bool, robot: bool, reply: bool) -> tuple[Note, ...]:
    said: tuple[tuple[Note, bool], ...] = (
        ("id_reused", reused),
        ("automatic", robot),
        ("reply", reply),
    )
    return tuple(note for note, holds in said if holds)


def _receipt(message: Received, *notes: Note) -> ComplaintAccepted:
    return ComplaintAccepted(
        source=message.source,
        channel_message_id=message.channel_message_id,
        complaint_id=message.complaint_id,
        noted=notes,
    )


def _registered(
    message: Received, notes: tuple[Note, ...], rules: IntakeRules
) -> ComplaintRegistered:
    who = message.complainant
    return ComplaintRegistered(
        complaint_id=message.complaint_id,
        source=message.source,
        channel=message.channel,
        channel_message_id=message.channel_message_id,
        received_at=message.taken_at,
        declared_role=who.declared_role,
        declared_form=who.language,
        segment=_segment(message, rules),
        on_behalf=message.on_behalf_of is not None,
        order=message.order,
        order_state=_order_state(message),
        automatic="automatic" in notes,
        id_reused="id_reused" in notes,
        message_id=message.channel_message_id if message.channel == "email" else None,
        personal=_personal(message),
    )


def _reply(message: Received, matter: Matter) -> ComplaintReplied:
    return ComplaintReplied(
        complaint_id=matter.complaint_id,
        case_id=matter.case_id,
        channel=message.channel,
        received_at=message.taken_at,
        personal=_personal(message),
    )


def _segment(message: Received, rules: IntakeRules) -> Segment:
    firm = message.complainant.organisation
    if firm is None or (firm.name is None and firm.employees is None):
        return "consumer"
    small = firm.employees is not None and firm.employees <= rules.small_business_employees_max
    return "small_business" if small else "business"


def _order_state(message: Received) -> OrderState:
    if message.order is None:
        return "none"
    return "confirmed" if message.vouched else "claimed"


def _personal(message: Received) -> Personal:
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


def _remembered(message: Received, matter: Matter | None) -> dict[str, str]:
    """Ids only: what a later message of this complainant may answer."""
    known = matter or Matter(message.complaint_id, case_of(message.complaint_id))
    remembered = {"complaint_id": known.complaint_id, "case_id": known.case_id}
    if message.channel == "email":
        remembered["mark"] = message_mark(message.channel_message_id)
    return remembered
