"""Links in mails: offered where they may be, signed as they leave, and never in what is owed."""

import re
from datetime import timedelta
from email.message import EmailMessage

import pytest

from shared.contracts.feedback import SurveysDeclined
from shared.contracts.recoveries import RecoveryProposed
from shared.contracts.registered import ChoiceMade
from shared.links import link_of
from tests.notify_story import AT, CASE, Story, recovery, registered, replied, spoken, triaged
from tests.policy.link_mails import (
    COMPLAINT,
    DOOR,
    KEY,
    LINKED,
    RECOVERY,
    SECRET,
    mail_of_story,
    story_of,
)

SURVEY = ("survey", ("status",))


def body_of(mail: EmailMessage, kind: str = "plain") -> str:
    """The words of a mail, as plain text or HTML."""
    part = mail.get_body((kind,))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


def test_an_offer_can_be_chosen_by_link() -> None:
    """The link would answer another offer, or nothing; or live for ever."""
    mail = mail_of_story(story_of("offered"), "offered")
    address = re.findall(rf"{DOOR}/l/(\S+)", body_of(mail))
    link = link_of(address[0], secret=SECRET)
    assert link is not None
    assert (link.purpose, link.form, link.key) == ("choose", "nb", KEY)
    assert (link.complaint_id, link.case_id) == (COMPLAINT, CASE)
    assert (link.about, link.version) == (RECOVERY, 2)
    assert link.until == AT + timedelta(days=2 + 30)
    assert f'href="{DOOR}/l/{address[0]}"' in body_of(mail, "html")


def test_no_event_holds_what_one_could_answer_with() -> None:
    """Whoever reads the topic could answer in the complainant's name."""
    told = [notice.personal.body for notice in story_of("offered").requested()]
    assert not any("/l/" in body for body in told)
    assert any("[lenke]" in body for body in told)


@pytest.mark.parametrize("template", ["acknowledgement", "offered"])
def test_without_an_address_the_sentence_is_left_out(template: str) -> None:
    """A mail would say "choose here" and lead nowhere."""
    mail = mail_of_story(story_of("offered"), template, base="")
    assert "lenke" not in body_of(mail)
    assert "\n\n\n" not in body_of(mail)


@pytest.mark.parametrize(
    "changes",
    [
        {"abuse": "hostile"},
        {"legal": True},
        {"vulnerable": True},
        {"safety": True, "severity": "critical"},
        {"severity": "critical", "reasons": ("severity.danger_likely",)},
        {"kind": "praise"},
    ],
)
def test_who_should_not_be_asked_is_not(changes: dict[str, object]) -> None:
    """Somebody whose child was hurt would be asked how satisfied she is."""
    story = story_of("settled", changes=changes)
    assert SURVEY not in spoken(story)
    assert not any("[lenke]" in notice.personal.body for notice in story.requested())


def test_how_it_went_is_asked_once_and_at_the_end() -> None:
    """People would be asked while they wait for their money, or again and again."""
    story = story_of("settled")
    assert spoken(story)[-1] == SURVEY
    story.lets_time_pass()
    assert spoken(story).count(SURVEY) == 1
    assert SURVEY not in spoken(story_of("offered"))


def test_a_survey_can_be_ended_in_one_click_and_nothing_else_can() -> None:
    """Mail programs would find no button; or one that ends what we owe."""
    story = story_of("settled")
    survey = mail_of_story(story, "survey")
    address = str(survey["List-Unsubscribe"]).strip("<>")
    link = link_of(address.removeprefix(f"{DOOR}/l/"), secret=SECRET)
    assert link is not None
    assert link.purpose == "no_surveys"
    assert survey["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    raw = survey.as_bytes().replace(b"\r\n ", b" ")
    assert f"List-Unsubscribe: <{address}>".encode() in raw
    for template in {template for template, _ in spoken(story)} - {"survey"}:
        assert mail_of_story(story, template)["List-Unsubscribe"] is None


def test_who_declined_is_not_asked_but_still_answered() -> None:
    """One click would be ignored, or end the answers too."""
    story = Story(LINKED)
    declined = SurveysDeclined(complaint_id="c0", case_id=CASE, at=AT)
    story.hears(registered(), triaged(severity="medium"), declined)
    story.hears(recovery(RecoveryProposed, outcome="offered"))
    story.lets_time_pass()
    said = [template for template, _ in spoken(story)]
    assert said == ["acknowledgement", "offered"]
    later = Story(LINKED)
    later.hears(declined, registered(), triaged(severity="medium"))
    assert "[lenke]" not in later.requested()[0].personal.body


def test_who_writes_again_is_not_asked_how_it_went() -> None:
    """Somebody who is still unhappy would get a survey for an answer."""
    story = story_of("settled")
    again = Story(LINKED)
    again.memories = [m for m in story.memories if "survey" not in str(m.data)]
    again.hears(
        replied().model_copy(update={"complaint_id": COMPLAINT}), at=AT + timedelta(hours=9)
    )
    again.lets_time_pass()
    assert SURVEY not in spoken(again)


def test_a_choice_ends_the_pause() -> None:
    """Somebody who has answered would wait on."""
    story = Story(LINKED)
    offered = recovery(RecoveryProposed, outcome="offered")
    story.hears(registered(), triaged(arousal="furious", severity="medium"), offered)
    before = spoken(story)
    chosen = ChoiceMade(complaint_id="c1", case_id=CASE, recovery_id="r1", choice="another")
    story.hears(chosen)
    assert [template for template, _ in before] == ["acknowledgement"]
    assert [template for template, _ in spoken(story)] == ["acknowledgement", "offered"]


def test_a_call_script_reads_no_address_aloud() -> None:
    """A colleague would spell a link on the telephone."""
    story = Story(LINKED)
    story.hears(
        registered(email=None, phone="+4790000000", channel="phone"), triaged(channel="phone")
    )
    story.lets_time_pass()
    assert story.effects("call")
    assert not any("lenke" in str(effect.payload["body"]) for effect in story.effects("call"))
