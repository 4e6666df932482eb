"""A reply raised its matter: who is called, how often, and what the complainant hears."""

from datetime import timedelta

import pytest

from services.notify.policy import Form
from shared.contracts.inbox import TimerDue
from shared.contracts.triaged import ComplaintTriaged, TriagePersonal
from tests.notify_story import (
    AT,
    Heard,
    Story,
    answered,
    registered,
    replied,
    spoken,
    taken,
    triaged,
)

MINUTE = timedelta(minutes=1)
TOLD = AT + timedelta(hours=3)
MARK = int(TOLD.timestamp())
FIRE = ("reply_read", "person.safety", "person.critical", "safety.fire", "severity.safety")
THREAT = ("reply_read", "person.threat", "abuse.threat")


def raised(form: Form = "nb", *, threat: bool = False, **changes: object) -> ComplaintTriaged:
    """Triage's statement made anew: it holds no facts."""
    fire: dict[str, object] = {"safety": True, "severity": "critical", "reasons": FIRE}
    fields = {"abuse": "threat", "reasons": THREAT} if threat else fire
    told = {**fields, "needs_person": True, "written_form": form, "personal": TriagePersonal()}
    return triaged(**{**told, **changes})


def told(form: Form = "nb", *, threat: bool = False, handled: bool = False) -> Story:
    """A complaint that was acknowledged, perhaps taken and answered, and three hours later this."""
    story = Story()
    story.hears(registered(), triaged(severity="medium", written_form=form))
    if handled:
        story.hears(taken(), answered("Vi ser på det.", version=1), at=AT + MINUTE)
    story.hears(replied(), raised(form, threat=threat), at=TOLD)
    return story


def staff(story: Story) -> list[Heard]:
    """The notices to colleagues."""
    return [notice for notice in story.requested() if notice.audience != "complainant"]


def due(story: Story, name: str) -> None:
    """A timer comes."""
    timer = next(t for t in story.effects("timer") if t.payload["name"] == name)
    at = timer.due_at or TOLD
    story.hears(TimerDue(effect_key=timer.key, complaint_id="c1", name=name, at=at), at=at)


@pytest.mark.parametrize("threat", [False, True])
def test_the_right_colleague_hears_at_once(*, threat: bool) -> None:
    """A danger or a threat in the second mail would wait like any other reply."""
    (notice,) = staff(told(threat=threat))
    called = ("threat", "supervisor") if threat else ("safety", "safety")
    assert (notice.template, notice.audience, len(notice.people)) == (*called, 1)


@pytest.mark.parametrize("form", ["nb", "nn", "en"])
def test_the_complainant_hears_what_to_do_now_once(form: Form) -> None:
    """She would stand beside a fire with our thanks; or be told so after each further mail."""
    story = told(form)
    (danger,) = [
        notice
        for notice in story.requested()
        if (notice.template, notice.audience) == ("safety", "complainant")
    ]
    assert danger.written_form == form
    assert "110" in danger.personal.body
    # What it is about is still known from the complaint.
    assert any(word in danger.personal.body for word in ("paraply", "umbrella"))
    story.hears(replied(), raised(form), at=TOLD + timedelta(days=2))
    assert [template for template, _ in spoken(story)].count("safety") == 1


def test_nobody_is_called_twice_by_the_same_statement_and_again_by_another() -> None:
    """A thing said twice would wake her twice; a second fire would wake nobody."""
    story = told()
    story.hears(raised(), at=TOLD)
    assert [notice.template for notice in staff(story)] == ["safety"]
    story.hears(replied(), raised(), at=TOLD + timedelta(days=2))
    assert [notice.template for notice in staff(story)] == ["safety", "safety"]


def test_who_had_the_case_before_does_not_end_the_call() -> None:
    """She went home an hour ago: the deputy would never hear of the fire."""
    story = told(handled=True)
    due(story, f"escalate:deputy:{MARK}")
    assert [notice.template for notice in staff(story)] == ["safety", "escalated"]


def test_who_takes_it_afterwards_ends_the_call() -> None:
    """Everybody would be woken while she is on the telephone with them."""
    story = told()
    story.hears(taken(), at=TOLD + MINUTE)
    due(story, f"escalate:deputy:{MARK}")
    due(story, f"escalate:all:{MARK}")
    assert [notice.template for notice in staff(story)] == ["safety"]


def test_a_threat_in_a_reply_does_not_call_for_the_danger_again() -> None:
    """Two alarms for one thing: soon nobody would hear either."""
    story = told()
    after = raised(threat=True, safety=True, severity="critical")
    story.hears(replied(), after, at=TOLD + MINUTE)
    assert [notice.template for notice in staff(story)] == ["safety", "threat"]
