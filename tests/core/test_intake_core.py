"""Intake's core: registered once, replies and robots known, and the source told."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pydantic import JsonValue

from services.intake.core import decide, touches
from services.intake.policy import load
from services.intake.receive import Sender, Taken, receive
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.receipts import ComplaintAccepted
from shared.contracts.registered import ComplaintRegistered, ComplaintReplied, Personal
from shared.contracts.submitted import Complainant, ComplaintSubmitted, Order, Organisation
from shared.stage.decision import Decision, History, Memory

POLICY, DIGEST = load()
AT = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
SECRET = b"a secret of the tests, 32 bytes or more"
MAIL = ComplaintSubmitted(
    channel="email",
    channel_message_id="<m1@example.com>",
    complainant=Complainant(name="Ingrid Solheim", email="ingrid@example.com"),
    subject="Barnesetet har ikke kommet",
    text="Jeg betalte 1290 kr og har ikke fått noe.",
)


def event_of(message: ComplaintSubmitted, sender: Sender | None = None) -> Event[Contract]:
    """The message as decode hands it over."""
    taken = Taken(AT, "event-1")
    sender = sender or Sender("nettbutikken", vouched=True)
    return receive(message, sender, taken=taken, secret=SECRET, rules=POLICY.intake)


def decided(
    message: ComplaintSubmitted, history: History | None = None, *, sender: Sender | None = None
) -> Decision:
    """The core's decision on a message."""
    return decide(event_of(message, sender), history or History(), POLICY)


def registered(decision: Decision) -> ComplaintRegistered:
    """The registered complaint of a decision."""
    first = decision.emits[0]
    assert isinstance(first, ComplaintRegistered)
    return first


def noted(decision: Decision) -> tuple[str, ...]:
    """What the receipt notes."""
    receipt = decision.emits[-1]
    assert isinstance(receipt, ComplaintAccepted)
    return receipt.noted


def remembered(message: ComplaintSubmitted) -> Memory:
    """What intake remembers of a message."""
    event = event_of(message)
    data = decide(event, History(), POLICY).remembers
    assert data is not None
    return Memory(event.id, event.type, event.time, data)


def test_a_complaint_is_registered_and_its_source_told() -> None:
    """A complaint would be lost, or its channel left without an answer."""
    decision = decided(MAIL)
    assert registered(decision).personal == Personal(
        name="Ingrid Solheim",
        email="ingrid@example.com",
        reply_to="ingrid@example.com",
        subject="Barnesetet har ikke kommet",
        text="Jeg betalte 1290 kr og har ikke fått noe.",
    )
    receipt = decision.emits[1]
    assert isinstance(receipt, ComplaintAccepted)
    assert (receipt.source, receipt.channel_message_id, receipt.noted) == (
        "nettbutikken",
        "<m1@example.com>",
        (),
    )
    assert receipt.complaint_id == registered(decision).complaint_id


def test_the_same_message_twice_is_one_complaint() -> None:
    """A resend would be a second complaint, and pay twice."""
    rows = touches(event_of(MAIL))
    decision = decided(MAIL, History(reserved=dict.fromkeys(rows, 1)))
    assert [type(e).__name__ for e in decision.emits] == ["ComplaintAccepted"]
    assert noted(decision) == ("duplicate",)
    assert (decision.reserves, decision.remembers) == ((), None)


def test_the_same_id_with_other_words_is_another_complaint() -> None:
    """A channel that reuses ids would lose its second complaint without a word."""
    _, message_row = touches(event_of(MAIL))
    other = MAIL.model_copy(update={"text": "Nå er også hjelmen borte."})
    decision = decided(other, History(reserved={message_row: 1}))
    assert registered(decision).id_reused
    assert noted(decision) == ("id_reused",)
    assert touches(event_of(other))[1] == message_row
    assert [(r.add_minor, r.limit_minor) for r in decision.reserves] == [(1, 1), (1, 2)]


def test_the_same_id_from_another_source_is_another_complaint() -> None:
    """Two shops that both count from 1 would lose each other's complaints."""
    ours, theirs = event_of(MAIL), event_of(MAIL, Sender("en-annen-butikk"))
    assert set(touches(ours)).isdisjoint(touches(theirs))


def test_the_rows_are_those_that_are_reserved() -> None:
    """A guard on a row that was not looked at would never hold."""
    assert touches(event_of(MAIL)) == tuple(r.name for r in decided(MAIL).reserves)


def test_a_plain_submitted_event_is_decided_alike() -> None:
    """`kulanse explain` would see another complaint than the stage."""
    event = event_of(MAIL)
    plain = replace(event, data=MAIL)
    assert touches(plain) == touches(event)
    assert decided(MAIL, sender=Sender("nettbutikken")) == decide(plain, History(), POLICY)


@pytest.mark.parametrize(
    ("order", "sender", "state"),
    [
        (None, Sender("s", vouched=True), "none"),
        (Order(id="B-1"), Sender("s", vouched=True), "confirmed"),
        (Order(id="B-1"), Sender("s"), "claimed"),
    ],
)
def test_an_order_is_a_claim_until_its_source_may_vouch(
    order: Order | None,
    sender: Sender,
    state: str,
) -> None:
    """Money would move on a stranger's word."""
    message = MAIL.model_copy(update={"order": order})
    assert registered(decided(message, sender=sender)).order_state == state


@pytest.mark.parametrize(
    ("firm", "segment"),
    [
        (None, "consumer"),
        (Organisation(), "consumer"),
        (Organisation(name="Eksempel AS", employees=10), "small_business"),
        (Organisation(name="Eksempel AS", employees=11), "business"),
        (Organisation(name="Eksempel AS"), "business"),
    ],
)
def test_the_segment_follows_the_firm(firm: Organisation | None, segment: str) -> None:
    """A small firm would be met as a big one, or the other way round."""
    who = MAIL.complainant.model_copy(update={"organisation": firm})
    assert registered(decided(MAIL.model_copy(update={"complainant": who}))).segment == segment


