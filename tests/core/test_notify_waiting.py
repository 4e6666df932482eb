"""A proposal waits for a signature, or an answer will be late: said truly, in time, and once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.notify.policy import FORMS, Form
from services.notify.wording import in_forms, said_to
from shared.business_time import deadline
from shared.contracts.contract import Contract
from shared.contracts.inbox import TimerDue
from shared.contracts.promises import PromiseMade
from shared.contracts.recoveries import RecoveryAdjusted, RecoveryApproved, RecoveryProposed
from shared.tone import lix, words
from tests.core.test_notify_every_text import draft_of, policy_in
from tests.core.test_notify_promises import promised
from tests.core.test_notify_texts import matter_of
from tests.notify_story import (
    AT,
    POLICY,
    Story,
    asked,
    decided,
    recovery,
    registered,
    replied,
    spoken,
    taken,
    triaged,
    withdrawn,
)

HOUR = timedelta(hours=1)
RULES = POLICY.rules
UNSIGNED = recovery(RecoveryProposed, approval="team_lead", asked=("lead-gran",))
HEARD = (registered(), triaged(severity="medium"))
WAITS = [
    deadline(AT, within, calendar=POLICY.deadlines.calendar) for within in RULES.waits.signature
]


def told(*contracts: Contract, then: dict[int, Contract] | None = None) -> list[str]:
    """What went to the complainant when all time has passed; `then`: what comes after hours."""
    story = Story()
    story.hears(*contracts)
    story.leaves()
    for hours, contract in sorted((then or {}).items()):
        story.lets_time_pass(until=AT + hours * HOUR)
        story.hears(contract, at=AT + hours * HOUR)
        story.leaves(at=AT + hours * HOUR)
    story.lets_time_pass()
    return [template for template, _ in spoken(story)]


def test_who_waits_for_a_signature_is_told_so() -> None:
    """She would hear nothing for ten days, while a colleague has her money on a desk."""
    story = Story()
    story.hears(*HEARD, UNSIGNED, promised())
    story.lets_time_pass()
    said = [(n.template, n.personal.body) for n in story.requested() if n.audience == "complainant"]
    names = ["acknowledgement", *["waiting"] * len(WAITS), "at_risk", "late"]
    assert [name for name, _ in said] == names
    bodies = [body for _, body in said]
    assert len(set(bodies)) == len(bodies)
    for body in bodies[1 : 1 + len(WAITS)]:
        assert "senest mandag 30. november" in body
        assert "kollega" in body


def test_no_sum_is_named_before_it_is_signed() -> None:
    """What a colleague may yet change would be read as promised."""
    story = Story()
    given = UNSIGNED.gestures[0].model_copy(update={"amount_minor": 4567800})
    story.hears(*HEARD, UNSIGNED.model_copy(update={"gestures": (given,)}), promised())
    story.lets_time_pass()
    waiting = [n for n in story.requested() if n.template in ("waiting", "at_risk")]
    assert waiting
    for notice in waiting:
        assert "45" not in notice.personal.body
        assert "betal" not in notice.personal.body


def test_who_is_answered_in_time_hears_only_the_answer() -> None:
    """A mail that it waits would come beside the answer, or after it."""
    signed = recovery(RecoveryApproved, 2, approval="team_lead", approved_by="person:p1")
    assert told(*HEARD, UNSIGNED, promised(), signed) == ["acknowledgement", "outcome"]
    later = told(*HEARD, UNSIGNED, promised(), then={4: signed})
    assert later == ["acknowledgement", "waiting", "outcome"]


def test_who_heard_of_the_colleague_at_once_does_not_hear_it_again_at_once() -> None:
    """The acknowledgement would say it, and a mail two hours later say it again."""
    signed = recovery(RecoveryApproved, 2, approval="team_lead", approved_by="person:p1")
    calm = (registered(), triaged(), UNSIGNED, promised())
    assert told(*calm, then={20: signed}) == ["acknowledgement", "outcome"]
    assert told(*calm)[:2] == ["acknowledgement", "waiting"]


def test_asking_somebody_else_does_not_begin_the_wait_anew() -> None:
    """As long as no approver answers, she would never hear that she waits."""
    again = UNSIGNED.model_copy(update={"version": 2, "reasons": ("approval_silent",)})
    assert told(*HEARD, UNSIGNED, promised(), then={2: again})[1] == "waiting"


def test_a_decision_above_her_own_limit_is_told_of_too() -> None:
    """Somebody whose case a person decided would wait in silence for the second signature."""
    words_ = decided("Vi betaler tilbake.", version=1, refund=True)
    above = recovery(
        RecoveryAdjusted, 2, approval="manager", decided_by="person:agent-bjork", asked=("m",)
    )
    heard = (*HEARD, promised(), taken(), words_, above)
    assert told(*heard)[:2] == ["acknowledgement", "waiting"]


@pytest.mark.parametrize(
    "then",
    [withdrawn(1), asked("Hva er ordrenummeret?", version=1)],
    ids=["withdrawn", "we ask"],
)
def test_who_does_not_wait_for_us_is_not_told_so(then: Contract) -> None:
    """Somebody who let it go, or whose answer we wait for, would hear that a colleague has it."""
    assert "waiting" not in told(*HEARD, UNSIGNED, promised(), taken(), then={1: then})[:3]


def test_nothing_is_said_where_only_a_person_has_it() -> None:
    """A case that lies with a person has nothing to sign, and another promise of its own."""
    lies = recovery(RecoveryProposed, approval="person", outcome="with_person", gestures=())
    assert "waiting" not in told(*HEARD, lies, promised())


def test_one_status_mail_a_day() -> None:
    """A reply that was thanked for would be followed by a second status mail in two hours."""
    story = Story()
    story.hears(*HEARD, UNSIGNED, promised())
    story.lets_time_pass(until=AT + HOUR)
    story.hears(replied(), at=AT + HOUR)
    story.lets_time_pass(until=AT + 24 * HOUR)
    assert [template for template, _ in spoken(story)] == ["acknowledgement", "reply"]
    story.lets_time_pass(until=AT + 26 * HOUR)
    assert spoken(story)[-1][0] == "waiting"


def test_nothing_of_it_in_public() -> None:
    """Everybody would read that somebody's case waits for a signature."""
    public = (registered(channel="social", email=None), triaged(channel="social"))
    assert told(*public, UNSIGNED, promised()).count("waiting") == 0


