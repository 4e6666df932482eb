"""By Kafka: what others' own producers make gets in as it is, and a forged source earns nothing."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from services.cli.chain import World
from services.cli.stages import parts
from services.intake.decode import make_decode
from services.intake.doors.admit import Admission
from services.intake.policy import IntakePolicy, Source, Sources, load
from shared.contracts.envelope import Record
from shared.contracts.recoveries import RecoveryApproved, RecoverySettled
from shared.contracts.submitted import ComplaintSubmitted
from shared.contracts.triaged import ComplaintTriaged
from tests.core.hostile import GOOD, said

SECRET = b"a secret of the tests, 32 bytes or more"
POLICY = IntakePolicy(
    intake=load()[0].intake,
    proven=Sources(sources={"nettbutikken": Source(scopes=frozenset({"orders:assert"}))}),
)
AT = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
PLAIN = Record("complaints.submitted", 3, 17, int(AT.timestamp() * 1000), None, said())


def event(**attributes: str) -> CloudEvent:
    """A CloudEvent as the SDK makes it."""
    given = {"type": ComplaintSubmitted.TYPE, "source": "//shop.example.com", **attributes}
    return CloudEvent(attributes=given, data=dict(GOOD))


def record(message: KafkaMessage) -> Record:
    """The SDK's message as it lies in the log."""
    key = message.key.encode() if isinstance(message.key, str) else message.key
    return replace(PLAIN, key=key, value=message.value, headers=tuple(message.headers.items()))


SDK = {
    "binary": record(to_binary(event(), JSONFormat())),
    "structured": record(to_structured(event(), JSONFormat())),
    "binary, JSON named": record(
        to_binary(event(datacontenttype="application/json"), JSONFormat())
    ),
    "structured, with more": record(
        to_structured(
            event(subject="klage", dataschema="https://example.com/s.json", partitionkey="kunde-7"),
            JSONFormat(),
        )
    ),
    "a console producer": PLAIN,
    "a console producer with a key": replace(PLAIN, key=b"kunde-7"),
    "pretty": replace(PLAIN, value=json.dumps(GOOD, indent=2).encode() + b"\n"),
}


@pytest.mark.parametrize("form", SDK.values(), ids=SDK)
def test_what_others_make_gets_in(form: Record) -> None:
    """A partner's own CloudEvents library, or a first try by hand, would be turned away."""
    taken = make_decode(SECRET, POLICY)(form).data
    assert taken.submitted.text == GOOD["text"]
    assert taken.source.startswith("unproved:")


def paid(said_by: Record) -> tuple[bool, bool]:
    """Whether triage read the complaint, and whether a machine let money go for it."""
    decoded = make_decode(SECRET, POLICY)(said_by)
    world = World(parts())
    world.submit(decoded)
    told = [each.data for each in world.events]
    money = (
        data.total_minor for data in told if isinstance(data, RecoveryApproved | RecoverySettled)
    )
    return any(isinstance(data, ComplaintTriaged) for data in told), any(money)


REFUND = said(
    text="Koppen jeg kjøpte var knust da den kom. Jeg vil ha pengene tilbake, 199 kr.",
    order={
        "id": "B-1",
        "sold": "distance",
        "kind": "goods",
        "purchased_at": "2026-11-10T08:00:00+01:00",
        "payments": [
            {"reference": "pay-1", "amount_minor": 19900, "currency": "NOK",
             "paid_at": "2026-11-10T08:00:00+01:00"}
        ],
    },
)  # fmt: skip


def forged() -> dict[str, Record]:
    """Ways to say that one is the shop, without being it."""
    claim = ComplaintSubmitted.model_validate_json(REFUND)
    admission = Admission(POLICY, b"another secret of 32 bytes or more!!")
    by_other = admission.admit(
        claim, source="nettbutikken", scopes=frozenset({"orders:assert"}), at=AT
    ).outgoing
    base = replace(PLAIN, value=REFUND)
    headers = (("ce_source", b"nettbutikken"), ("ce_type", ComplaintSubmitted.TYPE.encode()))
    ours = (("ce_source", b"kulanse/intake/door"), ("kulanse_source", b"nettbutikken"))
    scopes = (("kulanse_scopes", b"orders:assert"), ("kulanse_proof", b"0" * 64))
    return {
        "plain": base,
        "its name as ce_source": replace(base, headers=headers),
        "our door's headers": replace(base, headers=(*ours, *scopes)),
        "another secret's proof": replace(base, value=by_other.value, headers=by_other.headers),
        "a topic that nobody listed": replace(base, topic="complaints.submitted.annen"),
        "its key": replace(base, key=b"nettbutikken"),
    }


@pytest.mark.parametrize("way", forged())
def test_a_forged_source_is_heard_and_paid_nothing(way: str) -> None:
    """Whoever may write to the topic would write herself a refund."""
    assert paid(forged()[way]) == (True, False)


def test_the_same_words_from_the_shop_itself_are_paid() -> None:
    """The test above would hold for any reason: the machine pays nobody."""
    own = replace(PLAIN, topic="complaints.submitted.nettbutikken", value=REFUND)
    assert paid(own) == (True, True)
