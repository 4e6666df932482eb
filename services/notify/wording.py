"""A draft in words: greeting, body and closing, as a letter or as a script for a call. Pure."""

from collections.abc import Sequence
from datetime import datetime

from services.notify.colleagues import values_for
from services.notify.model import Draft, Matter
from services.notify.phrases import Phrases
from services.notify.policy import LINKS, Form, NotifyPolicy
from services.notify.render import Spoken, fill, render, tidy
from shared.contracts.contract import WrittenForm
from shared.letters import Ends

COUNTER = "counter"
# Templates that stand without a greeting; and those that never name the case in their last line.
BARE = frozenset({"public", "praise_public", "question_public"})
_NO_REFERENCE = frozenset({"praise", "self_harm"})
# Templates that already say where a reply goes; so do limits, where a danger leaves few words.
_INVITING = frozenset({"acknowledgement", "plain", "ended"})
_DANGER = frozenset({"safety", "danger_likely"})


def form_of(matter: Matter, draft: Draft, *, policy: NotifyPolicy) -> WrittenForm:
    """The writer's written form; the policy's until it is known; staff read the policy's."""
    if draft.audience != "complainant":
        return policy.rules.staff.written_form
    declared = (matter.registered or {}).get("declared_form")
    form = matter.triage("written_form") or declared or policy.rules.default_form
    return str(form)  # type: ignore[return-value]  # triage's own, checked when it was read


def forms_of(matter: Matter, draft: Draft, *, policy: NotifyPolicy) -> tuple[Form, ...]:
    """The forms it is told in, one after the other."""
    form = form_of(matter, draft, policy=policy)
    return policy.rules.other_forms if form == "other" else (form,)


def in_forms(
    matter: Matter, draft: Draft, *, now: datetime, policy: NotifyPolicy
) -> tuple[Phrases, ...]:
    """What a message may say in each of its forms: worked out once, for all its ways."""
    forms = forms_of(matter, draft, policy=policy)
    return tuple(Phrases(matter, draft, form=each, now=now, policy=policy) for each in forms)


def said_to(phrases: Sequence[Phrases], *, script: str | None) -> Spoken:
    """In the writer's form; a form that is none of ours is answered in several of ours.

    `script` names the frame ("call", "tell") around what a colleague says aloud.
    """
    first, policy = phrases[0], phrases[0].policy
    spoken = [_in_form(each, aloud=script is not None) for each in phrases]
    body = "\n\n".join(each.body for each in spoken)
    if script is not None:
        frame = policy.texts(policy.rules.staff.written_form).words["frame"]
        body = tidy(fill(frame[script], first.values.but({"body": body})))
    return Spoken(spoken[0].subject, body)


def told_to_colleagues(
    matter: Matter, draft: Draft, *, now: datetime, policy: NotifyPolicy
) -> Spoken:
    """Ids and codes in words, in the form that colleagues read."""
    message = policy.texts(policy.rules.staff.written_form).staff[draft.template]
    values = values_for(matter, draft, now=now, policy=policy)
    return render(message, values, closing="", greeting="")


def _in_form(phrases: Phrases, *, aloud: bool) -> Spoken:
    template, words, values = phrases.draft.template, phrases.words["frame"], phrases.values
    message = phrases.policy.texts(phrases.form).complainant[template]
    ends = Ends(phrases.policy.rules.greets, phrases.policy.rules.signs)
    if phrases.matter.threatened:
        unsigned = ends.unsigned(str(values["text"]), phrases.policy.people.names)
        values = values.but({"text": unsigned})
    if template in BARE:
        return render(message, values, closing="", greeting="")
    greeting, closing = words["greeting"], words["closing"]
    if aloud:
        unheard = dict.fromkeys(LINKS, "")
        values = values.but({**unheard, "invite": phrases.words["say"]["invite_aloud"]})
        closing = words["closing_aloud"]
    elif template in _INVITING or (template in _DANGER and phrases.draft.limits):
        closing = words["closing_short"]
    elif template in _NO_REFERENCE:
        closing = words["closing_plain"]
    elif ends.signed(str(values["text"])):
        closing = words["closing_signed"]
    if ends.greeted(str(values["text"])):
        greeting = ""
    return render(message, values, closing=closing, greeting=greeting)
