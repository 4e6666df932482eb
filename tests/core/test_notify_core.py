"""Notify's rules: heard first, never twice, whatever the order of arrival."""

from datetime import timedelta
from itertools import permutations

import pytest

from shared.contracts.contract import Contract
from shared.contracts.notifications import (
    NotificationSuppressed,
)
from shared.contracts.recoveries import (
    RecoveryFailed,
    RecoveryProposed,
    RecoverySettled,
)
from tests.notify_story import (
    AT,
    CALM,
    POLICY,
    Story,
    outcome,
    recovery,
    registered,
    replied,
    spoken,
    taken,
    triaged,
)

FURIOUS = (registered(), triaged(arousal="furious"), *CALM[2:])


def in_topic_order(events: tuple[Contract, ...]) -> list[tuple[Contract, ...]]:
    """Every order of arrival that keeps proposed before approved: they are on one topic."""
    return [
        order for order in permutations(events) if order.index(events[2]) < order.index(events[3])
    ]


@pytest.mark.parametrize("order", in_topic_order(CALM))
def test_calm_and_small_gets_one_message_in_any_order(order: tuple[Contract, ...]) -> None:
    """A recovery heard before triage, or before registration, would give two messages or none."""
    story = Story()
    story.hears(*order)
    story.lets_time_pass()
    assert spoken(story) == [("together", ("acknowledgement", "decision"))]


@pytest.mark.parametrize("order", in_topic_order(FURIOUS))
def test_furious_is_heard_first_in_any_order(order: tuple[Contract, ...]) -> None:
    """The outcome would leave before the acknowledgement, or within the pause."""
    story = Story()
    story.hears(*order)
    assert [template for template, _ in spoken(story)] == ["acknowledgement"]
    story.lets_time_pass()
    assert [template for template, _ in spoken(story)] == ["acknowledgement", "outcome"]
    first, last = story.effects("mail")
    assert first.key == last.after


def test_an_answer_ends_the_pause() -> None:
    """Somebody who has answered would wait a quarter of an hour for nothing."""
    story = Story()
    story.hears(*FURIOUS, replied())
    assert [template for template, _ in spoken(story)] == ["acknowledgement", "outcome"]


def test_danger_never_waits() -> None:
    """Someone furious about smoke would wait for the pause."""
    story = Story()
    smoke = triaged(arousal="furious", safety=True, severity="critical")
    story.hears(registered(), smoke, *CALM[2:])
    assert [template for template, _ in spoken(story)] == ["safety", "outcome"]
    assert [n.audience for n in story.requested() if n.kind == "staff"] == ["safety"]


def test_no_triage_within_its_time_gives_a_plain_acknowledgement_once() -> None:
    """A stage that is down would leave people without a word, or give them two."""
    story = Story()
    story.hears(registered())
    assert spoken(story) == []
    assert [AT + timedelta(seconds=30)] == [timer.due_at for timer in story.effects("timer")]
    story.lets_time_pass()
    story.hears(triaged())
    story.lets_time_pass()
    assert [template for template, _ in spoken(story)] == ["plain"]


def test_a_triage_that_was_heard_is_waited_for_no_more() -> None:
    """Each complaint would bring one more timer, decided and kept, that has nothing to say."""
    story = Story()
    story.hears(registered())
    assert story.waits_for() == ["plain"]
    story.hears(triaged(severity="high"))
    assert story.waits_for() == []


def test_a_decision_that_was_told_is_waited_for_no_more() -> None:
    """Each small complaint would bring one more timer that has nothing to say."""
    story = Story()
    story.hears(*CALM[:2])
    assert story.waits_for() == ["decision"]
    story.hears(*CALM[2:])
    assert [template for template, _ in spoken(story)] == ["together"]
    assert story.waits_for() == []


def test_a_danger_read_late_is_still_told() -> None:
    """A plain acknowledgement would be the last word to somebody with a smoking charger."""
    story = Story()
    story.hears(registered())
    story.lets_time_pass()
    story.hears(triaged(safety=True, severity="critical"))
    assert [template for template, _ in spoken(story)] == ["plain", "safety"]


def test_calm_and_small_does_not_wait_for_ever() -> None:
    """A slow decision would keep the acknowledgement back."""
    story = Story()
    story.hears(registered(), triaged())
    assert spoken(story) == []
    story.lets_time_pass()
    story.hears(*CALM[2:])
    assert [template for template, _ in spoken(story)] == ["acknowledgement", "outcome"]


def test_what_must_be_signed_is_not_told_as_granted() -> None:
    """A sum would be promised before anybody signed for it."""
    story = Story()
    story.hears(registered(), triaged(), recovery(RecoveryProposed, approval="team_lead"))
    said = {notice.audience: notice for notice in story.requested()}
    assert {"complainant", "approver"} == set(said)
    assert "kollega" in said["complainant"].personal.body
    assert "betaler" not in said["complainant"].personal.body


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("nb", "Nå spør vi lead-furu."),
        ("nn", "No spør vi lead-furu."),
        ("en", "Now we ask lead-furu."),
    ],
)
def test_a_fallback_is_told_by_name_and_the_complainant_hears_nothing_of_it(
    form: str, words: str
) -> None:
    """Whoever was silent would be told again, and nobody else; or the complainant would wait."""
    staff = POLICY.rules.staff.model_copy(update={"written_form": form})
    rules = POLICY.rules.model_copy(update={"staff": staff})
    story = Story(POLICY.model_copy(update={"rules": rules}))
    waits: dict[str, object] = {"approval": "team_lead", "asked": ("lead-gran",)}
    story.hears(registered(), triaged(), recovery(RecoveryProposed, 1, **waits))
    told = len(story.requested())
    silent = {**waits, "asked": ("lead-furu",), "reasons": ("approval_silent",)}
    story.hears(recovery(RecoveryProposed, 2, **silent))
    (fallback,) = story.requested()[told:]
    assert (fallback.audience, fallback.template) == ("approver", "fallback")
    assert words in fallback.personal.body
    to = [str(effect.payload["to"]) for effect in story.effects("staff")]
    assert to == ["person:lead-gran", "person:lead-furu"]


