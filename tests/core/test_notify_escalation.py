"""What is urgent reaches a person, then her deputy, then all; a second threat ends the exchange."""

from datetime import timedelta

import pytest

from services.notify.policy import Form
from shared.contracts.inbox import TimerDue
from shared.contracts.registered import Personal
from tests.notify_story import (
    AT,
    CASE,
    OWNER,
    Heard,
    Story,
    answered,
    decided,
    registered,
    replied,
    spoken,
    taken,
    triaged,
)

MINUTE = timedelta(minutes=1)
SECOND = {"complaint_id": "c2"}
SECOND_CASE = "ca5e0002-0000-5000-8000-000000000000"


def staff(story: Story) -> list[Heard]:
    """What colleagues were told."""
    return [notice for notice in story.requested() if notice.audience != "complainant"]


def comes_due(story: Story, name: str, *, after: timedelta) -> None:
    """A timer that was set comes due."""
    timer = next(t for t in story.effects("timer") if t.payload["name"] == name)
    assert timer.due_at == AT + after
    due = TimerDue(effect_key=timer.key, complaint_id="c1", name=name, at=AT + after)
    story.hears(due, at=AT + after)


@pytest.mark.parametrize(
    ("read", "first", "deputy"),
    [
        ({"abuse": "threat", "needs_person": True}, "watch-selje", "watch-older"),
        ({"safety": True, "severity": "critical"}, "safety-rogn", "safety-hegg"),
        ({"severity": "critical", "needs_person": True}, "watch-selje", "watch-older"),
    ],
)
def test_what_is_urgent_is_told_on_until_somebody_has_it(
    read: dict[str, object], first: str, deputy: str
) -> None:
    """The one on call sleeps, and nobody else would ever hear of it."""
    story = Story()
    story.hears(registered(), triaged(**read))
    assert [notice.people for notice in staff(story)] == [(first,)]
    comes_due(story, "escalate:deputy", after=5 * MINUTE)
    assert staff(story)[-1].people == (deputy,)
    comes_due(story, "escalate:all", after=10 * MINUTE)
    everybody = staff(story)[-1].people
    assert {"watch-selje", "watch-older", "safety-rogn", "lead-gran", OWNER} <= set(everybody)
    assert "finance-lind" not in everybody
    assert len(staff(story)) == len(("first", "deputy", "all"))
    assert "Ingen har tatt sak" in staff(story)[-1].personal.subject


def test_nobody_is_woken_for_what_a_person_has() -> None:
    """Everybody on call would be called out for a case in good hands."""
    story = Story()
    story.hears(registered(), triaged(abuse="threat", needs_person=True), taken())
    comes_due(story, "escalate:deputy", after=5 * MINUTE)
    comes_due(story, "escalate:all", after=10 * MINUTE)
    assert [notice.template for notice in staff(story)] == ["threat"]


def test_a_timer_that_came_before_it_was_taken_says_it_once() -> None:
    """Every later event would wake the deputy again."""
    story = Story()
    story.hears(registered(), triaged(abuse="threat", needs_person=True))
    comes_due(story, "escalate:deputy", after=5 * MINUTE)
    story.hears(replied(), at=AT + 6 * MINUTE)
    assert [n.template for n in staff(story)] == ["threat", "escalated"]


def test_at_night_those_who_are_there_hear() -> None:
    """An alert would go to an office that is dark."""
    story, night = Story(), AT + timedelta(hours=14)
    story.hears(registered(), triaged(abuse="threat", needs_person=True), at=night)
    name = "escalate:all"
    timer = next(t for t in story.effects("timer") if t.payload["name"] == name)
    at = timer.due_at or night
    story.hears(TimerDue(effect_key=timer.key, complaint_id="c1", name=name, at=at), at=at)
    assert {"watch-selje", "watch-older", "safety-rogn", "safety-hegg"} == set(
        staff(story)[-1].people
    )


def test_a_supervisor_hears_of_harsh_words_and_nobody_is_woken() -> None:
    """Whoever is insulted day after day would stand alone with it."""
    story = Story()
    story.hears(registered(), triaged(abuse="hostile", arousal="furious"))
    assert [(n.template, n.audience) for n in staff(story)] == [("hostile", "supervisor")]
    names = {str(timer.payload["name"]) for timer in story.effects("timer")}
    assert not any(name.startswith("escalate:") for name in names)


def threatens_twice(form: Form = "nb", *, first: str = "threat") -> Story:
    """Two complaints by one person, each with a threat."""
    story = Story()
    read = {"abuse": "threat", "arousal": "furious", "needs_person": True, "written_form": form}
    story.hears(registered(), triaged(**{**read, "abuse": first}))
    story.hears(
        registered(**SECOND), triaged(**read, **SECOND, case_id=SECOND_CASE), at=AT + MINUTE
    )
    return story


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("nb", ("har det skjedd igjen", "Det er én leder som leser det", "skriftlig senest")),
        ("nn", ("har det hendt att", "Det er éin leiar som les det", "skriftleg seinast")),
        ("en", ("happened again", "One manager will read it", "in writing by")),
    ],
)
def test_a_second_threat_ends_the_exchange(form: Form, said: tuple[str, ...]) -> None:
    """Staff would be threatened again and again, or the case would lie unfinished."""
    story = threatens_twice(form)
    last = [notice for notice in story.requested() if notice.audience == "complainant"][-1]
    assert [template for template, _ in spoken(story)] == ["acknowledgement", "ended"]
    assert [words for words in said if words not in last.personal.body] == []
    leader = [notice for notice in staff(story) if notice.template == "ended"]
    assert [notice.people for notice in leader] == [(story.policy.rules.staff.leader,)]
    assert "watch-selje" not in last.personal.body


def test_one_threat_ends_nothing() -> None:
    """Somebody who was angry once would be shut out."""
    story = threatens_twice(first="hostile")
    assert [template for template, _ in spoken(story)] == ["acknowledgement", "acknowledgement"]


def test_after_the_end_the_case_is_finished_and_nothing_else_is_said() -> None:
    """Each reply would be thanked for, or the answer would never come."""
    story = threatens_twice()
    story.hears(replied(), at=AT + 2 * MINUTE)
    assert [template for template, _ in spoken(story)] == ["acknowledgement", "ended"]
    story.hears(taken(), decided("Vi betaler tilbake.", version=1), at=AT + 3 * MINUTE)
    assert spoken(story)[-1][0] == "person_decides"


@pytest.mark.parametrize("abuse", ["threat", "none"])
def test_no_colleagues_name_goes_to_who_threatens(abuse: str) -> None:
    """A name would let somebody find her."""
    story = Story()
    read = triaged(severity="medium", abuse=abuse, needs_person=True)
    text = f"Den er på vei, sier {OWNER}.\n\nVennlig hilsen\nBjørk Lund, kundeservice"
    story.hears(registered(personal=_siv()), read, taken(), answered(text, version=1))
    body = story.requested()[-1].personal.body
    named = "Bjørk Lund" in body or OWNER in body
    assert named == (abuse == "none")
    assert "Hilsen kundeservice" in body or abuse == "none"
    assert CASE not in body


def _siv() -> Personal:
    return Personal(name="Siv Tangerud", email="siv@example.com", text="Hvor er den?")
