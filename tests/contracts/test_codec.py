"""CloudEvents 1.0 in and out: both modes, and every way in which a record can be wrong."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.contracts.codec import decode, encode, read
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event, Record, caused
from shared.contracts.receipts import ComplaintAccepted
from shared.contracts.registered import ChoiceMade
from shared.contracts.submitted import ComplaintSubmitted
from shared.errors import Invalid

DATA = ChoiceMade(complaint_id="c", case_id="k", recovery_id="r", choice="yes")
EVENT: Event[Contract] = Event(
    id="e-1",
    source="kulanse/test",
    key="a1b2",
    time=datetime(2026, 11, 18, 8, 0, tzinfo=UTC),
    data=DATA,
    depth=3,
    causation_id="e-0",
    policy_digest="abcd",
    traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    topic="complaints.registered",
)
SENT = encode(EVENT)
BINARY = Record(SENT.topic, 0, 0, 0, SENT.key, SENT.value, SENT.headers)


def without(*names: str) -> Record:
    """The record without some headers."""
    return replace(BINARY, headers=tuple(h for h in BINARY.headers if h[0] not in names))


def structured(**changes: object) -> Record:
    """The same event in structured mode."""
    whole: dict[str, object] = {
        name.removeprefix("ce_"): text.decode()
        for name, text in SENT.headers
        if name.startswith("ce_")
    }
    whole |= {"data": json.loads(SENT.value), **changes}
    headers = (("content-type", b"application/cloudevents+json"),)
    return replace(BINARY, value=json.dumps(whole).encode(), headers=headers)


def test_both_modes_are_the_same_event() -> None:
    """An event would mean one thing in binary mode and another in structured mode."""
    assert decode(BINARY) == EVENT
    assert decode(structured()) == EVENT


def test_headers_that_are_not_ours_are_left_alone() -> None:
    """A tracing library's header would make a dead letter."""
    more = (*BINARY.headers, ("x-trace", b"\xff"), ("x-trace", b"2"))
    assert decode(replace(BINARY, headers=more)) == EVENT


def test_a_reader_ignores_what_a_newer_writer_added() -> None:
    """A new optional field would stop every reader that is not upgraded yet."""
    newer = {**json.loads(SENT.value), "colour": "blue"}
    assert decode(replace(BINARY, value=json.dumps(newer).encode())) == EVENT


def test_a_receipt_lies_under_its_source() -> None:
    """A channel could not read its own receipts in order."""
    receipt = ComplaintAccepted(source="shop", channel_message_id="1", complaint_id="c")
    sent = encode(caused(EVENT, receipt, ordinal=0, source="kulanse/intake", policy_digest="abcd"))
    assert (sent.topic, sent.key) == ("complaints.receipts", b"shop")


BAD: dict[str, tuple[Record, str, str]] = {
    "null": (replace(BINARY, value=None), "null_value", ""),
    "no id": (without("ce_id"), "missing", "ce_id"),
    "no time": (without("ce_time"), "missing", "ce_time"),
    "no type": (without("ce_type"), "unknown_type", "ce_type"),
    "repeated": (
        replace(BINARY, headers=(*BINARY.headers, ("ce_id", b"e-2"))),
        "repeated_header",
        "ce_id",
    ),
    "not UTF-8": (
        replace(without("ce_id"), headers=(("ce_id", b"\xff"),)),
        "not_utf8",
        "ce_id",
    ),
    "not a time": (
        replace(BINARY, headers=(*without("ce_time").headers, ("ce_time", b"yesterday"))),
        "not_a_time",
        "ce_time",
    ),
    "another stage's type": (
        replace(BINARY, topic="complaints.triaged"),
        "unknown_type",
        "ce_type",
    ),
    "no data": (structured(data=None), "data_missing", "data"),
    "not JSON": (replace(BINARY, value=b"{"), "json_invalid", ""),
}


@pytest.mark.parametrize(("record", "code", "field"), BAD.values(), ids=BAD)
def test_a_bad_record_says_what_and_where(record: Record, code: str, field: str) -> None:
    """Operators would see that something is wrong, and not what."""
    with pytest.raises(Invalid) as refused:
        decode(record)
    assert (refused.value.first.code, refused.value.first.field) == (code, field)


HINTS = {
    ('{"channel": "web"}', "text"): "this field is required",
    ('{"text": " "}', "text"): "needs at least one visible character, and no NUL",
    ('{"order": {"currency": "nok"}}', "order.currency"): (
        "three capital letters (ISO 4217), as NOK"
    ),
    ('{"complainant": {"email": "a@b.no,c@d.no"}}', "complainant.email"): (
        "one e-mail address and nothing else, as ingrid@example.com"
    ),
    ('{"complainant": {"phone": "\u200f40000001"}}', "complainant.phone"): (
        "digits with spaces, and + before a country, as +47 40 00 00 01"
    ),
}


@pytest.mark.parametrize(("said", "hint"), HINTS.items())
def test_a_hint_says_what_to_do(said: tuple[str, str], hint: str) -> None:
    """A channel team would be shown a regular expression, or its own words in a log."""
    document, field = said
    with pytest.raises(Invalid) as refused:
        read(ComplaintSubmitted, document.encode(), unknown="forbid")
    assert hint in [fault.hint for fault in refused.value.faults if fault.field == field]
