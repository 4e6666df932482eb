"""What an exercise says of the policy is what the policy says."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest
from pydantic import JsonValue

from services.cli.explaining import explain_raw
from services.cli.stages import parts
from services.desk.web.policy import Bought
from tests.core.console_world import CONSOLE

NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)
BUYER = "kunde@example.com"


def order(bought: Bought) -> dict[str, JsonValue]:
    """The exercise's purchase, as a channel hands it in."""
    when = (NOW - timedelta(days=bought.days_ago)).isoformat()
    paid: dict[str, JsonValue] = {
        "reference": "practice",
        "amount_minor": bought.paid_minor,
        "currency": bought.currency,
        "paid_at": when,
    }
    return {
        "id": "practice",
        "kind": bought.kind,
        "sold": bought.sold,
        "purchased_at": when,
        "delivered_at": when,
        "payments": [paid],
        "buyer": BUYER,
    }


@pytest.mark.parametrize("name", sorted(CONSOLE.practice.exercises))
def test_an_exercise_tells_what_would_be_decided(name: str) -> None:
    """Whoever practises learns a policy that was changed since."""
    told = CONSOLE.practice.exercises[name]
    line = {
        "id": name,
        "channel": told.channel,
        "channel_message_id": name,
        "complainant": {"email": BUYER},
        "subject": told.subject,
        "text": told.text,
        "order": order(told.order) if told.order else None,
    }
    answer, good = explain_raw(orjson.dumps(line), parts(), now=NOW)
    assert good
    triage, recovery = (orjson.loads(orjson.dumps(answer[part])) for part in ("triage", "recovery"))
    found = {
        "form": triage["written_form"],
        "severity": triage["severity"],
        "needs_person": triage["needs_person"],
        "reasons": [each["code"] for each in triage["reasons"]],
        "outcome": recovery["outcome"],
        "approval": recovery["approval"],
        "basis": recovery["basis"],
        "gestures": [each["kind"] for each in recovery["gestures"]],
        "total_minor": sum(each["amount_minor"] or 0 for each in recovery["gestures"]),
        "given_because": recovery["reasons"],
    }
    assert found == {key: told.model_dump(mode="json")[key] for key in found}