def replies() -> dict[str, dict[str, JsonValue]]:
    """Ways in which a message answers MAIL's matter."""
    memory = remembered(MAIL).data
    complaint, case = str(memory["complaint_id"]), str(memory["case_id"])
    return {
        "our message id": {"in_reply_to": f"<n-1.{complaint}@kulanse.example.com>"},
        "the case id": {"in_reply_to": case},
        "a short reference": {"subject": f"SV: Klagen din [K-{complaint[:8].upper()}]"},
        "a short reference in the words": {"text": f"Gjelder sak k-{complaint[:8]}: se bildet."},
        "a reference header": {"headers": {"References": f"<a@b> <{case}@kulanse.example.com>"}},
        "their own mail": {"in_reply_to": "<m1@example.com>"},
    }


@pytest.mark.parametrize("way", replies())
def test_a_reply_belongs_to_its_matter(way: str) -> None:
    """A reply would open a new case, and its own case wait for ever."""
    fields = {"channel_message_id": "<m2@example.com>", "text": "Her er bildet.", **replies()[way]}
    message = MAIL.model_copy(update=fields)
    memory = remembered(MAIL)
    decision = decided(message, History((memory,)))
    reply = decision.emits[0]
    assert isinstance(reply, ComplaintReplied)
    assert reply.complaint_id == memory.data["complaint_id"]
    assert reply.case_id == memory.data["case_id"]
    assert noted(decision) == ("reply",)


def test_a_reply_to_somebody_elses_matter_is_a_complaint() -> None:
    """Whoever guesses a reference would write into another person's case."""
    complaint = remembered(MAIL).data["complaint_id"]
    message = MAIL.model_copy(update={"in_reply_to": str(complaint)})
    assert registered(decided(message, History())).automatic is False


def test_the_newest_matter_is_meant() -> None:
    """A reply that names two matters would go to the old one."""
    older = remembered(MAIL)
    newer = remembered(MAIL.model_copy(update={"channel_message_id": "<m9@example.com>"}))
    both = f"{older.data['complaint_id']} {newer.data['complaint_id']}"
    reply = MAIL.model_copy(update={"in_reply_to": both, "text": "Ja takk."})
    decision = decided(reply, History((older, newer)))
    assert isinstance(decision.emits[0], ComplaintReplied)
    assert decision.emits[0].complaint_id == newer.data["complaint_id"]


ROBOTS: dict[str, dict[str, JsonValue]] = {
    "auto-submitted": {"headers": {"Auto-Submitted": "auto-replied"}},
    "auto-submitted with more": {"headers": {"Auto-Submitted": "auto-generated; owner-email=x"}},
    "no return path": {"headers": {"Return-Path": "<>"}},
    "bulk": {"headers": {"Precedence": "bulk"}},
    "list": {"headers": {"List-Id": "<nytt.example.com>"}},
    "suppress": {"headers": {"X-Auto-Response-Suppress": "DR, AutoReply"}},
    "bounce": {"headers": {"content-type": "multipart/report"}},
    "away nb": {"subject": "Automatisk svar: Vi har fått klagen din"},
    "away nn": {"subject": "Ikkje på kontoret"},
    "away en": {"subject": "Out of Office - back on Monday"},
}
PEOPLE: dict[str, dict[str, JsonValue]] = {
    "auto-submitted no": {"headers": {"Auto-Submitted": "no"}},
    "a return path": {"headers": {"Return-Path": "<ingrid@example.com>"}},
    "first class": {"headers": {"Precedence": "first-class"}},
    "about robots": {"subject": "Autosvaret deres hjelper ingen"},
    "out of office furniture": {"subject": "Out of office chairs again?"},
    "only receipts suppressed": {"headers": {"X-Auto-Response-Suppress": "OOF"}},
    "a web form": {"channel": "web", "headers": {"Auto-Submitted": "auto-generated"}},
}


@pytest.mark.parametrize("fields", ROBOTS.values(), ids=ROBOTS)
def test_a_robot_is_registered_and_known(fields: dict[str, JsonValue]) -> None:
    """Two machines would thank each other until a disk is full."""
    decision = decided(MAIL.model_copy(update=fields))
    assert registered(decision).automatic
    assert noted(decision) == ("automatic",)


@pytest.mark.parametrize("fields", PEOPLE.values(), ids=PEOPLE)
def test_a_person_is_not_taken_for_a_robot(fields: dict[str, JsonValue]) -> None:
    """Somebody would never be answered."""
    assert not registered(decided(MAIL.model_copy(update=fields))).automatic


def test_a_robot_that_answers_us_does_not_wake_a_case() -> None:
    """An out-of-office mail would resume the clock and send the outcome early."""
    memory = remembered(MAIL)
    robot = MAIL.model_copy(
        update={
            "in_reply_to": str(memory.data["complaint_id"]),
            "headers": {"Auto-Submitted": "auto-replied"},
        }
    )
    assert registered(decided(robot, History((memory,)))).automatic


def test_a_daemon_is_a_robot() -> None:
    """A bounce would be answered, and bounce again."""
    who = Complainant(email="MAILER-DAEMON@example.com")
    assert registered(decided(MAIL.model_copy(update={"complainant": who}))).automatic


def test_what_is_remembered_is_no_personal_text() -> None:
    """The history, which outlives the text, would hold the text."""
    memory = remembered(MAIL)
    assert set(memory.data) == {"complaint_id", "case_id", "mark"}
    assert "example.com" not in str(memory.data)
