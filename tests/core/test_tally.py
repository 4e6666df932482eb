"""The demo's count: each complaint has exactly one end, from its events alone."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from services.cli.demo.tally import ENDS, Tally, tally
from shared.contracts import cases as ca
from shared.contracts import recoveries as re
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.notifications import NotificationSent
from shared.contracts.receipts import ComplaintAccepted
from shared.contracts.registered import ComplaintRegistered, Personal
from shared.contracts.triaged import ComplaintTriaged, TriagePersonal

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
ID, CASE = "complaint-1", "case-1"


def _registered(complaint_id: str = ID, *, automatic: bool = False) -> ComplaintRegistered:
    return ComplaintRegistered(
        complaint_id=complaint_id,
        source="demo",
        channel="web",
        channel_message_id=f"demo-{complaint_id}",
        received_at=AT,
        automatic=automatic,
        personal=Personal(text="Kanna lekker."),
    )


def _triaged(**changes: object) -> ComplaintTriaged:
    triaged = ComplaintTriaged(
        complaint_id=ID,
        case_id=CASE,
        source="demo",
        channel="web",
        received_at=AT,
        kind="complaint",
        written_form="nb",
        severity="low",
        arousal="calm",
        sentiment=0.0,
        abuse="none",
        role="customer",
        segment="consumer",
        necessity="nice_to_have",
        phase="after",
        mood="neutral",
        vulnerable=False,
        category="product",
        matters=("product",),
        remedy_sought="refund",
        safety=False,
        legal=False,
        needs_person=False,
        confidence=0.9,
        reasons=(),
        personal=TriagePersonal(),
    )
    return triaged.model_copy(update=changes)


def _recovery(
    kind: type[re.RecoveryEvent], version: int, *, state: re.GestureState, **changes: object
) -> re.RecoveryEvent:
    gesture = re.Gesture(
        gesture_id="gesture-1", kind="refund", amount_minor=100, currency="NOK", state=state
    )
    event = kind(
        recovery_id="recovery-1",
        complaint_id=ID,
        case_id=CASE,
        version=version,
        outcome="granted",
        result=re.Result(category="upheld", relief="monetary"),
        gestures=(gesture,),
        total_minor={"NOK": 100},
        approval="automatic",
        decided_by="rule:test",
        effective_at=AT,
    )
    return event.model_copy(update=changes)


def _sent(notice_id: str = "notice-1") -> NotificationSent:
    return NotificationSent(
        notice_id=notice_id,
        complaint_id=ID,
        case_id=CASE,
        kind="acknowledgement",
        counts_as=("acknowledgement",),
        audience="complainant",
        channel="web",
        written_form="nb",
        template="acknowledgement",
        way="mail",
        at=AT,
    )


def _opened() -> ca.CaseOpened:
    return ca.CaseOpened(
        complaint_id=ID, case_id=CASE, at=AT, severity="low", why=("safety",), due_at=AT
    )


def _counted(data: Sequence[Contract]) -> Tally:
    events = [
        Event(f"event-{place}", "test", "key", AT + timedelta(seconds=place), each)
        for place, each in enumerate(data)
    ]
    backwards = tally(list(reversed(events)))
    assert tally(events) == backwards
    return backwards


PROPOSED = _recovery(re.RecoveryProposed, 1, state="proposed")
APPROVED = _recovery(re.RecoveryApproved, 2, state="pending")
SETTLED = _recovery(re.RecoverySettled, 3, state="posted")
UNSIGNED = PROPOSED.model_copy(update={"approval": "team_lead"})
REJECTED = _recovery(re.RecoveryRejected, 2, state="voided", outcome="no_action")
WITH_PERSON = PROPOSED.model_copy(
    update={"outcome": "with_person", "approval": "person", "reasons": ("right_unclear",)}
)
PLANNED = _recovery(re.RecoveryApproved, 2, state="posted")


@pytest.mark.parametrize(
    ("data", "end", "why"),
    [
        ([_triaged(), PROPOSED, APPROVED, SETTLED, _sent()], "settled", ()),
        ([_triaged(), PROPOSED, APPROVED, _sent()], "payout_pending", ()),
        ([_triaged(), UNSIGNED, _sent()], "with_people", ("approval:team_lead",)),
        ([_triaged(), UNSIGNED, REJECTED, _sent()], "rejected", ()),
        ([_triaged(), UNSIGNED, REJECTED, _opened(), _sent()], "rejected", ()),
        ([_triaged(), SETTLED, _opened(), _sent()], "with_people", ("safety",)),
        ([_triaged(), WITH_PERSON, _opened(), _sent()], "with_people", ("safety",)),
        ([_triaged(kind="praise"), _sent()], "answered", ()),
        ([_triaged(kind="praise")], "open", ("not_answered",)),
        ([_triaged(), _sent()], "open", ("not_recovered",)),
        ([_triaged(), PLANNED, _sent()], "open", ("approved", "granted")),
        ([_triaged(), PROPOSED, _sent()], "open", ("proposed", "granted")),
        ([], "open", ("not_triaged",)),
    ],
)
def test_one_end(data: Sequence[Contract], end: str, why: tuple[str, ...]) -> None:
    """A complaint would be counted where it is not, and the balance would lie."""
    counted = _counted([_registered(), *data])
    stand = counted.stands[ID]
    assert (end, why) == (stand.end, stand.why)
    assert (end in ENDS) == counted.balances


def test_the_general_code_gives_way_to_the_reasons() -> None:
    """«recovery_with_person» tells a person nothing about what she is to decide."""
    opened = _opened().model_copy(update={"why": ("recovery_with_person",)})
    counted = _counted([_registered(), _triaged(), WITH_PERSON, opened, _sent()])
    assert counted.stands[ID].why == ("right_unclear",)


def test_a_robot_is_owed_nothing() -> None:
    """The demo would wait for an answer that must never be sent."""
    counted = _counted([_registered(automatic=True)])
    assert (counted.stands[ID].end, counted.undone) == ("answered", ())


def test_an_event_delivered_twice_counts_once() -> None:
    """After a restart the count would show two complaints, or a mail sent twice."""
    event = Event("event-1", "test", "key", AT, _registered())
    sent = Event("event-2", "test", "key", AT, _sent())
    counted = tally([event, sent, event, sent])
    assert (counted.registered, counted.notified, counted.sent_twice) == (1, 1, 0)


def test_a_message_sent_twice_is_seen() -> None:
    """Two acknowledgements of the same complaint would pass for one."""
    counted = _counted([_registered(), _triaged(), _sent("notice-1"), _sent("notice-2")])
    assert counted.sent_twice == 1


def _escalated(notice_id: str, *people: str) -> NotificationSent:
    told = {"kind": "staff", "counts_as": ("staff",), "audience": "safety", "people": people}
    return _sent(notice_id).model_copy(update={"template": "escalated", **told})


def test_the_next_step_of_an_escalation_is_another_message() -> None:
    """A run longer than five minutes would be blamed for telling the deputy, and then all."""
    counted = _counted(
        [
            _registered(),
            _triaged(),
            _escalated("deputy", "safety-hegg"),
            _escalated("all", "safety-rogn", "safety-hegg"),
        ]
    )
    assert counted.sent_twice == 0


def test_a_step_that_is_told_twice_is_seen() -> None:
    """The deputy could be woken twice for the same step, and the count would call it two steps."""
    twice = [_escalated("once", "safety-hegg"), _escalated("again", "safety-hegg")]
    assert _counted([_registered(), _triaged(), *twice]).sent_twice == 1


def _warned(notice_id: str, percent: int) -> NotificationSent:
    told = {"kind": "staff", "counts_as": ("staff",), "audience": "supervisor"}
    promise = {"template": "promise", "promise_id": "promise-1", "percent": percent}
    return _sent(notice_id).model_copy(update={**told, **promise})


def test_the_next_share_of_a_promise_is_another_message() -> None:
    """A run longer than a quarter of an hour would be blamed for telling the leader at its end."""
    shares = [_warned("soon", 90), _warned("late", 100)]
    assert _counted([_registered(), _triaged(), *shares]).sent_twice == 0


def test_a_share_that_is_told_twice_is_seen() -> None:
    """The same warning could come again and again, and the count would call it the next share."""
    twice = [_warned("once", 90), _warned("again", 90)]
    assert _counted([_registered(), _triaged(), *twice]).sent_twice == 1


def test_a_duplicate_is_counted_from_its_receipt() -> None:
    """A resend would look like a lost complaint."""
    accepted = ComplaintAccepted(
        source="demo", channel_message_id="demo-1", complaint_id=ID, noted=("duplicate",)
    )
    assert _counted([_registered(), accepted]).duplicates == 1


def test_whoever_has_heard_nothing_is_not_done() -> None:
    """The demo would end before a complainant has had any message."""
    counted = _counted([_registered(), _triaged(), PROPOSED, APPROVED, SETTLED])
    assert [stand.complaint_id for stand in counted.undone] == [ID]


def test_traits_are_what_was_read() -> None:
    """The demo would claim a variety that triage did not see."""
    over = PROPOSED.model_copy(update={"approval": "manager"})
    threat = _triaged(abuse="threat", role="both", written_form="nn", legal=True)
    traits = _counted([_registered(), threat, over]).traits
    expected = {
        "safety_or_legal": 1,
        "threats": 1,
        "users": 1,
        "nb": 0,
        "nn": 1,
        "en": 0,
        "over_automatic_limit": 1,
    }
    assert expected == traits
