"""Promises: each step told once, stopped while we wait for them, and never lost."""

from datetime import datetime, timedelta
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.clocks import Clock
from shared.business_time import Within, between, deadline
from shared.contracts.inbox import TimerDue
from shared.contracts.promises import (
    Promise,
    PromiseAtRisk,
    PromiseBroken,
    PromiseKept,
    PromiseMade,
)
from shared.contracts.recoveries import RecoveryFailed
from tests.notify_story import (
    AT,
    CALM,
    POLICY,
    Story,
    answered,
    asked,
    outcome,
    recovery,
    registered,
    replied,
    spoken,
    taken,
    triaged,
    withdrawn,
)

CALENDAR = POLICY.deadlines.calendar
READ = (registered(), triaged(severity="medium", needs_person=True), taken())
STEPS = [("PromiseAtRisk", percent) for percent in (50, 75, 90)]
HOUR = timedelta(hours=1)


def promised(
    kind: Literal["first_touch", "final_answer", "payout"] = "final_answer", *, days: int = 10
) -> PromiseMade:
    """So many business days from a Monday morning."""
    due_at = deadline(AT, Within(business_days=days), calendar=CALENDAR)
    return PromiseMade(
        promise_id=f"p-{kind}", complaint_id="c1", case_id="case", kind=kind, due_at=due_at
    )


def clock(made: datetime, due: datetime) -> Clock:
    """A clock that never stood still."""
    below = timedelta(seconds=POLICY.rules.promises.wall_below_s)
    return Clock(made, due, (), CALENDAR, below)


def told(story: Story) -> list[tuple[str, int]]:
    """What was said of promises: the type, and the percentage."""
    found = [e for e in story.emits if isinstance(e, Promise)]
    return [(type(e).__name__, getattr(e, "percent", 100)) for e in found]


def test_each_step_is_told_once_and_the_end_to_the_complainant() -> None:
    """A deadline would pass in silence, or a leader get the same warning again and again."""
    story = Story()
    story.hears(*READ, promised())
    story.lets_time_pass()
    made = [("PromiseMade", 100)]  # the day that "we are late" names
    assert [*STEPS, ("PromiseBroken", 100), *made] == told(story)
    assert [template for template, _ in spoken(story)] == ["acknowledgement", "at_risk", "late"]
    staff = [n.personal.subject for n in story.requested() if n.template == "promise"]
    assert [subject.partition(": ")[2] for subject in staff] == [
        "Snart for sent med endelig svar",
        "For sent med endelig svar",
    ]
    shares = [(n.promise_id, n.percent) for n in story.requested() if n.template == "promise"]
    assert shares == [("p-final_answer", 90), ("p-final_answer", 100)]


def test_a_timer_that_comes_twice_says_nothing_new() -> None:
    """A restart in the wrong second would warn twice."""
    story = Story()
    story.hears(*READ, promised())
    first = next(t for t in story.effects("timer") if str(t.payload["name"]).startswith("promise"))
    due_at = first.due_at
    assert due_at is not None
    name = str(first.payload["name"])
    due = TimerDue(effect_key=first.key, complaint_id="c1", name=name, at=due_at)
    story.hears(due, due, at=due_at)
    assert told(story) == [("PromiseAtRisk", 50)]


def test_a_kept_promise_is_not_watched_any_more() -> None:
    """An answer in time would be followed by a warning, and an apology for being late."""
    story = Story()
    story.hears(*READ, promised("first_touch", days=1), answered("Vi ser på det.", version=1))
    story.hears(outcome(story.effects("mail")[-1].key, "posted"))
    assert [name for name in story.waits_for() if name.startswith("promise:")] == []
    story.lets_time_pass()
    assert told(story) == [("PromiseKept", 100)]
    assert [template for template, _ in spoken(story)] == ["acknowledgement", "person_answers"]


def test_one_kept_promise_leaves_the_clock_of_another() -> None:
    """The final answer would be watched by nobody, once a person has been in touch."""
    story = Story()
    story.hears(*READ, promised("first_touch", days=1), promised("final_answer"))
    story.hears(answered("Vi ser på det.", version=1))
    story.hears(outcome(story.effects("mail")[-1].key, "posted"))
    watched = [name for name in story.waits_for() if name.startswith("promise:")]
    assert [name.split(":")[1] for name in watched] == ["p-final_answer"]


def test_our_own_word_of_a_kept_promise_is_no_news() -> None:
    """Every kept promise would be remembered twice, and all that is owed looked at once more."""
    story = Story()
    story.hears(*READ, promised("first_touch", days=1), answered("Vi ser på det.", version=1))
    story.hears(outcome(story.effects("mail")[-1].key, "posted"))
    before = len(story.memories)
    story.hears(*(said for said in story.emits if isinstance(said, PromiseKept)))
    assert len(story.memories) == before


def test_money_is_watched_and_recovery_says_how_it_ended() -> None:
    """A payout would be reported as broken twice: by us, and by who pays."""
    story = Story()
    story.hears(*READ, promised("payout", days=5))
    story.lets_time_pass()
    assert [("PromiseAtRisk", percent) for percent in (50, 75, 90)] == told(story)
    over = Story()
    kept = PromiseKept.model_validate(promised("payout").model_dump())
    over.hears(*READ, promised("payout", days=5), kept)
    assert [name for name in over.waits_for() if name.startswith("promise:")] == []
    over.lets_time_pass()
    assert told(over) == []


