"""From what a channel handed over to the event that intake decides on: id, key, masked words. Pure.

The same for every way in, so that a complaint has the same id and key by HTTP, mail and Kafka.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from services.intake.checks import check
from services.intake.files import visible
from services.intake.masking import is_identity_number, mask
from services.intake.model import Received
from services.intake.policy import IntakeRules, Masking
from shared.contracts.envelope import Event
from shared.contracts.identity import complaint_id, record_key
from shared.contracts.submitted import Complainant, ComplaintSubmitted, Order
from shared.contracts.topics import SUBMITTED

NORWAY = "+47"
_NORWEGIAN_DIGITS = 8
# Line breaks, tabs and other controls, also Unicode's own: in a line they only forge lines.
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who handed a message over. `vouched`: it may state orders as facts.

    `complaint_id`: the id that our own door derived from the words before it masked them.
    """

    source: str
    vouched: bool = False
    complaint_id: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """When a message came to us, under which event id, in which trace of its sender."""

    at: datetime
    event_id: str
    traceparent: str | None = None


def receive(
    message: ComplaintSubmitted, sender: Sender, *, taken: Taken, secret: bytes, rules: IntakeRules
) -> Event[Received]:
    """The event of a submitted complaint; raises `Invalid` when it cannot be."""
    check(message, at=taken.at, rules=rules)
    if sender.complaint_id is None:
        message = unnumbered(message, secret)
    received = received_of(message, sender, at=taken.at, masking=rules.masking)
    identity = identity_of(message, sender.source) or received.complaint_id
    return Event(
        id=taken.event_id,
        source=sender.source,
        key=record_key(secret, identity),
        time=taken.at,
        data=received,
        traceparent=taken.traceparent,
        topic=SUBMITTED.name,
    )


def received_of(
    message: ComplaintSubmitted, sender: Sender, *, at: datetime, masking: Masking
) -> Received:
    """The message with its id and its sender, ready to be decided on.

    What our own door sent is masked already, by the door.
    """
    return Received(
        submitted=message if sender.complaint_id else masked(message, masking),
        complaint_id=sender.complaint_id or id_of(message, sender.source),
        source=sender.source,
        vouched=sender.vouched,
        taken_at=message.received_at or at,
    )


def id_of(message: ComplaintSubmitted, source: str) -> str:
    """The complaint's id, from the words as they came."""
    return complaint_id(
        source, message.channel_message_id, subject=message.subject, text=message.text
    )


def identity_of(message: ComplaintSubmitted, source: str) -> str | None:
    """What names the complainant: the source's own id, else e-mail, else phone; None: nothing."""
    who = message.complainant
    if who.id:
        return f"{source}:{who.id}"
    if who.email:
        return who.email.strip().lower()
    return e164(who.phone) if who.phone else None


def e164(phone: str) -> str:
    """A phone number in E.164; eight digits alone are Norwegian."""
    digits = "".join(character for character in phone if character in "0123456789")
    if phone.strip().startswith("+"):
        return f"+{digits}"
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    return f"{NORWAY}{digits}" if len(digits) == _NORWEGIAN_DIGITS else f"+{digits}"


def unnumbered(message: ComplaintSubmitted, secret: bytes) -> ComplaintSubmitted:
    """The message without a national identity number as its complainant's id.

    The same person has the same name by HMAC, so that her complaints stay together.
    """
    who = message.complainant
    if not who.id or not is_identity_number(who.id):
        return message
    digits = "".join(character for character in who.id if character.isdigit())
    named = who.model_copy(update={"id": f"person-{record_key(secret, f'identity:{digits}')}"})
    return message.model_copy(update={"complainant": named})


def masked(message: ComplaintSubmitted, words: Masking) -> ComplaintSubmitted:
    """The message with its numbers masked, and every line really one line."""
    subject, order = one_line(message.subject), message.order
    now: dict[str, object] = {
        "complainant": _masked_person(message.complainant, words),
        "on_behalf_of": _masked_line(message.on_behalf_of, words),
        "reply_to": one_line(message.reply_to),
        "subject": mask(subject, words) if subject else None,
        "text": mask(message.text, words),
        "order": _masked_order(order, words) if order and order.payments else order,
        "attachments": tuple(
            each.model_copy(update={"name": mask(file_name(each.name), words)})
            for each in message.attachments
        ),
    }
    changed = {field: said for field, said in now.items() if said != getattr(message, field)}
    # Nearly always nothing: a copy costs more than all the looking.
    return message.model_copy(update=changed) if changed else message


def _masked_line(words: str | None, masking: Masking) -> str | None:
    line = one_line(words)
    return mask(line, masking) if line else None


def _masked_person(who: Complainant, words: Masking) -> Complainant:
    name = _masked_line(who.name, words)
    return who if name == who.name else who.model_copy(update={"name": name})


def _masked_order(order: Order, words: Masking) -> Order:
    """How it was paid, without the card; the reference stays, a refund goes back along it."""
    paid = tuple(
        each.model_copy(update={"method": mask(each.method, words)}) if each.method else each
        for each in order.payments
    )
    return order.model_copy(update={"payments": paid})


def one_line(words: str | None) -> str | None:
    """Words without line breaks and control characters; nothing left is None."""
    if words is None:
        return None
    plain = words if words.isprintable() else _BREAKS.sub(" ", words)
    return plain.strip() or None


def file_name(name: str) -> str:
    """What a file is called, without the folders that a sender puts before it."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return one_line(visible(one_line(last) or "")) or "file"
