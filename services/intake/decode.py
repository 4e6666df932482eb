"""From a Kafka record to the event that intake decides on, or every reason why not. Pure.

Taken: CloudEvents in binary or structured mode, and a plain JSON value without any headers, as a
console producer sends it. Strict: what is misspelt is refused with its field, never ignored; a
newer door of ours alone may send fields that this version does not know.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import orjson
from pydantic import ValidationError

from services.intake.model import Received
from services.intake.policy import VOUCHES, IntakePolicy
from services.intake.proof import DOOR, proved
from services.intake.receive import Sender, Taken, identity_of, receive, unnumbered
from shared.contracts.codec import attributes_of, read
from shared.contracts.contract import LINE_CHARS_MAX
from shared.contracts.envelope import Event, Record
from shared.contracts.identity import derived, record_key
from shared.contracts.receipts import ComplaintRejected, Problem
from shared.contracts.strict_json import check, field_name
from shared.contracts.submitted import DOOR_PROOF, Complainant, ComplaintSubmitted
from shared.contracts.topics import RECEIPTS, SUBMITTED
from shared.contracts.trace import traceparent_of
from shared.errors import Fault, Invalid

UNPROVED = "unproved"
SOURCE_CHARS_MAX = 100  # of a source that nobody proved
PROBLEMS_MAX = 50  # in a receipt; a document with more is no typing mistake
HINT_CHARS_MAX = 300

Decode = Callable[[Record], Event[Received]]
Whose = Callable[[Record], Event[ComplaintSubmitted] | None]
Refuse = Callable[[Record, Invalid], tuple[Event[ComplaintRejected], ...]]


def make_decode(secret: bytes, policy: IntakePolicy) -> Decode:
    """The stage's decode. `secret`: of record keys and of our door's proof."""

    def decode(record: Record) -> Event[Received]:
        attributes, value = _opened(record)
        sender = sender_of(record, policy=policy, secret=secret)
        ours = sender.complaint_id is not None
        message = read(ComplaintSubmitted, value, unknown="ignore" if ours else "forbid")
        at = _time(record, message)
        digest = hashlib.sha256(value).hexdigest()
        place = (record.topic, record.partition, record.offset)
        # The value belongs to it: a topic made anew counts its offsets from 0 again.
        event_id = derived("submitted", *place, sender.complaint_id or digest)
        taken = Taken(at, event_id, _trace(attributes, record))
        return receive(message, sender, taken=taken, secret=secret, rules=policy.intake)

    return decode


def make_refuse(secret: bytes, policy: IntakePolicy) -> Refuse:
    """The stage's receipt for a record that `decode` did not take."""

    def refuse(record: Record, invalid: Invalid) -> tuple[Event[ComplaintRejected], ...]:
        source = sender_of(record, policy=policy, secret=secret).source
        rejected = ComplaintRejected(
            source=source,
            channel_message_id=_their_id(record.value or b""),
            problems=problems_of(invalid),
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
        )
        digest = hashlib.sha256(record.value or b"").hexdigest()
        event_id = derived("refused", record.topic, record.partition, record.offset, digest)
        at = datetime.fromtimestamp(max(record.timestamp_ms, 0) / 1000, UTC)
        return (Event(event_id, source, source, at, rejected, topic=RECEIPTS.name),)

    return refuse


def make_whose(secret: bytes, policy: IntakePolicy) -> Whose:
    """Who wrote a record that `decode` did not take, as far as it names its complainant."""

    def whose(record: Record) -> Event[ComplaintSubmitted] | None:
        whole = _tolerant(record.value or b"")
        inner = whole.get("data")
        named = (inner if isinstance(inner, dict) else whole).get("complainant")
        who = _named(named) if isinstance(named, dict) else None
        if who is None:
            return None
        source = sender_of(record, policy=policy, secret=secret).source
        about = ComplaintSubmitted(
            channel="web", channel_message_id="unread", complainant=who, text="unread"
        )
        identity = identity_of(unnumbered(about, secret), source)
        if identity is None:
            return None
        at = datetime.fromtimestamp(max(record.timestamp_ms, 0) / 1000, UTC)
        return Event("", source, record_key(secret, identity), at, about, topic=SUBMITTED.name)

    return whose