def test_an_answer_that_may_be_late_is_told_of_a_day_before() -> None:
    """He would sit and wait on the last day, and hear only then that nobody answers today."""
    story = Story()
    story.hears(*HEARD, promised())
    story.lets_time_pass()
    templates = [template for template, _ in spoken(story)]
    assert templates == ["acknowledgement", "at_risk", "late"]
    risk = next(n for n in story.requested() if n.template == "at_risk")
    assert "senest mandag 30. november" in risk.personal.body
    assert RULES.promises.risk_percent in RULES.promises.staff_percent  # "a leader knows"


@pytest.mark.parametrize("kind", ["first_touch", "payout"])
def test_a_short_promise_is_told_of_once(kind: str) -> None:
    """A warning a quarter of an hour before would hold back the word that it is over."""
    made = PromiseMade.model_validate({**promised(days=1).model_dump(), "kind": kind})
    assert "at_risk" not in told(*HEARD, made)


def test_after_a_day_of_no_power_only_the_end_is_told() -> None:
    """A warning and what it warns of would come in the same second."""
    story = Story()
    story.hears(*HEARD, promised())
    story.leaves()
    first = next(t for t in story.effects("timer") if str(t.payload["name"]).startswith("promise"))
    name, late = str(first.payload["name"]), AT + timedelta(days=15)
    story.hears(TimerDue(effect_key=first.key, complaint_id="c1", name=name, at=late), at=late)
    assert [template for template, _ in spoken(story)] == ["acknowledgement", "late"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("step", range(len(RULES.waits.signature)))
def test_each_word_of_waiting_sounds_as_it_should(form: Form, step: int) -> None:
    """The second time it would be said in an office's words, or not at all."""
    draft = replace(draft_of("waiting"), code=str(step))
    forms = in_forms(matter_of(form=form), draft, now=AT, policy=policy_in(form))
    said = said_to(forms, script=None)
    text = POLICY.texts(form).words["waiting"][str(step)]
    assert text in said.body
    assert lix(said.body) <= RULES.limits["lix"]
    foreign = {word.casefold() for word in RULES.tone["foreign"][form]}
    assert {word.casefold() for word in words(said.body)} & foreign == set()
