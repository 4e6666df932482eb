"""A robot is never answered, and no person is taken for one (RFC 3834).

The mails in robots.jsonl are written from the RFCs (3464, 3834, 5230, 5436, 5965, 8058, 8098,
8460) and from how common servers phrase what they send; no mail is anybody's.
"""

from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from services.cli.explaining import explain_raw
from services.cli.stages import parts
from services.intake.channels.email import submitted_from_mail
from tests.policy.judge import notices_of

FILE = Path(__file__).resolve().parent / "robots.jsonl"
MAILS = [orjson.loads(line) for line in FILE.read_bytes().splitlines()]
NOW = datetime(2026, 11, 16, 18, tzinfo=UTC)


def told(mail: str) -> list[str]:
    """What goes to whoever sent a mail, by kind of notice."""
    submitted = submitted_from_mail(mail.encode())
    line = submitted.model_dump(mode="json", exclude_none=True)
    answer, is_answer = explain_raw(orjson.dumps(line), parts(), now=NOW)
    assert is_answer, answer
    return [
        notice.name for notice in notices_of(answer) if notice.fields["audience"] == "complainant"
    ]


@pytest.mark.parametrize("mail", [m for m in MAILS if not m["is_answered"]], ids=lambda m: m["id"])
def test_a_robot_is_not_answered(mail: dict[str, str]) -> None:
    """Two robots would answer each other for ever: the worst bug of a complaint system."""
    assert told(mail["mail"]) == [], mail["note"]


@pytest.mark.parametrize("mail", [m for m in MAILS if m["is_answered"]], ids=lambda m: m["id"])
def test_a_person_is_answered(mail: dict[str, str]) -> None:
    """Somebody would be met with silence because of a word or a header."""
    assert told(mail["mail"]) != [], mail["note"]


def test_there_are_enough_of_both() -> None:
    """The claim "none answered, all answered" would rest on a handful."""
    answered = [mail["is_answered"] for mail in MAILS]
    assert (answered.count(False) >= 100, answered.count(True) >= 100) == (True, True)