def test_paid_is_said_after_the_money_has_moved_only() -> None:
    """The word "paid" would stand in a message while the money is with finance."""
    story = Story()
    story.hears(*CALM)
    assert "har betalt" not in story.requested()[0].personal.body
    story.hears(recovery(RecoverySettled, 3))
    assert [template for template, _ in spoken(story)] == ["together", "paid"]
    assert "Vi har betalt tilbake 219 kr" in story.requested()[1].personal.body


def test_the_same_is_never_said_twice() -> None:
    """A repeated event under another id would repeat the message."""
    story = Story()
    story.hears(*CALM, *CALM, recovery(RecoverySettled, 3), recovery(RecoverySettled, 3))
    story.lets_time_pass()
    assert [template for template, _ in spoken(story)] == ["together", "paid"]


def test_a_robot_is_not_answered() -> None:
    """A mail loop: the worst bug of complaint systems."""
    for order in permutations((registered(automatic=True), triaged(automatic=True), *CALM[2:])):
        story = Story()
        story.hears(*order)
        story.lets_time_pass()
        assert spoken(story) == []
        suppressed = [e for e in story.emits if isinstance(e, NotificationSuppressed)]
        assert [each.code for each in suppressed] == ["automatic"]


def test_a_threat_is_told_to_a_supervisor_and_limits_once() -> None:
    """Staff would stand alone with a threat, or limits would be repeated at every message."""
    story = Story()
    threat = triaged(abuse="threat", arousal="furious", needs_person=True)
    story.hears(registered(), threat, *CALM[2:], taken())
    story.lets_time_pass()
    mails = [n.personal.body for n in story.requested() if n.audience == "complainant"]
    assert ["trusler" in body for body in mails] == [True, False]
    assert [n.audience for n in story.requested() if n.kind == "staff"] == ["supervisor"]


def test_praise_is_thanked_and_passed_on() -> None:
    """Whoever praises would get a case number, or the one praised would not hear of it."""
    story = Story()
    story.hears(registered(), triaged(kind="praise", mood="pleased"))
    assert spoken(story) == [("praise", ("acknowledgement", "decision"))]
    assert [n.audience for n in story.requested()] == ["complainant", "supervisor"]
    assert "K-" not in story.requested()[0].personal.body


@pytest.mark.parametrize(
    ("segment", "audiences"), [("consumer", []), ("business", ["account_contact"])]
)
def test_an_account_contact_hears_of_a_business(segment: str, audiences: list[str]) -> None:
    """A firm's contact would learn of the complaint from the firm."""
    story = Story()
    story.hears(registered(), triaged(segment=segment))
    assert audiences == [n.audience for n in story.requested() if n.kind == "staff"]


def test_a_public_post_gets_no_fact_and_the_outcome_goes_a_private_way() -> None:
    """A passer-by would read what somebody bought."""
    story = Story()
    story.hears(registered(channel="social"), triaged(), *CALM[2:])
    public, private = story.requested()
    assert (public.template, public.channel) == ("public", "social")
    assert "219" not in public.personal.body
    assert (private.template, private.channel) == ("outcome", "email")


def test_a_public_post_without_a_private_way_is_handed_to_a_colleague() -> None:
    """The outcome would be posted for everyone to read, or silently dropped."""
    story = Story()
    story.hears(registered(channel="social", email=None), triaged(), *CALM[2:])
    assert [template for template, _ in spoken(story)] == ["public"]
    assert [n.template for n in story.requested() if n.kind == "staff"] == ["private_way"]


def test_no_address_is_told_to_a_colleague_once() -> None:
    """A complainant without an address would never hear from anybody."""
    story = Story()
    story.hears(registered(channel="email", email=None), triaged(), *CALM[2:])
    assert [n.template for n in story.requested()] == ["unreachable"]
    codes = [e.code for e in story.emits if isinstance(e, NotificationSuppressed)]
    assert codes == ["no_address"]


def test_what_went_wrong_is_told() -> None:
    """A promised refund that failed would be followed by silence."""
    story = Story()
    story.hears(*CALM, recovery(RecoveryFailed, 3))
    assert [template for template, _ in spoken(story)] == ["together", "failed"]


def test_two_complaints_of_one_person_are_kept_apart() -> None:
    """The second complaint would go unanswered because the first was."""
    story = Story()
    story.hears(*CALM)
    story.hears(registered(complaint_id="c2"), triaged(complaint_id="c2", severity="medium"))
    assert [notice.complaint_id for notice in story.requested()] == ["c1", "c2"]


def test_the_same_event_gives_the_same_bytes() -> None:
    """A replay would give other ids, and so other mails."""
    one, other = Story(), Story()
    one.hears(*CALM)
    other.hears(*CALM)
    assert one.emits == other.emits
    assert one.effects("mail") == other.effects("mail")


def test_insides_of_an_unknown_event_are_left_alone() -> None:
    """An event that notify has no use for would stop the stage."""
    story = Story()
    story.hears(outcome("nobody's", "posted"))
    assert story.emits == []
