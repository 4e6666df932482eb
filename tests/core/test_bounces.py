"""A mail that came back: believed by our own token alone, and what it said is said another way."""

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from services.intake.doors.admit import Admission
from services.intake.doors.bounces import returned
from services.intake.doors.keys import Caller
from services.intake.doors.taking import Taking
from services.notify.senders.letter import letter
from services.notify.senders.linked import Linked
from shared.contracts.codec import decode
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event, Outgoing, Record
from shared.contracts.inbox import EffectOutcome
from shared.contracts.notifications import NotificationFailed
from shared.contracts.recoveries import RecoveryApproved, RecoveryProposed
from shared.links import RETURN_HEADER
from tests.core.test_intake_http import POLICY, FakeOut
from tests.core.test_intake_http import SECRET as KEYS
from tests.notify_story import AT, Story, recovery, registered, triaged
from tests.policy.link_mails import COMPLAINT, KEY, SECRET, Kept, claimed

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
NOBODY = "5.1.1"
# How common servers report, from RFC 3464's own examples and what Postfix, Exim and Exchange write.
POSTFIX = """From: MAILER-DAEMON@relay.example.com (Mail Delivery System)
To: kundeservice@example.com
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example.com
X-Postfix-Queue-ID: 4F2

Final-Recipient: rfc822; siv@example.com
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--b
Content-Description: Undelivered Message
Content-Type: {returned}

{mail}
--b--
"""


def sent(story: Story, number: int = 0) -> EmailMessage:
    """A mail of the story, as it left."""
    effect = story.effects("mail")[number]
    linked = Linked(Kept(), base="", secret=SECRET).linked(claimed(effect))
    return letter(linked, mail_from="kundeservice@example.com")


def bounce(
    mail: EmailMessage, *, status: str = NOBODY, action: str = "failed", headers_only: bool = False
) -> bytes:
    """The report that a mail server sends about a mail of ours."""
    text = mail.as_string()
    if headers_only:
        text = text.partition("\n\n")[0].replace("\r", "") + "\n"
    kind = "text/rfc822-headers" if headers_only else "message/rfc822"
    report = POSTFIX.format(action=action, status=status, returned=kind, mail=text)
    return report.encode()


def told(outputs: tuple[Outgoing, ...]) -> list[Event[Contract]]:
    """What notify is told."""
    return [decode(Record(o.topic, 0, 0, 0, o.key, o.value, o.headers)) for o in outputs]


def offered(*, phone: str | None = None) -> Story:
    """Siv was acknowledged and has had an answer, by mail."""
    story = Story()
    same: dict[str, object] = {"complaint_id": COMPLAINT}
    story.hears(
        registered(phone=phone).model_copy(update={"channel": "email", **same}),
        triaged(severity="medium", **same),
        recovery(RecoveryProposed, 1, **same),
        recovery(RecoveryApproved, 2, **same),
    )
    story.leaves()
    return story


@pytest.mark.parametrize("headers_only", [False, True])
def test_a_bounce_names_the_mail_that_came_back(*, headers_only: bool) -> None:
    """The address would go on being written to, and nobody would know."""
    story = offered()
    raw = bounce(sent(story), headers_only=headers_only)
    (event,) = told(returned(raw, secret=SECRET, at=NOW))
    assert isinstance(event.data, EffectOutcome)
    assert (event.key, event.data.complaint_id) == (KEY, COMPLAINT)
    assert event.data.effect_key == story.effects("mail")[0].key
    assert (event.data.state, event.data.code) == ("failed", "bounced_5.1.1")
    assert event.data.detail["dead_address"] is True
    (again,) = told(returned(raw, secret=SECRET, at=NOW.replace(hour=10)))
    assert again.id == event.id


@pytest.mark.parametrize(
    ("status", "action", "dead"),
    [("5.2.2", "failed", False), ("5.2.1", "failed", True), ("4.4.7", "delayed", None)],
)
def test_a_full_mailbox_is_not_a_dead_one(status: str, action: str, dead: object) -> None:
    """Somebody on holiday would never hear from us again; or a delay would count as a failure."""
    events = told(
        returned(bounce(sent(offered()), status=status, action=action), secret=SECRET, at=NOW)
    )
    found = [e.data.detail["dead_address"] for e in events if isinstance(e.data, EffectOutcome)]
    assert found == ([] if dead is None else [dead])


def test_an_invented_bounce_is_nothing() -> None:
    """Anybody could cut a complainant off from our answers."""
    mail = sent(offered())
    assert returned(bounce(mail), secret=b"another secret of thirty-two bytes!!", at=NOW) == ()
    token = str(mail[RETURN_HEADER])
    del mail[RETURN_HEADER]
    assert returned(bounce(mail), secret=SECRET, at=NOW) == ()
    mail[RETURN_HEADER] = token[:-2] + "AA"
    assert returned(bounce(mail), secret=SECRET, at=NOW) == ()
    assert returned(mail.as_bytes(), secret=SECRET, at=NOW) == ()


async def test_the_mail_door_tells_notify_and_keeps_the_mail(tmp_path: Path) -> None:
    """A bounce would only be one more mail of a robot."""
    del tmp_path
    out = FakeOut()
    taking = Taking(Admission(POLICY, KEYS), out, now=lambda: NOW, link_secret=SECRET)
    shape = taking.shapes()["message/rfc822"]
    await taking.take(bounce(sent(offered())), shape, caller=Caller("mail", frozenset()))
    assert [each.topic for each in out.sent] == ["notify.inbox", "complaints.submitted"]


def bounced(story: Story, number: int) -> None:
    """A mail of the story comes back."""
    raw = bounce(sent(story, number))
    (event,) = told(returned(raw, secret=SECRET, at=AT))
    story.hears(event.data)


def test_what_came_back_becomes_a_call() -> None:
    """The outcome would be lost with the mail; or told twice where it was heard."""
    story = offered(phone="+4790000000")
    bounced(story, 1)
    (call,) = story.effects("call")
    first, outcome, flag, again = (n for n in story.requested() if n.audience != "approver")
    assert (first.template, outcome.template, again.template) == (
        "acknowledgement",
        "outcome",
        "outcome",
    )
    assert (flag.template, flag.audience) == ("dead_address", "supervisor")
    assert again.notice_id != outcome.notice_id
    assert "219 kr" in str(call.payload["body"])
    assert any(isinstance(each, NotificationFailed) for each in story.emits)
    bounced(story, 0)
    assert [n.template for n in story.requested()].count("outcome") == 2


def test_without_a_telephone_a_colleague_gets_it() -> None:
    """A mandatory message would end nowhere, without anybody knowing."""
    story = offered()
    bounced(story, 1)
    staff = [n.template for n in story.requested() if n.audience == "supervisor"]
    assert staff == ["dead_address", "unreachable"]
    assert len(story.effects("mail")) == 2
