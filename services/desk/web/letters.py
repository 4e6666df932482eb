"""What she is about to send: as notify will write it, and how it sounds in the reader's form."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.desk.commands import complaint_of
from services.desk.model import CaseView, ComplaintView
from services.desk.web.policy import ConsolePolicy, Start, Texts, Words
from shared.contracts.contract import Channel, WrittenForm
from shared.contracts.identity import reference_of
from shared.letters import Ends, Spoken, letter, spoken_name
from shared.tone import Limits, remarks

# The verbs that write to a complainant, and notify's template of each.
TEMPLATES: Mapping[str, str] = {
    "ask": "person_asks",
    "reply": "person_answers",
    "decide": "person_decides",
}
THREAT = "threat"


@dataclass(frozen=True, slots=True)
class Preview:
    """A letter in each form it is told in; how it leaves, when that is not as a letter."""

    subject: str
    body: str
    forms: tuple[str, ...]
    aloud: bool
    public: bool


def preview(
    case: CaseView, verb: str, *, text: str, policy: ConsolePolicy, people: frozenset[str]
) -> Preview:
    """The letter of a verb of `TEMPLATES`; without the remedies, which recovery has yet to say."""
    complaint = _complaint(case)
    rules = policy.letters
    ends = Ends(rules.greets, rules.signs)
    said = ends.unsigned(text, people) if _threatened(case) else text
    forms = _forms(complaint, policy)
    spoken = [_in_form(complaint, verb, said=said, texts=policy.texts(f), ends=ends) for f in forms]
    channel = _channel(complaint)
    return Preview(
        subject=spoken[0].subject,
        body="\n\n".join(each.body for each in spoken),
        forms=forms,
        aloud=channel in rules.aloud_channels,
        public=channel in rules.public_channels,
    )


def starts(case: CaseView, policy: ConsolePolicy) -> Mapping[str, Start]:
    """The openings that there are, in the reader's written form."""
    return policy.starts[_forms(_complaint(case), policy)[0]]


def sounds(case: CaseView, text: str, *, policy: ConsolePolicy, words: Words) -> tuple[str, ...]:
    """What to think over before it is sent, in the writer's own language; each once."""
    form, read = _forms(_complaint(case), policy)[0], _complaint(case).triaged
    paid = any(recovery.state == "settled" for recovery in case.recoveries)
    cheerful = read is not None and read.severity == "low" and read.mood == "pleased"
    spared = ("money_done",) * paid + ("humour", "pictures", "shouts") * cheerful
    return heard(text, form, policy=policy, words=words, spared=spared)


def heard(
    text: str, form: str, *, policy: ConsolePolicy, words: Words, spared: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """The same of any letter, to somebody who reads this written form; not what is `spared`."""
    rules, own = policy.letters, policy.rules.letter
    lists = {name: found[form] for name, found in rules.tone.items() if name not in spared}
    limits = Limits(
        rules.limits["apology_sentences"], own.words_max, own.lix_max, own.lix_words_min
    )
    found = (each for each in remarks(text, lists, limits=limits) if each.code not in spared)
    said = (
        words.said(f"tone.{each.code}", said=each.said, form=words.code("form", form))
        for each in found
    )
    gaps = (words.said("tone.gap", said=own.gap),) if own.gap in text else ()
    return (*gaps, *dict.fromkeys(said))


def _in_form(complaint: ComplaintView, verb: str, *, said: str, texts: Texts, ends: Ends) -> Spoken:
    frame, message = texts.words["frame"], texts.complainant[TEMPLATES[verb]]
    personal = complaint.personal
    values = {
        "text": said,
        "name": spoken_name((personal and personal.name) or ""),
        "reference": reference_of(complaint.complaint_id),
        "gestures": "",
        "decided": texts.words["decided"]["person"],
        "boards": "",
    }
    closing = frame["closing_signed" if ends.signed(said) else "closing"]
    greeting = "" if ends.greeted(said) else frame["greeting"]
    return letter(message.subject, message.body, values=values, closing=closing, greeting=greeting)


def _complaint(case: CaseView) -> ComplaintView:
    """The one that a command is about when she names none."""
    named = complaint_of(case)
    found = (each for each in case.complaints if each.complaint_id == named)
    return next(found, ComplaintView(complaint_id=named))


def _forms(complaint: ComplaintView, policy: ConsolePolicy) -> tuple[str, ...]:
    """As notify: triage's, else the declared, else the policy's; in several of ours for another."""
    read, came = complaint.triaged, complaint.registered
    form: WrittenForm | None = read.written_form if read else came.declared_form if came else None
    if form == "other":
        return policy.letters.other_forms
    return (form or policy.letters.default_form,)


def _channel(complaint: ComplaintView) -> Channel | None:
    return complaint.registered.channel if complaint.registered else None


def _threatened(case: CaseView) -> bool:
    return any(each.triaged and each.triaged.abuse == THREAT for each in case.complaints)
