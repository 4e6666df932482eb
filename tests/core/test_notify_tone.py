"""How every message sounds: short, plain, in one form, no blame; the word lists are policy."""

from collections.abc import Iterator

import pytest

from shared.contracts.contract import Contract
from shared.contracts.recoveries import (
    Gesture,
    RecoveryApproved,
    RecoveryFailed,
    RecoveryProposed,
    RecoverySettled,
)
from shared.tone import lix, sentences, words
from tests.notify_story import POLICY, Heard, Story, decided, recovery, registered, taken, triaged

FORMS = ("nb", "nn", "en")
RULES = POLICY.rules


def refund_and(*kinds: str) -> tuple[Gesture, ...]:
    """A refund, and further gestures."""
    refund = Gesture(
        gesture_id="g", kind="refund", amount_minor=21900, currency="NOK", state="pending"
    )
    more = ({"gesture_id": kind, "kind": kind, "state": "pending"} for kind in kinds)
    return (refund, *(Gesture.model_validate(each) for each in more))


STORIES: dict[str, tuple[dict[str, object], tuple[Contract, ...]]] = {
    "calm": ({}, (recovery(RecoveryProposed), recovery(RecoveryApproved, 2))),
    "regretted": (
        {"regretted": True},
        (recovery(RecoveryApproved, 2), recovery(RecoverySettled, 3)),
    ),
    "signed": (
        {"severity": "medium"},
        (
            recovery(RecoveryProposed, approval="team_lead"),
            recovery(RecoveryApproved, 2, approval="team_lead", approved_by="person:p1"),
        ),
    ),
    "two gestures": (
        {"severity": "medium"},
        (recovery(RecoveryApproved, 2, gestures=refund_and("replacement", "apology")),),
    ),
    "furious threat": (
        {"arousal": "furious", "abuse": "threat", "needs_person": True},
        (recovery(RecoveryApproved, 2),),
    ),
    "third contact": ({"contact": 3, "severity": "high", "arousal": "upset"}, ()),
    "passed around": ({"passed_around": True, "severity": "high", "arousal": "upset"}, ()),
    "danger": ({"safety": True, "severity": "critical", "arousal": "upset"}, ()),
    "likely danger": (
        {
            "severity": "critical",
            "arousal": "upset",
            "contact": 3,
            "reasons": ("severity.danger_likely",),
        },
        (),
    ),
    "self-harm": (
        {
            "safety": True,
            "severity": "critical",
            "vulnerable": True,
            "reasons": ("safety.self_harm",),
        },
        (),
    ),
    "bereaved": (
        {"vulnerable": True, "needs_person": True, "reasons": ("vulnerable.bereavement",)},
        (),
    ),
    "money trouble": (
        {"vulnerable": True, "needs_person": True, "reasons": ("vulnerable.money",)},
        (),
    ),
    "privacy": ({"privacy": True, "severity": "high", "needs_person": True}, ()),
    "praise": ({"kind": "praise", "mood": "pleased"}, ()),
    "question": ({"kind": "question"}, ()),
    "request": ({"kind": "request"}, ()),
    "asked": ({"severity": "medium"}, (recovery(RecoveryProposed, outcome="asked"),)),
    "offered": (
        {"severity": "medium"},
        (recovery(RecoveryProposed, outcome="offered", gestures=refund_and("voucher")),),
    ),
    "failed": ({}, (recovery(RecoveryApproved, 2), recovery(RecoveryFailed, 3))),
    "not upheld": ({"severity": "medium"}, (taken(), decided("Text.", version=1))),
}


def heard(name: str, form: str) -> list[Heard]:
    """The messages to the complainant of one story, in one form."""
    changes, rest = STORIES[name]
    story = Story()
    story.hears(registered(), triaged(**{"written_form": form, **changes}), *rest)
    story.lets_time_pass()
    return [notice for notice in story.requested() if notice.audience == "complainant"]


def every_message() -> Iterator[tuple[str, Heard]]:
    """All of them, with a name to find them by."""
    for form in FORMS:
        for name in STORIES:
            for notice in heard(name, form):
                yield f"{form} {name}: {notice.template}", notice


MESSAGES = [pytest.param(notice, id=name) for name, notice in every_message()]


@pytest.mark.parametrize("notice", MESSAGES)
def test_it_is_short_and_plain(notice: Heard) -> None:
    """People in trouble would have to read a letter from an office."""
    limits, personal = RULES.limits, notice.personal
    assert len(personal.subject) <= limits["subject_chars"]
    assert len(words(personal.body)) <= limits["body_words"]
    assert lix(personal.body) <= limits["lix"]


@pytest.mark.parametrize("notice", MESSAGES)
def test_it_apologises_little_and_blames_nobody(notice: Heard) -> None:
    """A message would grovel, hide behind rules, or tell people how to feel."""
    form, body = notice.written_form, notice.personal.body.casefold()
    sorry = [s for s in sentences(body) if any(w in s for w in RULES.tone["apology"][form])]
    assert len(sorry) <= RULES.limits["apology_sentences"]
    assert [phrase for phrase in RULES.tone["never"][form] if phrase in body] == []
    assert "!" not in body


@pytest.mark.parametrize("notice", MESSAGES)
def test_it_is_in_one_form_only(notice: Heard) -> None:
    """A nynorsk reader would get bokmål with words swapped."""
    said = notice.personal.subject + "\n" + notice.personal.body
    found = {word.casefold() for word in words(said)}
    assert set() == found & set(RULES.tone["foreign"][notice.written_form])


@pytest.mark.parametrize("notice", MESSAGES)
def test_money_is_not_called_paid_before_it_is(notice: Heard) -> None:
    """The word "refunded" would stand in a text that does not follow the money's success."""
    done = [p for p in RULES.tone["money_done"][notice.written_form] if p in notice.personal.body]
    assert notice.template == "paid" or done == []


@pytest.mark.parametrize("notice", MESSAGES)
def test_a_reply_reaches_a_person(notice: Heard) -> None:
    """Somebody would be left with a machine."""
    said = {"nb": "menneske", "nn": "menneske", "en": "a person"}[notice.written_form]
    assert said in notice.personal.body


FACTS = {"nb": ("paraplyen", "219"), "nn": ("paraplyen", "219"), "en": ("umbrella", "219")}
HEARD = [
    message
    for message in MESSAGES
    if any(
        str(message.id).endswith(t)
        for t in ("acknowledgement", "together", "safety", "danger_likely")
    )
    # Another person's papers are not repeated; test_notify_texts holds that.
    and "privacy" not in str(message.id)
]


@pytest.mark.parametrize("notice", HEARD)
def test_an_acknowledgement_would_fit_no_other_complaint(notice: Heard) -> None:
    """It would read as if nobody had read."""
    facts = FACTS[notice.written_form]
    assert list(facts) == [fact for fact in facts if fact in notice.personal.body]
