"""What a payment provider tells on its own: signed or not taken, and never out of order."""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx
import pytest

from services.intake.doors.admit import Admission
from services.intake.doors.http import make_app
from services.intake.doors.keys import Keys
from services.intake.doors.providers import StripeEvents
from services.intake.doors.taking import Taking
from shared.contracts.codec import decode
from shared.contracts.envelope import Outgoing, Record
from shared.contracts.inbox import EffectState, ProviderEvent
from shared.contracts.topics import RECOVERY_INBOX
from shared.errors import Transient
from tests.core.recovery_world import START, World, order, triaged
from tests.core.test_intake_http import POLICY, SECRET, FakeOut, problems

SIGNING = "whsec_an_example"
DOOR = "/v1/providers/stripe/events"


@pytest.fixture
def out() -> FakeOut:
    """Where the door sends."""
    return FakeOut()


@pytest.fixture
async def door(out: FakeOut, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the door that Stripe's webhooks come to."""
    taking = Taking(Admission(POLICY, SECRET), out)
    app = make_app(taking, Keys(tmp_path).caller, providers={"stripe": StripeEvents(SIGNING)})
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://door.example.com") as client:
        yield client


def told(status: str = "succeeded", *, kind: str = "refund.updated", **fields: object) -> bytes:
    """An event of Stripe's about a refund of ours."""
    refund = {
        "id": "re_1",
        "object": "refund",
        "amount": 19900,
        "currency": "nok",
        "status": status,
        "metadata": {"gesture_id": "gesture-1", "record_key": "someone", "complaint_id": "c-1"},
        **fields,
    }
    event = {"id": "evt_1", "object": "event", "type": kind, "created": 1_795_000_000}
    return json.dumps({**event, "data": {"object": refund}}).encode()


def signed(raw: bytes, *, secret: str = SIGNING, ago_s: float = 0) -> Mapping[str, str]:
    """The header that Stripe sends with it: docs.stripe.com/webhooks#verify-manually."""
    at = int(time.time() - ago_s)
    mac = hmac.new(secret.encode(), f"{at}.".encode() + raw, hashlib.sha256).hexdigest()
    return {"stripe-signature": f"t={at},v1={mac}"}


def event_in(sent: Outgoing) -> tuple[str, str, ProviderEvent]:
    """The id, key and data of what the door produced."""
    assert sent.topic == RECOVERY_INBOX.name
    record = Record(sent.topic, 0, 0, 0, sent.key, sent.value, sent.headers)
    event = decode(record)
    assert isinstance(event.data, ProviderEvent)
    return event.id, event.key, event.data


async def test_a_signed_event_finds_its_way_to_the_complainant(
    door: httpx.AsyncClient, out: FakeOut
) -> None:
    """A refund's end would be known only when somebody asks; or be decided on another worker."""
    raw = told()
    for _ in range(2):
        answer = await door.post(DOOR, content=raw, headers=dict(signed(raw)))
        assert answer.status_code == 200
    first, again = (event_in(each) for each in out.sent)
    assert first == again, "sent again by Stripe, it would be another event"
    _, key, data = first
    assert (key, data.effect_key, data.state) == ("someone", "gesture-1", "posted")
    assert (data.amount_minor, data.currency) == (19900, "NOK")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"stripe-signature": "nonsense"},
        signed(told(), secret="whsec_of_another"),
        signed(told("failed")),
        signed(told(), ago_s=3600),
    ],
    ids=["none", "nonsense", "another secret", "another body", "a replay"],
)
async def test_what_stripe_did_not_sign_is_turned_away(
    door: httpx.AsyncClient, out: FakeOut, *, headers: Mapping[str, str]
) -> None:
    """Anybody could tell us that a refund was paid, or take one back."""
    answer = await door.post(DOOR, content=told(), headers=dict(headers))
    assert (answer.status_code, problems(answer)) == (400, [("signature", "stripe-signature")])
    assert out.sent == []


