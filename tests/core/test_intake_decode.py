"""From records to events: what is taken, who is believed, and what a refusal says."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.intake.decode import make_decode, make_refuse
from services.intake.doors.admit import Admission
from services.intake.model import Received
from services.intake.policy import IntakePolicy, Source, Sources, load
from services.intake.proof import Known, proof_headers
from shared.contracts.envelope import Event, Outgoing, Record
from shared.contracts.identity import complaint_id, record_key
from shared.contracts.receipts import ComplaintRejected
from shared.contracts.submitted import Complainant, ComplaintSubmitted, Order
from shared.errors import Invalid

SECRET = b"a secret of the tests, 32 bytes or more"
RULES = load()[0].intake
POLICY = IntakePolicy(
    intake=RULES,
    proven=Sources(sources={"nettbutikken": Source(scopes=frozenset({"orders:assert"}))}),
)
DECODE, REFUSE = make_decode(SECRET, POLICY), make_refuse(SECRET, POLICY)
AT = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
AT_MS = int(AT.timestamp() * 1000)
MESSAGE = {
    "channel": "web",
    "channel_message_id": "skjema-1",
    "complainant": {"email": "Ingrid@Example.com"},
    "text": "Setet kom aldri.",
    "order": {"id": "B-1", "amount_minor": 129000, "currency": "NOK"},
}
PLAIN = Record("complaints.submitted", 3, 17, AT_MS, None, json.dumps(MESSAGE).encode())


def read(record: Record) -> Received:
    """The message that a record holds."""
    return DECODE(record).data


def event_of(record: Record) -> Event[Received]:
    """The event that a record holds."""
    return DECODE(record)


def value(**changes: object) -> bytes:
    """The message with some fields changed."""
    return json.dumps({**MESSAGE, **changes}).encode()


def arrived(out: Outgoing) -> Record:
    """What was sent, as it lies in the log."""
    return replace(PLAIN, value=out.value, key=out.key, headers=out.headers)


def test_a_plain_value_without_headers_gets_in() -> None:
    """Whoever tries a console producer first would be turned away."""
    message = read(PLAIN)
    assert (message.source, message.vouched, message.submitted.text) == (
        "unproved:none",
        False,
        "Setet kom aldri.",
    )
    assert message.taken_at == AT


def test_a_structured_event_gets_in() -> None:
    """A CloudEvents library in structured mode would be turned away."""
    whole = {"specversion": "1.0", "id": "1", "source": "shop", "data": MESSAGE}
    whole["type"] = ComplaintSubmitted.TYPE
    headers = (("content-type", b"application/cloudevents+json; charset=UTF-8"),)
    record = replace(PLAIN, value=json.dumps(whole).encode(), headers=headers)
    assert read(record).source == "unproved:shop"


def test_a_binary_event_gets_in() -> None:
    """A CloudEvents library in binary mode would be turned away."""
    headers = (("ce_type", ComplaintSubmitted.TYPE.encode()), ("ce_source", b"shop"))
    assert read(replace(PLAIN, headers=headers)).source == "unproved:shop"


def test_a_topic_of_its_own_proves_a_source() -> None:
    """A shop that may vouch for its orders would be treated as a stranger."""
    message = read(replace(PLAIN, topic="complaints.submitted.nettbutikken"))
    assert (message.source, message.vouched) == ("nettbutikken", True)


def test_a_topic_that_nobody_listed_proves_nothing() -> None:
    """Any topic name would make a source."""
    message = read(replace(PLAIN, topic="complaints.submitted.ukjent"))
    assert (message.source, message.vouched) == ("unproved:none", False)


def test_the_header_alone_proves_nothing() -> None:
    """Everybody could say that they are the shop, or our own door."""
    for claimed in (b"nettbutikken", b"kulanse/intake/door"):
        headers = (("ce_source", claimed), ("kulanse_source", b"nettbutikken"))
        assert not read(replace(PLAIN, headers=headers)).vouched
        assert read(replace(PLAIN, headers=headers)).source.startswith("unproved:")


def by_our_door(text: str = "Setet kom aldri.") -> Record:
    """A record that our own door produced for the shop."""
    message = ComplaintSubmitted(
        channel="web",
        channel_message_id="skjema-1",
        complainant=Complainant(email="ingrid@example.com"),
        text=text,
        order=Order(id="B-1"),
    )
    admission = Admission(POLICY, SECRET)
    scopes = frozenset({"orders:assert"})
    return arrived(admission.admit(message, source="shop", scopes=scopes, at=AT).outgoing)


def test_our_door_proves_its_senders() -> None:
    """A key's source and scopes would be lost between the door and the stage."""
    message = read(by_our_door())
    assert (message.source, message.vouched) == ("shop", True)


