"""What we send to Stripe, held against Stripe's own description of its API by stripe-mock."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from pydantic import JsonValue

from services.recovery.gestures.stripe import Stripe
from shared.stage.effects import Claimed
from tests.wire import stripe_mock_at

KEY = "sk_test_123"


@pytest.fixture
async def address() -> AsyncIterator[str]:
    """Where stripe-mock answers."""
    async with stripe_mock_at() as found:
        yield found


def claimed(payment: str) -> Claimed:
    """A refund along this payment, in the dispatcher's hands."""
    payload: dict[str, JsonValue] = {
        "payment_reference": payment,
        "amount_minor": 19900,
        "currency": "NOK",
    }
    return Claimed("gesture-1", "stripe", "c-1", payload, 1, datetime.now(UTC), None, "key-1")


@pytest.mark.parametrize("payment", ["pi_1", "ch_1"])
async def test_the_wire_format_is_what_stripe_describes(address: str, payment: str) -> None:
    """Stripe would refuse what we send, or answer in a shape that we cannot read."""
    provider = Stripe(KEY, url=address)
    effect = claimed(payment)
    made, asked = await provider.perform(effect), await provider.ask(effect)
    listed = [each async for each in provider.made(datetime.now(UTC))]
    await provider.close()
    # Its refund is an example of 100 cents, and none of its refunds is ours.
    assert (made.state, made.code, asked.code) == ("manual", "amount_differs", "not_refunded")
    assert [each.state for each in listed] == ["posted"]


@pytest.mark.parametrize(
    "form", [{"charge": "ch_1", "sum": "19900"}, {"charge": "ch_1", "amount": "199 kr"}]
)
async def test_another_wire_format_is_refused(address: str, form: dict[str, str]) -> None:
    """The check above could not fail: stripe-mock would take anything."""
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {KEY}"}) as client:
        answer = await client.post(f"{address}/v1/refunds", data=form)
    assert answer.status_code == 400
