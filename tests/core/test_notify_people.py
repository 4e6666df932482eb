"""Notify and people: their words, how messages went, and which promises that kept."""

from datetime import datetime, timedelta

import pytest

from shared.contracts.notifications import (
    NotificationFailed,
    NotificationRequested,
    NotificationSent,
)
from shared.contracts.promises import PromiseKept, PromiseMade
from shared.contracts.recoveries import RecoveryAdjusted, RecoveryApproved, RecoveryFailed
from tests.notify_story import (
    AT,
    CALM,
    Story,
    answered,
    asked,
    decided,
    outcome,
    recovery,
    registered,
    spoken,
    taken,
    triaged,
)


def test_a_phone_call_is_answered_by_a_call() -> None:
    """Someone who rang, and has no e-mail, would not be answered."""
    story = Story()
    story.hears(registered(channel="phone", phone="+4740000001"), triaged(severity="medium"))
    (call,) = story.effects("call")
    assert call.payload["to"] == "+4740000001"
    assert "Ring Siv, +4740000001" in str(call.payload["body"])


def test_someone_at_the_counter_is_told_there() -> None:
    """Whoever stands there without an address would hear nothing."""
    story = Story()
    story.hears(registered(channel="in_person", email=None), triaged(severity="medium"))
    (call,) = story.effects("call")
    assert str(call.payload["body"]).startswith("Si det til Siv")
    assert [notice.channel for notice in story.requested()] == ["in_person"]


def test_a_persons_words_go_out_as_they_stand() -> None:
    """A template in a person's or complainant's words would be run."""
    story = Story()
    story.hears(
        registered(), triaged(severity="medium"), taken(), asked("Hva er {{7*7}}?", version=1)
    )
    question = story.requested()[-1]
    assert (question.kind, question.template) == ("question", "person_asks")
    assert "Hva er {{7*7}}?" in question.personal.body


@pytest.mark.parametrize("text", ["Hei Siv,\nden er på vei.", "God dag!\nDen er på vei."])
def test_a_colleague_who_greets_is_not_made_to_greet_twice(text: str) -> None:
    """Somebody would be greeted twice, once by a person and once by a machine."""
    story = Story()
    story.hears(registered(), triaged(severity="medium"), taken(), answered(text, version=1))
    assert story.requested()[-1].personal.body.startswith(text.splitlines()[0])


def test_a_colleague_who_signs_is_not_signed_for() -> None:
    """Her name would be followed by "customer service", as if another had written it."""
    story = Story()
    text = "Den er på vei.\n\nVennlig hilsen\nBjørk, kundeservice"
    story.hears(registered(), triaged(severity="medium"), taken(), answered(text, version=1))
    body = story.requested()[-1].personal.body
    assert body.startswith("Hei, Siv.")
    assert body.casefold().count("hilsen") == 1


def test_what_is_said_aloud_asks_for_no_reply_to_a_message() -> None:
    """A colleague on the phone would read out "reply to this message"."""
    story = Story()
    story.hears(registered(channel="phone", phone="+4740000001"), triaged(severity="medium"))
    (call,) = story.effects("call")
    assert "denne meldingen" not in str(call.payload["body"])


def test_the_promise_is_the_desks_own() -> None:
    """Whoever is threatened or in danger comes first at the desk, and is told so late a time."""
    story = Story()
    story.hears(registered(), triaged(abuse="threat", needs_person=True))
    first = next(n for n in story.requested() if n.audience == "complainant")
    assert "mandag 16. november klokka 09.27" in first.personal.body


def test_a_stop_promises_no_answer_in_two_weeks() -> None:
    """Sixty people who cannot work would be promised an answer on 30 November."""
    story = Story()
    story.hears(registered(), triaged(severity="critical", needs_person=True))
    body = story.requested()[0].personal.body
    assert "30. november" not in body
    assert "til det er løst" in body


def test_a_stale_command_says_nothing() -> None:
    """A handler who did not see the latest state would write to the complainant all the same."""
    story = Story()
    story.hears(registered(), triaged(severity="medium"), taken(), answered("Ja", version=1))
    before = len(story.emits)
    story.hears(answered("Nei", version=1))
    assert before == len(story.emits)


def test_a_persons_no_names_who_and_where_to_go_next() -> None:
    """A consumer would get a no without knowing where to take it."""
    story = Story()
    story.hears(
        registered(), triaged(severity="medium"), taken(), decided("Vi kan ikke gi det.", version=1)
    )
    body = story.requested()[-1].personal.body
    assert "Vi kan ikke gi det." in body
    assert "Forbrukertilsynet" in body
    assert "Et menneske hos oss har avgjort dette" in body


