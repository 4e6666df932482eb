"""The corpus of mails: no machine is answered, every person is, and her words survive."""

from datetime import UTC, datetime

import pytest

from services.intake.channels.email import submitted_from_mail
from services.intake.core import decide
from services.intake.policy import load
from services.intake.receive import Sender, Taken, receive
from shared.contracts.registered import ComplaintRegistered
from shared.stage.decision import History
from tests.mails import Mail, automatic, people

POLICY = load()[0]
AT = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
SECRET = b"a secret of the tests, 32 bytes or more"


def registered(mail: Mail) -> ComplaintRegistered:
    """What intake makes of a mail."""
    message = submitted_from_mail(mail.raw, POLICY.intake)
    sender, taken = Sender("mailbox"), Taken(AT, "event-1")
    event = receive(message, sender, taken=taken, secret=SECRET, rules=POLICY.intake)
    first = decide(event, History(), POLICY).emits[0]
    assert isinstance(first, ComplaintRegistered)
    return first


def test_no_machine_is_taken_for_a_person() -> None:
    """Two machines would thank each other until a disk is full."""
    answered = [mail.name for mail in automatic() if not registered(mail).automatic]
    assert answered == []
    assert len(automatic()) >= 100


def test_no_person_is_taken_for_a_machine() -> None:
    """Somebody would write to us and never be answered."""
    unanswered = [mail.name for mail in people() if registered(mail).automatic]
    assert unanswered == []
    assert len(people()) >= 100


@pytest.mark.parametrize("mail", people(), ids=lambda mail: mail.name)
def test_a_persons_words_survive(mail: Mail) -> None:
    """A charset, a form or a quote would cost somebody the complaint itself."""
    assert mail.words in registered(mail).model_dump()["personal"]["text"]


def test_who_fills_in_a_form_is_herself() -> None:
    """All who write by a web form would be one person, named noreply."""
    forms = [mail for mail in people() if mail.name.startswith("web form")]
    found = {submitted_from_mail(mail.raw, POLICY.intake).complainant.email for mail in forms}
    assert found == {"ingrid@example.com"}
