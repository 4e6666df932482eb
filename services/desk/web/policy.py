"""The console's policy: how long a sign-in lasts, and its words in every written form."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.contract import Channel, WrittenForm
from shared.contracts.money import Currency, Minor
from shared.contracts.recoveries import Approval, Basis, GestureKind, Outcome
from shared.contracts.submitted import OrderKind
from shared.contracts.triaged import Severity
from shared.people import Person

FILES = {
    "rules": "console.yaml",
    "words": "console/*.yaml",
    "starts": "starts/*.yaml",
    "practice": "practice.yaml",
    # What notify writes with: its own policy, of which the console knows the part for a preview.
    "letters": "notify.yaml",
    "nb": "texts/nb/*.yaml",
    "nn": "texts/nn/*.yaml",
    "en": "texts/en/*.yaml",
}
FORMS = ("nb", "nn", "en")
# Where the words of a reason's second half stand, when not in the section of its first.
TAILS = {"severity": "reason", "written_form": "form", "handler_override": "field"}


class Part(BaseModel):
    """A frozen piece of policy; a misspelt key is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LetterRules(Part):
    """What is much for a letter that a colleague writes; she is told, not stopped."""

    words_max: int = Field(gt=0)
    lix_max: int = Field(gt=0)
    lix_words_min: int = Field(gt=0)
    # What stands in an opening where something is to be filled in.
    gap: str = Field(min_length=1)


class Start(Part):
    """An opening of a letter: the verb that it is for, and its words."""

    verb: Literal["ask", "reply", "decide"]
    text: str


class Bought(Part):
    """What an exercise is about, as the shop's books have it."""

    kind: OrderKind
    sold: Literal["distance", "shop", "door"]
    days_ago: int = Field(ge=0)
    paid_minor: Minor
    currency: Currency


class Exercise(Part):
    """An invented complaint, and how the other policies read it, as `kulanse explain` says.

    `total_minor`: what the remedies come to, in the order's currency.
    """

    form: WrittenForm
    channel: Channel
    subject: str
    text: str
    severity: Severity
    needs_person: bool
    reasons: tuple[str, ...]
    order: Bought | None = None
    outcome: Outcome
    approval: Approval
    basis: Basis | None
    gestures: tuple[GestureKind, ...]
    total_minor: Minor = 0
    given_because: tuple[str, ...]


class Practice(Part):
    """`deploy/policy/practice.yaml`."""

    exercises: Mapping[str, Exercise]


class Rules(Part):
    """`deploy/policy/console.yaml`."""

    link_minutes: int = Field(gt=0)
    idle_minutes: int = Field(gt=0)
    session_hours: int = Field(gt=0)
    password_chars_min: int = Field(ge=8)
    attempts_per_person: int = Field(gt=0)
    attempts_per_address: int = Field(gt=0)
    attempts_within_minutes: int = Field(gt=0)
    rows_per_page: int = Field(gt=0, le=500)
    live_every_s: float = Field(gt=0)
    live_looks: int = Field(gt=0)
    reads_the_log: tuple[str, ...]
    # Who sends dead letters again, mended or as they are; whoever reads the log may look at them.
    mends_letters: tuple[str, ...]
    letters_shown_max: int = Field(gt=0, le=1_000)
    # Who tries a changed policy on past decisions, and on how many.
    tries_policies: tuple[str, ...]
    policy_complaints_max: int = Field(gt=0, le=10_000)
    scorecard_complaints_max: int = Field(gt=0, le=50_000)
    scorecard_minutes: int = Field(ge=0)
    letter: LetterRules


class Known(BaseModel):
    """A piece of another service's policy: what the console does not know of it is not its own."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Letters(Known):
    """Of `notify.yaml`."""

    default_form: WrittenForm
    other_forms: tuple[str, ...]
    public_channels: tuple[str, ...]
    aloud_channels: tuple[str, ...]
    greets: tuple[str, ...]
    signs: tuple[str, ...]
    tone: Mapping[str, Mapping[str, tuple[str, ...]]]
    limits: Mapping[str, int]


class Message(Known):
    """A template."""

    subject: str
    body: str


class Texts(Known):
    """Of `texts/FORM/`."""

    complainant: Mapping[str, Message]
    words: Mapping[str, Mapping[str, str]]


class ConsolePolicy(Part):
    """The rules, and the words: by written form, section and name; and what letters are made of."""

    rules: Rules
    words: Mapping[str, Mapping[str, Mapping[str, str]]]
    starts: Mapping[str, Mapping[str, Start]]
    practice: Practice
    letters: Letters
    nb: Texts
    nn: Texts
    en: Texts

    def texts(self, form: str) -> Texts:
        """The texts of a written form that there is."""
        return {"nb": self.nb, "nn": self.nn, "en": self.en}[form]


@dataclass(frozen=True, slots=True)
class Words:
    """The console's words in one written form."""

    form: str
    sections: Mapping[str, Mapping[str, str]]

    def said(self, name: str, **given: object) -> str:
        """The words of "section.name"; `given` fills their {places}. A KeyError is our fault."""
        section, _, key = name.partition(".")
        words = self.sections[section][key]
        return words.format(**given) if given else words

    def code(self, section: str, value: object) -> str:
        """A code in words; one that has none (a company's own category) as it is."""
        plain = str(value).replace("_", " ")
        return self.sections[section].get(str(value), plain)

    def reason(self, code: str) -> str:
        """A reason: its own words, else "category: delivery" of a code "category.delivery"."""
        head, _, tail = code.partition(".")
        if code in self.sections["reason"] or not tail or head not in self.sections["field"]:
            return self.code("reason", code)
        section = TAILS.get(head, head if head in self.sections else "reason")
        return f"{self.sections['field'][head]}: {self.code(section, tail)}"

    def because(self, code: str) -> str:
        """Why a remedy is as it is: a sentence; a rule or provider of a company's own: its code."""
        return self.code("because", code)

    def why(self, code: str) -> str:
        """What a person must do: "task:visit" and "approval:team_lead" are told in two words."""
        head, _, tail = code.partition(":")
        if not tail:
            return self.code("why", code)
        section = {"task": "gesture", "approval": "approval", "raised": "severity"}.get(head, "why")
        return f"{self.code('why', head)}: {self.code(section, tail)}"


def words_in(policy: ConsolePolicy, form: str) -> Words:
    """The words of a written form that there is."""
    return Words(form, policy.words[form])


def form_for(chosen: str, *, person: Person | None, accepted: str) -> str:
    """Her choice, else the first of people.yaml that we have, else what her browser asks for."""
    mine = person.written_forms if person else ()
    return next(
        (form for form in (chosen, *mine, *_asked_for(accepted)) if form in FORMS), FORMS[0]
    )


def _asked_for(accepted: str) -> Iterator[str]:
    for part in accepted.split(","):
        tongue = part.partition(";")[0].strip().lower()[:2]
        yield "nb" if tongue == "no" else tongue
