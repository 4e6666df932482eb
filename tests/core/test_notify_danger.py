"""Danger that only the words of a complaint tell: what to do now is said at once, with an "if"."""

from datetime import timedelta

import pytest

from services.notify.policy import Form
from shared.contracts.registered import ComplaintRegistered
from shared.contracts.triaged import ComplaintTriaged, TriagePersonal
from tests.notify_story import AT, Heard, Story, registered, replied, spoken, triaged

CODES = ("kind.complaint", "severity.danger_likely", "person.critical")
ADVICE = {
    "nb": "Kan det du skriver om, skade noen, så ikke bruk det mer, og hold barn unna.",
    "nn": "Kan det du skriv om, skade nokon, så ikkje bruk det meir, og hald born unna.",
    "en": "If what you describe could hurt anyone, stop using it, and keep children away.",
}
IN_PUBLIC = {"nb": "Kan det skade noen", "nn": "Kan det skade nokon", "en": "If it could hurt"}
FORMS = ("nb", "nn", "en")


def likely(form: Form = "nb", **changes: object) -> ComplaintTriaged:
    """A complaint whose words alone tell of danger."""
    told: dict[str, object] = {"severity": "critical", "needs_person": True, "reasons": CODES}
    return triaged(**{**told, "written_form": form, **changes})


def heard(*contracts: ComplaintRegistered | ComplaintTriaged) -> list[Heard]:
    """What the complainant hears of it."""
    story = Story()
    story.hears(*contracts)
    return [notice for notice in story.requested() if notice.audience == "complainant"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["complaint", "question", "request"])
def test_what_to_do_now_comes_first_with_an_if(form: Form, kind: str) -> None:
    """She would stand with a bare copper wire and our thanks, or be scared by a squeaky wheel."""
    (notice,) = heard(registered(), likely(form, kind=kind))
    assert notice.template == "danger_likely"
    opening = notice.personal.body.split("\n\n")[1]
    assert opening.startswith(ADVICE[form])
    assert [n for n in ("110", "116 117", "113") if n not in notice.personal.body] == []


def test_a_form_that_is_none_of_ours_hears_it_in_two() -> None:
    """Who writes in Polish would be thanked briefly, and not be told to leave it alone."""
    (notice,) = heard(registered(), likely(written_form="other"))
    assert [form for form in FORMS if ADVICE[form] in notice.personal.body] == ["nb", "en"]


@pytest.mark.parametrize("form", FORMS)
def test_in_public_it_is_one_sentence(form: Form) -> None:
    """A post about a danger would get a reply that does not mention it, or facts of the case."""
    (notice, *_) = heard(registered(channel="social"), likely(form, channel="social"))
    assert notice.template == "public"
    assert IN_PUBLIC[form] in notice.personal.body


def test_read_late_it_is_still_told_once() -> None:
    """A plain acknowledgement would be the last word; or the same advice would come twice."""
    story = Story()
    story.hears(registered())
    story.lets_time_pass()
    story.hears(likely(), likely())
    assert [template for template, _ in spoken(story)] == ["plain", "danger_likely"]


def test_a_reply_that_tells_it_is_answered_and_a_rule_later_says_it_plainly() -> None:
    """Danger that is first told in a reply would be thanked for; a fire after it, unanswered."""
    story = Story()
    story.hears(registered(), triaged(severity="medium"))
    nothing = TriagePersonal()
    told = likely(reasons=("reply_read", "person.critical", CODES[1]), personal=nothing)
    story.hears(replied(), told, at=AT + timedelta(hours=1))
    fire = ("reply_read", "person.safety", "safety.fire")
    burns = likely(safety=True, reasons=fire, personal=nothing)
    story.hears(replied(), burns, at=AT + timedelta(hours=2))
    said = [template for template, _ in spoken(story) if template != "reply"]
    assert said == ["acknowledgement", "danger_likely", "safety"]


@pytest.mark.parametrize("more", [(), CODES[1:2]])
def test_critical_by_another_rule_is_told_nothing_of_danger(more: tuple[str, ...]) -> None:
    """A shop whose till is down would be told to keep children away."""
    stop = (*more, "severity.stop_hits_many", "person.critical")
    (notice,) = heard(registered(), likely(reasons=stop))
    assert notice.template == "acknowledgement"