@pytest.mark.parametrize("name", ["kulanse_source", "kulanse_scopes", "kulanse_complaint_id"])
def test_a_forged_header_breaks_the_proof(name: str) -> None:
    """A copied proof would vouch for somebody else's words."""
    record = by_our_door()
    headers = tuple((n, b"forged" if n == name else v) for n, v in record.headers)
    assert read(replace(record, headers=headers)).source.startswith("unproved:")


def test_another_value_breaks_the_proof() -> None:
    """A copied proof would vouch for another complaint."""
    record = replace(by_our_door(), value=by_our_door("Noe annet.").value)
    assert not read(record).vouched


def test_another_secret_breaks_the_proof() -> None:
    """Whoever knows the scheme could prove anything."""
    other = make_decode(b"another secret of 32 bytes or more!!", POLICY)
    assert other(by_our_door()).source.startswith("unproved:")


def test_the_id_is_of_the_words_as_they_came() -> None:
    """By HTTP and by Kafka the same complaint would be two, or change with the masking."""
    text = "Kortet mitt er 4111 1111 1111 1111."
    message = read(by_our_door(text))
    assert message.complaint_id == complaint_id("shop", "skjema-1", subject=None, text=text)
    assert message.submitted.text == "Kortet mitt er •••• 1111."
    by_topic = read(replace(PLAIN, value=value(text=text)))
    assert by_topic.submitted.text == message.submitted.text
    assert by_topic.complaint_id == complaint_id(
        "unproved:none", "skjema-1", subject=None, text=text
    )


def test_every_record_is_an_event_of_its_own_and_a_replay_the_same() -> None:
    """A resend would be skipped without a receipt, or a replay be decided twice."""
    assert event_of(PLAIN).id == event_of(PLAIN).id
    ids = {event_of(replace(PLAIN, offset=offset)).id for offset in range(5)}
    assert len(ids) == 5


WHO: dict[str, tuple[dict[str, object], str]] = {
    "their id first": ({"id": "k-7", "email": "a@example.com"}, "unproved:none:k-7"),
    "then e-mail, in small letters": ({"email": "A@Example.com"}, "a@example.com"),
    "then phone": ({"phone": "40 00 00 01"}, "+4740000001"),
    "phone with country": ({"phone": "+46 70 000 00 01"}, "+46700000001"),
    "phone with 00": ({"phone": "0047 40000001"}, "+4740000001"),
}


@pytest.mark.parametrize(("who", "identity"), WHO.values(), ids=WHO)
def test_the_key_names_the_complainant(who: dict[str, object], identity: str) -> None:
    """One person's complaints would lie on two keys, or two people's on one."""
    record = replace(PLAIN, value=value(complainant=who))
    assert event_of(record).key == record_key(SECRET, identity)


def test_without_a_complainant_the_complaint_is_the_key() -> None:
    """All who give only a name would be one person."""
    event = event_of(replace(PLAIN, value=value(complainant={"name": "Kari"})))
    assert event.key == record_key(SECRET, event.data.complaint_id)