@pytest.mark.parametrize(
    "raw",
    [told(kind="invoice.paid"), told(metadata={}), told(metadata={"gesture_id": "gesture-1"})],
    ids=["about something else", "made by hand", "without our key"],
)
async def test_what_is_not_about_our_refund_is_thanked_for(
    door: httpx.AsyncClient, out: FakeOut, raw: bytes
) -> None:
    """Stripe would send it again for three days, or it would be a dead letter."""
    answer = await door.post(DOOR, content=raw, headers=dict(signed(raw)))
    assert (answer.status_code, out.sent) == (200, [])


async def test_bad_events_and_strangers_are_answered(door: httpx.AsyncClient, out: FakeOut) -> None:
    """A bug of ours would be blamed, or a broker's absence would lose the event."""
    for raw in (b"[]", b"not json", told(amount="much")):
        answer = await door.post(DOOR, content=raw, headers=dict(signed(raw)))
        assert problems(answer) == [("not_an_event", "")]
    unknown = await door.post("/v1/providers/nobody/events", content=b"{}")
    assert (unknown.status_code, problems(unknown)) == (404, [("provider_unknown", "name")])
    out.failure = Transient("away")
    answer = await door.post(DOOR, content=told(), headers=dict(signed(told())))
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)


def provider_event(world: World, state: EffectState, **fields: object) -> ProviderEvent:
    """News of the world's one refund."""
    (refund,) = [g for g in world.last().gestures if g.kind == "refund"]
    known = {
        "provider": "stripe",
        "provider_reference": "re_1",
        "effect_key": refund.gesture_id,
        "state": state,
        "at": START,
    }
    return ProviderEvent.model_validate({**known, **fields})


def refunded(state: EffectState = "posted") -> World:
    """A small refund whose end was told."""
    world = World()
    world.tell(triaged(severity="low", order=order(19900)))
    world.tell(provider_event(world, state, amount_minor=19900, currency="NOK"))
    for grant in world.pending("grant"):
        world.comes_back(grant)
    return world


def test_news_of_the_end_settles() -> None:
    """Only asking would settle a refund."""
    assert refunded().kinds()[-1] == "RecoverySettled"


@pytest.mark.parametrize("states", [("failed", "posted"), ("failed", "unknown", "posted")])
def test_late_news_does_not_undo_a_reversal(states: tuple[EffectState, ...]) -> None:
    """Stripe's events come in any order: an old "succeeded" would settle what had failed."""
    world = refunded()
    for state in states:
        world.tell(provider_event(world, state))
    assert [kind for kind in world.kinds() if kind == "RecoveryReversed"] == ["RecoveryReversed"]
    assert world.kinds()[-1] == "RecoveryReversed"
    assert {g.state for g in world.last().gestures if g.kind == "refund"} == {"voided"}


def test_another_sum_is_for_a_person() -> None:
    """The books would say what we asked for, not what the provider moved."""
    world = World()
    world.tell(triaged(severity="low", order=order(19900)))
    world.tell(provider_event(world, "posted", amount_minor=1990, currency="NOK"))
    assert (world.last().outcome, world.last().reasons[-1]) == ("with_person", "amount_differs")


def test_what_was_never_settled_is_not_reversed() -> None:
    """Finance would book money back that it never booked out."""
    world = World()
    world.tell(triaged(order=order(19900)))
    assert world.pending("grant"), "something else is still on its way"
    world.tell(provider_event(world, "posted"))
    world.tell(provider_event(world, "failed"))
    assert world.kinds()[-1] == "RecoveryFailed"


def test_a_person_had_it_and_the_provider_was_only_slow() -> None:
    """What a person was asked about would stay open after the provider told the end."""
    world = refunded("manual")
    assert world.kinds()[-1] == "RecoveryFailed"
    world.tell(provider_event(world, "posted"))
    assert world.kinds()[-1] == "RecoverySettled"
