"""Every template, staff text and call script sounds as it should; the word lists are policy."""

import re
import unicodedata

import pytest

from services.notify.linking import links_in
from services.notify.model import Draft, Seen
from services.notify.policy import FORMS, Form, NotifyPolicy
from services.notify.render import Spoken
from services.notify.wording import in_forms, said_to, told_to_colleagues
from shared.contracts.notifications import Audience
from shared.contracts.recoveries import RecoveryApproved
from shared.tone import lix, sentences, words
from tests.core.test_notify_texts import matter_of
from tests.notify_story import AT, POLICY, recovery

LINKED = POLICY.model_copy(update={"links": True})
RULES = POLICY.rules
# What colleagues write themselves, in a form of their own, and how a late promise is named.
WORDS: Seen = {"personal": {"text": "Text."}, "category": "not_upheld"}
LATE: Seen = {"due_at": AT.isoformat(), "kind": "final_answer"}
_CODES = re.compile(r"\b(K-[0-9A-F]{8}|c1|r1)\b")


def policy_in(form: Form) -> NotifyPolicy:
    """The policy of an organisation whose colleagues read this form."""
    staff = RULES.staff.model_copy(update={"written_form": form})
    return LINKED.model_copy(update={"rules": RULES.model_copy(update={"staff": staff})})


def draft_of(template: str, *, staff: bool = False) -> Draft:
    """A message with everything in it that a template may ask for."""
    given = {**recovery(RecoveryApproved, 2).model_dump(mode="json"), "asked": ["lead-gran"]}
    audience: Audience = "supervisor" if staff else "complainant"
    return Draft(
        "n", "decision", template, audience=audience, recovery=given, words=WORDS, promise=LATE,
        limits=True, code="threat", people=("watch-selje",),
    )  # fmt: skip


def in_words(form: Form, template: str, *, script: str | None) -> Spoken:
    """A complainant's message at its fullest: written in anger, about something dangerous."""
    likely = {"severity": "critical", "reasons": ("severity.danger_likely",)}
    told = likely if template == "danger_likely" else {"safety": template == "safety"}
    matter = matter_of(form=form, arousal="upset", **told)
    forms = in_forms(matter, draft_of(template), now=AT, policy=policy_in(form))
    return said_to(forms, script=script)


TEMPLATES = [(form, name) for form in FORMS for name in sorted(POLICY.nb.complainant)]
SPOKEN = [
    pytest.param(
        form, in_words(form, name, script=script), id=f"{form} {name} {script or 'written'}"
    )
    for form, name in TEMPLATES
    for script in (None, "call", "tell")
]
STAFF = [
    pytest.param(
        form,
        told_to_colleagues(
            matter_of(form=form), draft_of(name, staff=True), now=AT, policy=policy_in(form)
        ),
        id=f"{form} {name}",
    )
    for form in FORMS
    for name in sorted(POLICY.nb.staff)
]


@pytest.mark.parametrize(("form", "said"), SPOKEN)
def test_every_message_is_short_and_plain(form: Form, said: Spoken) -> None:
    """A template that no golden complaint happens to use would be long, or an office's."""
    body, limits = without_frame(said.body, form), RULES.limits
    assert len(said.subject) <= limits["subject_chars"]
    assert len(words(body)) <= limits["body_words"]
    assert lix(body) <= limits["lix"]
    sorry = [s for s in sentences(body.casefold()) if any(w in s for w in _tone("apology", form))]
    assert len(sorry) <= limits["apology_sentences"]


@pytest.mark.parametrize(("form", "said"), SPOKEN + STAFF)
def test_no_text_blames_jokes_or_shouts(form: Form, said: Spoken) -> None:
    """Somebody who is angry would get a smile, and a colleague words of another form."""
    text = f"{said.subject}\n{said.body}"
    low = text.casefold()
    assert [phrase for phrase in _tone("never", form) if phrase in low] == []
    assert [phrase for phrase in _tone("humour", form) if phrase in low] == []
    assert [each for each in text if unicodedata.category(each) in ("So", "Sk", "Cs")] == []
    assert "!" not in text


@pytest.mark.parametrize(("form", "said"), SPOKEN + STAFF)
def test_every_text_is_in_one_form_only(form: Form, said: Spoken) -> None:
    """A nynorsk reader would get bokmål with words swapped."""
    found = {word.casefold() for word in words(f"{said.subject} {said.body}")}
    assert found & {word.casefold() for word in _tone("foreign", form)} == set()


@pytest.mark.parametrize(("form", "said"), STAFF)
def test_what_colleagues_read_is_short(form: Form, said: Spoken) -> None:
    """A supervisor would read an essay while somebody waits."""
    body = _CODES.sub("X", said.body)
    assert len(said.subject) <= RULES.limits["staff_subject_chars"]
    assert len(words(body)) <= RULES.limits["staff_words"]
    assert lix(body) <= RULES.limits["staff_lix"], form


@pytest.mark.parametrize(("form", "template"), TEMPLATES)
def test_a_script_holds_no_link(form: Form, template: str) -> None:
    """A colleague on the phone would read out an address."""
    for script in ("call", "tell"):
        body = in_words(form, template, script=script).body
        assert POLICY.texts(form).words["link"]["mark"] not in body
        draft, matter = draft_of(template), matter_of(form=form)
        assert links_in(matter, draft, body=body, forms=(form,), policy=LINKED) == []


def test_the_lists_find_what_they_are_for() -> None:
    """The linter would pass anything, since its lists match nothing."""
    samples = {"nb": "Hehe, bare tull 😉", "nn": "Hehe, berre tull 😉", "en": "Just kidding 😉"}
    for form in FORMS:
        low = samples[form].casefold()
        assert any(phrase in low for phrase in _tone("humour", form)), form
    assert unicodedata.category("😉") == "So"


def without_frame(body: str, form: Form) -> str:
    """What is said to the complainant, without what tells a colleague how to say it."""
    frame = POLICY.texts(form).words["frame"]
    opening = frame["call"].split("{{")[0], frame["tell"].split("{{")[0]
    return body.split("\n\n", 1)[-1] if body.startswith(opening) else body


def _tone(name: str, form: Form) -> tuple[str, ...]:
    return RULES.tone[name][form]