BAD: dict[str, tuple[Record, str, str]] = {
    "null value": (replace(PLAIN, value=None), "null_value", ""),
    "not JSON": (replace(PLAIN, value=b"Hei"), "json_invalid", ""),
    "a list": (replace(PLAIN, value=b"[]"), "model_type", ""),
    "null": (replace(PLAIN, value=b"null"), "model_type", ""),
    "duplicate": (replace(PLAIN, value=b'{"text": "a", "text": "b"}'), "duplicate_key", "text"),
    "unknown field": (replace(PLAIN, value=value(txet="a")), "extra_forbidden", "txet"),
    "other type": (
        replace(PLAIN, headers=(("ce_type", b"kulanse.complaint.submitted.v999"),)),
        "unknown_type",
        "ce_type",
    ),
    "repeated header": (
        replace(PLAIN, headers=(("ce_id", b"1"), ("ce_id", b"2"))),
        "repeated_header",
        "ce_id",
    ),
    "header not UTF-8": (replace(PLAIN, headers=(("ce_id", b"\xff"),)), "not_utf8", "ce_id"),
    "from the future": (
        replace(PLAIN, value=value(received_at="9999-12-31T00:00:00Z")),
        "in_the_future",
        "received_at",
    ),
    "paid in the future": (
        replace(
            PLAIN,
            value=value(
                order={
                    "payments": [
                        {
                            "reference": "r",
                            "amount_minor": 1,
                            "currency": "NOK",
                            "paid_at": "2027-01-01T00:00:00Z",
                        }
                    ]
                }
            ),
        ),
        "in_the_future",
        "order.payments.0.paid_at",
    ),
    "long ago": (
        replace(PLAIN, value=value(received_at="1970-01-01T00:00:00Z")),
        "too_long_ago",
        "received_at",
    ),
    "no time at all": (replace(PLAIN, timestamp_ms=-1), "no_time", "received_at"),
}


@pytest.mark.parametrize(("record", "code", "field"), BAD.values(), ids=BAD)
def test_a_bad_record_is_refused_and_its_source_told(record: Record, code: str, field: str) -> None:
    """A channel would wait for an answer that never comes, or not know what to mend."""
    with pytest.raises(Invalid) as refused:
        DECODE(record)
    (event,) = REFUSE(record, refused.value)
    receipt = event.data
    assert isinstance(receipt, ComplaintRejected)
    assert [(code, field)] == [(p.code, p.field) for p in receipt.problems]
    assert (receipt.topic, receipt.partition, receipt.offset) == ("complaints.submitted", 3, 17)
    assert event.id == REFUSE(record, refused.value)[0].id


def test_a_refusal_names_their_id_when_it_can_be_read() -> None:
    """The channel could not tell which of its messages was refused."""
    record = replace(PLAIN, value=value(channel="fax"))
    with pytest.raises(Invalid) as refused:
        DECODE(record)
    (event,) = REFUSE(record, refused.value)
    assert isinstance(event.data, ComplaintRejected)
    assert event.data.channel_message_id == "skjema-1"


def test_a_newer_door_of_ours_may_say_more() -> None:
    """While an upgrade rolls, half the complaints would be dead letters."""
    record = by_our_door()
    assert record.value is not None
    newer = {**json.loads(record.value), "colour": "blue"}
    raw = json.dumps(newer).encode()
    with pytest.raises(Invalid):
        DECODE(replace(record, value=raw))  # unproved: strict
    known = Known("shop", frozenset(), read(record).complaint_id)
    unproved = tuple(h for h in record.headers if not h[0].startswith("kulanse_"))
    headers = unproved + proof_headers(known, value=raw, secret=SECRET)
    assert read(replace(record, value=raw, headers=headers)).source == "shop"


def test_lines_stay_lines() -> None:
    """A subject with a line break would forge a header or a line of a log."""
    record = replace(PLAIN, value=value(subject="Hei\r\nBcc: alle@example.com\u2028x"))
    assert read(record).submitted.subject == "Hei Bcc: alle@example.com x"
