"""A robot is never answered, and no person is taken for one (RFC 3834), through the whole chain.

The corpus is that of intake's own test (tests/mails): written from the RFCs (3464, 3834, 5230,
5436, 5965, 8058, 8098, 8460) and from how common servers phrase what they send.
"""

from datetime import UTC, datetime

import orjson
import pytest

from services.cli.explaining import explain_raw
from services.cli.stages import parts
from services.intake.channels.email import submitted_from_mail
from tests.mails import Mail, automatic, people
from tests.policy.judge import notices_of

NOW = datetime(2026, 11, 18, 18, tzinfo=UTC)


def told(mail: Mail) -> list[str]:
    """What goes to whoever sent a mail, by kind of notice."""
    submitted = submitted_from_mail(mail.raw)
    line = submitted.model_dump(mode="json", exclude_none=True)
    answer, is_answer = explain_raw(orjson.dumps(line), parts(), now=NOW)
    assert is_answer, answer
    return [
        notice.name for notice in notices_of(answer) if notice.fields["audience"] == "complainant"
    ]


@pytest.mark.parametrize("mail", automatic(), ids=lambda mail: mail.name)
def test_a_robot_is_not_answered(mail: Mail) -> None:
    """Two robots would answer each other for ever: the worst bug of a complaint system."""
    assert told(mail) == []


@pytest.mark.parametrize("mail", people(), ids=lambda mail: mail.name)
def test_a_person_is_answered(mail: Mail) -> None:
    """Somebody would be met with silence because of a word or a header."""
    assert told(mail) != []


def test_there_are_enough_of_both() -> None:
    """The claim "none answered, all answered" would rest on a handful."""
    assert (len(automatic()) >= 200, len(people()) >= 200) == (True, True)
