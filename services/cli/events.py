"""A record of the log as a person or a script reads it."""

from datetime import UTC, datetime

import orjson
from pydantic import JsonValue

from services.cli.output import shown
from shared.contracts.codec import attributes_of
from shared.contracts.envelope import Record
from shared.errors import Invalid

# What is said of an event in one line: ids and codes, never a person's own words.
TOLD = (
    "channel",
    "kind",
    "severity",
    "outcome",
    "approval",
    "version",
    "audience",
    "written_form",
    "way",
    "state",
    "code",
    "owner",
    "actor",
    "switch",
    "paused",
    "name",
)
ID_CHARS = 8


def as_json(record: Record) -> dict[str, JsonValue]:
    """Everything, decoded: place, CloudEvents attributes, data; `value` where it is no event."""
    place: dict[str, JsonValue] = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "at": at(record).isoformat(),
    }
    attributes, data = decoded(record)
    if data is None:
        raw = None if record.value is None else record.value.decode("utf-8", "backslashreplace")
        return {**place, "headers": headers_of(record), "value": raw}
    return {**place, **attributes, "data": data}


def decoded(record: Record) -> tuple[dict[str, JsonValue], dict[str, JsonValue] | None]:
    """CloudEvents attributes and data; None for data when it is no event."""
    try:
        attributes, value = attributes_of(record)
        data = orjson.loads(value)
    except (Invalid, orjson.JSONDecodeError):
        return {}, None
    if not isinstance(data, dict) or "type" not in attributes:
        return {}, None
    return dict(attributes), data


def as_line(record: Record) -> str:
    """One line: when, what, which complaint, and the few fields that tell most."""
    attributes, data = decoded(record)
    when = f"{at(record).astimezone():%Y-%m-%d %H:%M:%S}"
    if data is None:
        code = dict(record.headers).get("dl_code", b"").decode("utf-8", "replace")
        what = f"dead letter {code}" if code else f"not an event, {len(record.value or b'')} bytes"
        return shown(f"{when}  {record.topic:<22}  {what}")
    name = str(attributes["type"]).removeprefix("kulanse.").removesuffix(".v1")
    about = str(data.get("complaint_id") or data.get("channel_message_id") or "")[:ID_CHARS]
    told = " ".join(f"{field}={_flat(data[field])}" for field in TOLD if field in data)
    return shown(f"{when}  {record.topic:<22}  {name:<26}  {about:<{ID_CHARS}}  {told}").rstrip()


def is_about(record: Record, complaint: str) -> bool:
    """Whether an event belongs to a complaint, named by its id or the beginning of it."""
    _, data = decoded(record)
    return data is not None and str(data.get("complaint_id", "")).startswith(complaint)


def headers_of(record: Record) -> dict[str, JsonValue]:
    """The headers as text; odd bytes spelled out."""
    return {name: value.decode("utf-8", "backslashreplace") for name, value in record.headers}


def at(record: Record) -> datetime:
    """When the broker has it from."""
    return datetime.fromtimestamp(max(record.timestamp_ms, 0) / 1000, UTC)


def _flat(value: JsonValue) -> str:
    return " ".join(str(value).split())
