"""What an exercise says of the policy is what the policy says."""

from datetime import UTC, datetime

import orjson
import pytest

from services.cli.explaining import explain_raw
from services.cli.stages import parts
from tests.core.console_world import CONSOLE

NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)


@pytest.mark.parametrize("name", sorted(CONSOLE.practice.exercises))
def test_an_exercise_tells_what_would_be_decided(name: str) -> None:
    """Whoever practises learns a policy that was changed since."""
    told = CONSOLE.practice.exercises[name]
    line = {
        "id": name,
        "channel": told.channel,
        "channel_message_id": name,
        "complainant": {"email": "kunde@example.com"},
        "subject": told.subject,
        "text": told.text,
    }
    answer, good = explain_raw(orjson.dumps(line), parts(), now=NOW)
    assert good
    triage, recovery = (orjson.loads(orjson.dumps(answer[part])) for part in ("triage", "recovery"))
    found = {
        "form": triage["written_form"],
        "severity": triage["severity"],
        "needs_person": triage["needs_person"],
        "basis": recovery["basis"],
        "gestures": [each["kind"] for each in recovery["gestures"]],
        "reasons": [each["code"] for each in triage["reasons"]],
    }
    assert found == {key: told.model_dump(mode="json")[key] for key in found}
