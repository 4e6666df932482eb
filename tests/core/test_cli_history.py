"""`explain` with a history: what was given counts, what today would give does not."""

from datetime import timedelta

import orjson
import pytest
from pydantic import JsonValue

from services.cli.answer import answer_of
from services.cli.explaining import explained
from services.cli.lines import line_of
from services.cli.stages import parts
from tests.core.cli_examples import AT

WHO: dict[str, JsonValue] = {"email": "siv@example.com"}
FAULTY = "Vannkokeren jeg kjøpte for 199 kroner, er defekt. Jeg vil ha pengene tilbake."


def order(refunded_minor: int = 0) -> dict[str, JsonValue]:
    """A kettle for 199."""
    bought = (AT - timedelta(days=9)).isoformat()
    return {
        "id": "A-1",
        "sold": "distance",
        "kind": "goods",
        "purchased_at": bought,
        "delivered_at": bought,
        "payments": [{"reference": "pay-1", "amount_minor": 19900, "currency": "NOK"}],
        "refunded_minor": refunded_minor,
        "buyer": "siv@example.com",
    }


def told(name: str, days_ago: int, **more: JsonValue) -> dict[str, JsonValue]:
    """The complaint, so many days ago."""
    return {
        "channel": "web",
        "channel_message_id": name,
        "received_at": (AT - timedelta(days=days_ago)).isoformat(),
        "complainant": WHO,
        "text": f"{FAULTY} ({name})",
        **more,
    }


def refund(amount_minor: int) -> JsonValue:
    """A refund that was given."""
    return {
        "kind": "refund",
        "basis": "statutory",
        "amount_minor": amount_minor,
        "currency": "NOK",
    }


def recovered(*given: JsonValue, refunded_minor: int = 0) -> tuple[JsonValue, JsonValue]:
    """Outcome and reasons of the second complaint on one payment, when this was given before."""
    earlier = told("m-1", 3, order=order(), gestures=list(given))
    said = told("m-2", 0, id="x", order=order(refunded_minor), history=[earlier])
    complaint_id, events = explained(line_of(orjson.dumps(said)), parts(), now=AT)
    recovery = answer_of("x", complaint_id=complaint_id, events=events)["recovery"]
    assert isinstance(recovery, dict)
    return recovery["outcome"], recovery["reasons"]


def test_a_proposal_that_was_never_given_blocks_nothing() -> None:
    """Whoever was turned down by nobody would be told that her payment is taken."""
    assert recovered() == ("granted", ["consumer_cancel_faulty"])


@pytest.mark.parametrize("given", [19900, 5000])
def test_what_was_refunded_is_not_refunded_again(given: int) -> None:
    """The same payment would go back twice."""
    outcome, reasons = recovered(refund(given))
    assert outcome == "with_person"
    assert isinstance(reasons, list)
    assert "payment_reserved" in reasons


def test_what_the_order_says_was_refunded_is_counted_once() -> None:
    """A refund told both by the order and by the history would block what is left."""
    _, reasons = recovered(refund(5000), refunded_minor=5000)
    assert isinstance(reasons, list)
    assert "payment_reserved" not in reasons