def test_a_business_is_never_sent_to_a_consumers_board() -> None:
    """A firm would be sent to a board that turns it away."""
    story = Story()
    reading = triaged(severity="medium", segment="business")
    story.hears(registered(segment="business"), reading, taken(), decided("Nei.", version=1))
    body = story.requested()[-1].personal.body
    assert "Forbrukertilsynet" not in body
    assert "forliksrådet" in body


@pytest.mark.parametrize("money_first", [True, False])
def test_a_persons_decision_and_its_money_are_one_message(*, money_first: bool) -> None:
    """The same outcome would be told twice: once by the person, once by the machine."""
    story = Story()
    story.hears(registered(), triaged(severity="medium"), taken())
    money = recovery(RecoveryApproved, 3, decided_by="person:p1", approval="person")
    words = decided("Du har rett.", version=1, category="upheld", refund=True)
    story.hears(*((money, words) if money_first else (words, money)))
    story.lets_time_pass()
    assert [template for template, _ in spoken(story)] == ["acknowledgement", "person_decides"]
    assert "219 kr" in story.requested()[-1].personal.body


def test_sent_and_failed_come_from_the_outcome_alone() -> None:
    """A notice would count as sent before it was, or a failure would go unseen."""
    story = Story()
    story.hears(*CALM)
    (mail,) = story.effects("mail")
    story.hears(outcome(mail.key, "posted"))
    assert isinstance(story.emits[-1], NotificationSent)
    other = Story()
    other.hears(*CALM, outcome(mail.key, "failed"))
    kinds = [type(each) for each in other.emits]
    assert [NotificationRequested, NotificationFailed, NotificationRequested] == kinds
    assert other.requested()[-1].template == "undelivered"


def test_an_unknown_message_is_shown_and_not_sent_again() -> None:
    """Silence after the final dot would give the same mail twice."""
    story = Story()
    story.hears(*CALM)
    (mail,) = story.effects("mail")
    story.hears(outcome(mail.key, "unknown"))
    assert isinstance(story.emits[-1], NotificationFailed)
    assert [mail] == story.effects("mail")


def test_a_sent_answer_keeps_the_promises_it_answers() -> None:
    """A kept promise would be reported as broken."""
    story = Story()
    due: datetime = AT + timedelta(days=10)
    promise = PromiseMade(
        promise_id="p1", complaint_id="c1", case_id="case", kind="final_answer", due_at=due
    )
    story.hears(*CALM, promise)
    (mail,) = story.effects("mail")
    story.hears(outcome(mail.key, "posted"))
    story.hears(outcome(mail.key, "posted"))
    assert [e.promise_id for e in story.emits if isinstance(e, PromiseKept)] == ["p1"]


def test_a_decision_above_her_limit_waits_for_the_signature() -> None:
    """A sum would be told to the complainant before the second person has signed."""
    story = Story()
    story.hears(registered(), triaged(severity="medium"), taken())
    above = {"decided_by": "person:p1", "approval": "manager"}
    words = decided("Du har rett.", version=1, category="upheld", refund=True)
    story.hears(words, recovery(RecoveryAdjusted, 2, **above))
    story.lets_time_pass()
    assert [template for template, _ in spoken(story)] == ["acknowledgement"]
    story.hears(recovery(RecoveryApproved, 3, approved_by="person:p2", **above))
    assert [template for template, _ in spoken(story)] == ["acknowledgement", "person_decides"]


@pytest.mark.parametrize("failed_first", [True, False])
def test_a_decision_that_came_to_nothing_is_never_told(*, failed_first: bool) -> None:
    """She would read that the money is coming, when nobody knows where to send it."""
    story = Story()
    story.hears(registered(), triaged(severity="medium"), taken())
    words = decided("Pengene kommer.", version=1, category="upheld", refund=True)
    by_her = {"decided_by": "person:p1", "approval": "person", "outcome": "with_person"}
    failed = recovery(RecoveryFailed, 2, reasons=("payment_unknown",), **by_her)
    story.hears(*((failed, words) if failed_first else (words, failed)))
    story.lets_time_pass()
    assert [template for template, _ in spoken(story)] == ["acknowledgement"]
    later = AT + timedelta(minutes=9)
    again = decided("Her er pengene.", version=2, category="upheld", refund=True)
    money = recovery(RecoveryApproved, 3, decided_by="person:p1", approved_by="person:p1")
    story.hears(again, money, at=later)
    assert [template for template, _ in spoken(story)] == ["acknowledgement", "person_decides"]
    assert "Her er pengene." in story.requested()[-1].personal.body


def test_an_earlier_yes_is_told_though_a_later_word_failed() -> None:
    """A refund that is on its way would be passed over in silence."""
    story = Story()
    story.hears(*CALM[:2])
    by_her = {"decided_by": "person:p1", "approval": "person", "outcome": "with_person"}
    story.hears(recovery(RecoveryFailed, 3, reasons=("over_paid",), **by_her), *CALM[2:])
    assert [template for template, _ in spoken(story)] == ["together"]