def _named(complainant: dict[str, object]) -> Complainant | None:
    """What of a complainant can be read, field by field: another one may be what was wrong."""
    told: dict[str, object] = {}
    for name in ("id", "email", "phone"):
        try:
            Complainant.model_validate({name: complainant.get(name)})
        except ValidationError:
            continue
        told[name] = complainant.get(name)
    return Complainant.model_validate(told) if any(told.values()) else None


def sender_of(record: Record, *, policy: IntakePolicy, secret: bytes) -> Sender:
    """Who sent a record, and how far we take its word."""
    own = record.topic.removeprefix(f"{SUBMITTED.name}.")
    if own != record.topic and own in policy.proven.sources:
        return Sender(own, VOUCHES in policy.proven.sources[own].scopes)
    headers = {n: v.decode("utf-8", "replace") for n, v in record.headers}
    if DOOR_PROOF in headers and headers.get("ce_source") == DOOR:
        known = proved(headers, value=record.value or b"", secret=secret)
        if known is not None:
            return known
    return Sender(f"{UNPROVED}:{_claimed(headers, record)}")


def problems_of(invalid: Invalid) -> tuple[Problem, ...]:
    """The faults for the one who sent it; long ones cut, odd characters in names replaced."""
    return tuple(
        Problem(code=fault.code, field=field_name(fault.field), hint=fault.hint[:HINT_CHARS_MAX])
        for fault in invalid.faults[:PROBLEMS_MAX]
    )


def _opened(record: Record) -> tuple[dict[str, str], bytes]:
    if record.value is not None:
        check(record.value)
    attributes, value = attributes_of(record)
    said = attributes.get("type", ComplaintSubmitted.TYPE)
    if said != ComplaintSubmitted.TYPE:
        hint = f"{SUBMITTED.name} takes {ComplaintSubmitted.TYPE}"
        raise Invalid(Fault("unknown_type", "ce_type", hint))
    return attributes, value


def _trace(attributes: Mapping[str, str], record: Record) -> str | None:
    """As CloudEvents carry it, or as Kafka's own instrumentation does: a header of its own."""
    plain = next((value for name, value in record.headers if name == "traceparent"), b"")
    said = attributes.get("traceparent") or plain.decode("utf-8", "replace")
    return traceparent_of(said)


def _time(record: Record, message: ComplaintSubmitted) -> datetime:
    """When the record came; the broker refuses a stamp from the future."""
    if record.timestamp_ms >= 0:
        return datetime.fromtimestamp(record.timestamp_ms / 1000, UTC)
    if message.received_at is None:
        raise Invalid(Fault("no_time", "received_at", "the record has no timestamp: give one"))
    return message.received_at


def _claimed(headers: Mapping[str, str], record: Record) -> str:
    claimed = headers.get("ce_source")
    if claimed is None and b'"data"' in (record.value or b""):
        claimed = _structured_source(record.value or b"")
    claimed = claimed or "none"
    return field_name(claimed)[:SOURCE_CHARS_MAX]


def _structured_source(value: bytes) -> str:
    whole = _tolerant(value)
    # A structured CloudEvent names its source beside its data; a plain complaint has no such field.
    claimed = whole.get("source") if "data" in whole else None
    return claimed if isinstance(claimed, str) else ""


def _their_id(value: bytes) -> str | None:
    whole = _tolerant(value)
    data = whole.get("data")
    found = (data if isinstance(data, dict) else whole).get("channel_message_id")
    return found[:LINE_CHARS_MAX].replace("\0", "") if isinstance(found, str) else None


def _tolerant(value: bytes) -> dict[str, object]:
    try:
        whole = orjson.loads(value)
    except orjson.JSONDecodeError:
        return {}
    return whole if isinstance(whole, dict) else {}
