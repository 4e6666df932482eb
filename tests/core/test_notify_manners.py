"""Manners: no echo, one status mail a day, quiet nights."""

from datetime import datetime, timedelta

from shared.contracts.notifications import NotificationSuppressed
from shared.contracts.promises import PromiseMade
from shared.contracts.recoveries import RecoverySettled
from shared.stage.decision import Effect
from tests.notify_story import (
    AT,
    CALM,
    Story,
    recovery,
    registered,
    replied,
    spoken,
    taken,
    triaged,
)

HOUR = timedelta(hours=1)
HEARD = (registered(), triaged(severity="medium", needs_person=True), taken())


def templates(story: Story) -> list[str]:
    """What went to the complainant."""
    return [template for template, _ in spoken(story)]


def local(effect: Effect) -> str:
    """When a message may leave, as the wall says."""
    assert effect.due_at is not None
    return effect.due_at.strftime("%a %H:%M")


def test_the_same_acknowledgement_leaves_once_a_week() -> None:
    """A machine that echoes our mail under no flag would be answered, and answer, for ever."""
    story = Story()
    for number in range(4):
        mine = {"complaint_id": f"c{number}"}
        at = AT + number * 3 * 24 * HOUR
        story.hears(registered(complaint_id=f"c{number}"), at=at)
        story.hears(triaged(severity="medium", **mine), at=at)
    assert templates(story) == ["acknowledgement"] * 2
    suppressed = [e for e in story.emits if isinstance(e, NotificationSuppressed)]
    assert [each.code for each in suppressed] == ["said_lately"] * 2


def test_another_matter_is_acknowledged_at_once() -> None:
    """Somebody with two complaints would hear of one only."""
    story = Story()
    story.hears(*HEARD, registered(complaint_id="c2"))
    story.hears(triaged(complaint_id="c2", case_id="other", severity="medium"))
    assert templates(story) == ["acknowledgement"] * 2


def test_a_suppressed_acknowledgement_holds_no_answer_back() -> None:
    """The decision would wait for a message that never leaves."""
    story = Story()
    story.hears(registered(), triaged(severity="medium", arousal="upset"))
    again = {"complaint_id": "c2"}
    story.hears(registered(complaint_id="c2"), triaged(severity="medium", arousal="upset", **again))
    answer = [each.model_copy(update=again) for each in CALM[2:]]
    story.hears(*answer)
    assert templates(story) == ["acknowledgement", "outcome"]


def test_a_reply_is_thanked_for_once_a_day() -> None:
    """An answer would fall into silence, or every line of a chat be thanked for."""
    story = Story()
    story.hears(*HEARD)
    for hours in (1, 2, 26):
        story.hears(replied(), at=AT + hours * HOUR)
    assert templates(story) == ["acknowledgement", "reply", "reply"]


def test_a_reply_that_brings_the_answer_is_not_thanked_for() -> None:
    """Two mails would come in the same second, the first saying nothing."""
    story = Story()
    story.hears(registered(), triaged(severity="medium", arousal="furious"), *CALM[2:], replied())
    assert templates(story) == ["acknowledgement", "outcome"]


def test_a_public_reply_is_not_thanked_for() -> None:
    """Passers-by would read that we keep a case on them."""
    story = Story()
    story.hears(registered(channel="social"), triaged(), replied())
    assert templates(story) == ["public"]


def test_what_can_wait_waits_for_the_morning() -> None:
    """A telephone would light up at three at night with word of 219 kr."""
    story = Story()
    story.hears(*CALM)
    night = datetime.fromisoformat("2026-11-18T03:00:00+01:00")
    story.hears(recovery(RecoverySettled, 3), at=night)
    assert [local(each) for each in story.effects("mail") if each.due_at] == ["Wed 08:00"]


def test_danger_and_acknowledgements_never_wait_for_the_morning() -> None:
    """Smoke at three at night would be answered at eight."""
    story = Story()
    night = datetime.fromisoformat("2026-11-18T03:00:00+01:00")
    story.hears(registered(), triaged(safety=True, severity="critical"), at=night)
    assert [mail.due_at for mail in story.effects("mail")] == [None]


def test_a_second_status_mail_waits_a_day() -> None:
    """Thanks and "we are late" would come on the same day."""
    story = Story()
    due = AT + 5 * HOUR
    promise = PromiseMade(
        promise_id="p", complaint_id="c1", case_id="c", kind="first_touch", due_at=due
    )
    story.hears(*HEARD, promise)
    story.hears(replied(), at=AT + HOUR)
    story.lets_time_pass()
    assert templates(story) == ["acknowledgement", "reply", "late"]
    assert [local(each) for each in story.effects("mail") if each.due_at] == ["Tue 10:12"]
