"""Events to Kafka records and back: CloudEvents 1.0, binary mode out, binary and structured in."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal, TypeVar

import orjson
from pydantic import ValidationError
from pydantic_core import ErrorDetails, to_json

from shared.contracts.contract import Contract
from shared.contracts.envelope import Event, Outgoing, Record
from shared.contracts.hints import hint_of
from shared.contracts.topics import EVENT_TYPES, topic_named
from shared.contracts.trace import traceparent_of
from shared.errors import Fault, Invalid

SPEC_VERSION = "1.0"
D = TypeVar("D", bound=Contract)

STRUCTURED = "application/cloudevents+json"
# Fields whose key is not the complainant's: the value that is.
_KEY_FIELDS = {"source": "source", "order": "order_id", "switch": "switch"}


def encode(event: Event[Contract]) -> Outgoing:
    """The record of an event, in binary mode. Absent fields are left out."""
    headers = [
        ("content-type", b"application/json"),
        ("ce_specversion", SPEC_VERSION.encode()),
        ("ce_id", event.id.encode()),
        ("ce_source", event.source.encode()),
        ("ce_type", event.type.encode()),
        ("ce_time", event.time.isoformat().encode()),
        ("ce_partitionkey", event.key.encode()),
        ("ce_causedepth", b"%d" % event.depth),
    ]
    for name, value in (
        ("ce_causationid", event.causation_id),
        ("ce_policydigest", event.policy_digest),
        ("ce_traceparent", event.traceparent),
    ):
        if value is not None:
            headers.append((name, value.encode()))
    return Outgoing(
        topic=event.topic,
        key=_key(event).encode(),
        value=to_json(event.data, exclude_none=True),
        headers=tuple(headers),
    )


def decode(record: Record) -> Event[Contract]:
    """The event of a record of one of our topics; raises `Invalid` with every fault."""
    attributes, value = attributes_of(record)
    topic = topic_named(record.topic)
    model = EVENT_TYPES.get(attributes.get("type", ""))
    if model not in topic.types:
        known = ", ".join(t.TYPE for t in topic.types)
        raise Invalid(Fault("unknown_type", "ce_type", f"{record.topic} takes {known}"))
    data = read(model, value)
    key = attributes.get("partitionkey") or (record.key or b"").decode("utf-8", "replace")
    return Event(
        id=_needed(attributes, "id"),
        source=attributes.get("source", ""),
        key=key,
        time=_instant(_needed(attributes, "time")),
        data=data,
        depth=_depth(attributes.get("causedepth", "0")),
        causation_id=attributes.get("causationid"),
        policy_digest=attributes.get("policydigest"),
        traceparent=traceparent_of(attributes.get("traceparent")),
        topic=record.topic,
    )


def read(model: type[D], value: bytes, *, unknown: Literal["ignore", "forbid"] = "ignore") -> D:
    """Read JSON bytes as a contract: strict types, unknown fields ignored or refused."""
    try:
        return model.model_validate_json(value, extra=unknown)
    except ValidationError as error:
        raise Invalid(*faults_of(error.errors(include_url=False))) from None
    except UnicodeDecodeError:
        raise Invalid(Fault("not_utf8", "", "send UTF-8 without a byte order mark")) from None


def faults_of(errors: Iterable[ErrorDetails]) -> tuple[Fault, ...]:
    """Pydantic's findings as faults: code, dotted field, and a hint without the value."""
    return tuple(
        Fault(
            error["type"],
            ".".join(str(part) for part in error["loc"]),
            hint_of(error),
        )
        for error in errors
    )


def attributes_of(record: Record) -> tuple[dict[str, str], bytes]:
    """The CloudEvents attributes and the JSON value of a record, in either mode."""
    if record.value is None:
        raise Invalid(Fault("null_value", "", "a record needs a value; null deletes nothing here"))
    headers = _headers(record.headers)
    if headers.get("content-type", "").lower().startswith(STRUCTURED):
        return _structured(record.value)
    return {n[3:]: v for n, v in headers.items() if n.startswith("ce_")}, record.value


def _headers(raw: Iterable[tuple[str, bytes]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in raw:
        if not name.startswith("ce_") and name != "content-type":
            continue
        if name in found:
            raise Invalid(Fault("repeated_header", name, "send each CloudEvents header once"))
        try:
            found[name] = value.decode()
        except UnicodeDecodeError:
            raise Invalid(Fault("not_utf8", name, "headers are UTF-8")) from None
    return found


def _structured(value: bytes) -> tuple[dict[str, str], bytes]:
    try:
        whole = orjson.loads(value)
    except orjson.JSONDecodeError:
        raise Invalid(Fault("json_invalid", "", "not a JSON document")) from None
    if not isinstance(whole, dict) or not isinstance(whole.get("data"), dict):
        raise Invalid(
            Fault("data_missing", "data", "a structured CloudEvent has a JSON object in data")
        )
    data = whole.pop("data")
    return {n: v for n, v in whole.items() if isinstance(v, str)}, orjson.dumps(data)


def _needed(attributes: dict[str, str], name: str) -> str:
    value = attributes.get(name)
    if not value:
        raise Invalid(Fault("missing", f"ce_{name}", "CloudEvents needs this attribute"))
    return value


def _instant(text: str) -> datetime:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(Fault("not_a_time", "ce_time", "RFC 3339, as 2026-11-22T08:00:00Z")) from None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _depth(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _key(event: Event[Contract]) -> str:
    name = _KEY_FIELDS.get(topic_named(event.topic).key)
    return event.key if name is None else str(getattr(event.data, name, event.key))