def test_the_clock_stands_still_while_we_wait_for_them() -> None:
    """Our deadline would be broken by an answer that they have not given yet."""
    story = Story()
    story.hears(*READ, promised("first_touch", days=2))
    story.hears(asked("Hva er ordrenummeret?", version=1), at=AT + 2 * HOUR)
    story.hears(promised("final_answer", days=2), at=AT)
    story.hears(replied(), at=AT + 26 * HOUR)
    story.lets_time_pass()
    broken = [e for e in story.emits if isinstance(e, PromiseBroken)]
    due = {promise.kind: promise.due_at for promise in broken}
    later = deadline(AT, Within(business_days=3), calendar=CALENDAR)
    assert due["final_answer"] == later


def test_waiting_for_them_has_an_end() -> None:
    """A question that is never answered would stop every clock for ever."""
    story = Story()
    story.hears(*READ, promised(days=2))
    story.hears(asked("Hva er ordrenummeret?", version=1), at=AT)
    story.lets_time_pass()
    (broken,) = (e for e in story.emits if isinstance(e, PromiseBroken))
    days = 2 + POLICY.rules.promises.wait_days_max
    assert broken.due_at == deadline(AT, Within(business_days=days), calendar=CALENDAR)


def test_minutes_are_counted_on_the_wall() -> None:
    """Smoke on a Sunday would be looked at on Monday, with all the time in the world left."""
    sunday = datetime.fromisoformat("2026-11-22T03:00:00+01:00")
    wall = clock(sunday, sunday + timedelta(minutes=15))
    assert wall.at(50) == sunday + timedelta(minutes=7.5)
    assert [wall.has_run(50, sunday + timedelta(minutes=m)) for m in (7, 8)] == [False, True]


@given(
    start_min=st.integers(min_value=0, max_value=365 * 24 * 60),
    hours=st.floats(min_value=1, max_value=90),
)
def test_a_deadline_is_as_far_away_as_it_says(start_min: int, hours: float) -> None:
    """Half of the time would be told too early or too late, over holidays and summer time."""
    begin = AT + timedelta(minutes=start_min)
    end = deadline(begin, Within(business_hours=hours), calendar=CALENDAR)
    spent = between(begin, end, calendar=CALENDAR)
    assert abs(spent - timedelta(hours=hours)) < timedelta(seconds=1)
    running = clock(begin, end)
    steps = [running.at(percent) for percent in (50, 75, 90, 100)]
    assert steps == sorted(steps)
    passed = zip((50, 75, 90, 100), steps, strict=True)
    assert all(running.has_run(percent, step) for percent, step in passed)


def test_a_day_that_a_message_names_is_a_promise_too() -> None:
    """The day by which they will hear from us would be forgotten the day before."""
    story = Story()
    story.hears(*CALM)
    story.leaves()
    story.hears(recovery(RecoveryFailed, 3))
    (made,) = (e for e in story.emits if isinstance(e, PromiseMade))
    within = POLICY.rules.said.failed
    assert (made.kind, made.due_at) == ("follow_up", deadline(AT, within, calendar=CALENDAR))
    story.hears(made)
    story.lets_time_pass()
    assert told(story)[1:] == [*STEPS, ("PromiseBroken", 100)]
    assert [template for template, _ in spoken(story)] == ["together", "failed"]


def test_a_withdrawn_matter_promises_nothing() -> None:
    """Somebody who let it go would be told that we are late."""
    story = Story()
    at_risk = PromiseAtRisk.model_validate({**promised().model_dump(), "percent": 50})
    story.hears(*READ, promised(), at_risk, withdrawn(1))
    story.lets_time_pass()
    assert told(story) == []


@pytest.mark.parametrize(("kind", "said"), [("payout", "pengene"), ("task", "dette")])
def test_money_or_a_task_that_is_late_is_told_once(
    kind: Literal["payout", "task"], said: str
) -> None:
    """She would wait for money that nobody has sent, and hear nothing."""
    story, late = Story(), AT + 8 * 24 * HOUR
    broken = PromiseBroken(promise_id="p", complaint_id="c1", case_id="case", kind=kind, due_at=AT)
    story.hears(*CALM)
    story.hears(broken, broken, at=late)
    assert [template for template, _ in spoken(story)] == ["together", f"late_{kind}"]
    body = story.requested()[-1].personal.body
    assert f"Vi sa at {said} skulle være" in body
    assert [e.kind for e in story.emits if isinstance(e, PromiseMade)] == ["follow_up"]


def test_who_heard_that_it_failed_does_not_hear_that_it_is_late() -> None:
    """The same misfortune would be told twice."""
    story = Story()
    story.hears(*CALM, recovery(RecoveryFailed, 3))
    story.hears(
        PromiseBroken(promise_id="p", complaint_id="c1", case_id="c", kind="payout", due_at=AT)
    )
    assert [template for template, _ in spoken(story)] == ["together", "failed"]
