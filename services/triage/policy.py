"""The policy of triage: rules and numbers from `triage.yaml`, word lists from `languages/`.

Frozen; the matchers are compiled once, at first use.
"""

import re
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from services.triage.duties import Duties
from services.triage.language import Language, Points
from services.triage.lexicons import Valence
from services.triage.matcher import Aside, Matcher
from services.triage.numerals import Numbers
from services.triage.tenant import Tenant
from services.triage.things import Grammar, Things
from services.triage.weights import Scorer, Weights
from services.triage.what_counts import (
    Danger,
    Emoji,
    Linking,
    Losing,
    NearAsked,
    NearRule,
    Part,
    SeverityPolicy,
    SharedWord,
    losing,
    near_asked,
)
from shared.business_time import FILE, Deadlines
from shared.contracts.contract import WrittenForm
from shared.contracts.triaged import Mood, Remedy
from shared.people import People
from shared.policy import load_policy

Share = Annotated[float, Field(ge=0, le=1)]


class WrittenForms(Part):
    """How the written form is told."""

    default: WrittenForm
    # Points that another language must be ahead of nb, nn and en; how close nb and nn fit alike.
    other_margin: Points
    alike_within: Points
    telling_word: Points
    alike_within_untold: Points
    margin_sure: Points
    # Words of languages we do not write in, by language; learnt from, and never a thing's name.
    other_words: dict[str, tuple[str, ...]]


class Arousal(Part):
    """Points of how it is said."""

    upset: Points
    furious: Points
    exclamation: Points
    exclamations_max: int
    repeated_mark: Points
    repeated_marks_max: int
    shouted_text: Points
    shouted_words_min: int
    shouted_share_min: Share
    shouted_word: Points
    shouted_word_max: int
    shouted_letters_min: int
    acronyms: tuple[str, ...]
    cues: dict[str, Points]
    emoji_max: int
    # At most, for words that the fitted tone takes for angry.
    angry_tone: Points
    # What each mood's chance is worth in heat; marks and charged words add to it, and so many
    # points of them are as hot as it gets.
    heat: dict[Mood, float]
    heat_points: Annotated[float, Field(gt=0)]


class MoodLead(Part):
    """How far a mood's chance must be ahead of neutral's: where something is wrong, and else."""

    wrong: Share
    told: Share


class Currencies(Part):
    """How sums are written."""

    # What stands before or after the number, casefolded → ISO 4217 code.
    names: dict[str, str]
    # Currencies without a minor unit.
    whole: tuple[str, ...]
    # Words that are a sum of their own, in minor units.
    slang_minor: dict[str, int]
    slang_currency: str


class Confidence(Part):
    """How sure the machine is: points for what speaks, a person below `person_below`."""

    start: Share
    kind: Share
    category: Share
    detail: Share
    remedy: Share
    form: Share
    short_words: int
    short: Share
    contradiction: Share
    person_below: Share
    best: Share


class Rules(Part):
    """`triage.yaml`."""

    written_form: WrittenForms
    quoted_from: tuple[str, ...]
    quoted_line: str
    person_in_reply: tuple[str, ...]
    masks: dict[str, tuple[str, ...]]
    kept_from_instructions: tuple[str, ...]
    # What is told by words that stand close to each other; read in this order, before the masks.
    near: tuple[NearRule, ...]
    # Numbers below these are not many: {label: least}.
    counts: dict[str, int]
    # Words of one language that are others in another, by their label.
    only_in: dict[str, SharedWord]
    # Of these, a single word with a capital inside a sentence is a name and tells nothing.
    not_as_name: tuple[str, ...]
    # What takes which finds back: {label: what it takes}.
    negated: dict[str, tuple[str, ...]]
    categories: dict[str, dict[str, Points]]
    order_kinds: dict[str, dict[str, Points]]
    remedies: tuple[Remedy, ...]
    severity: SeverityPolicy
    arousal: Arousal
    # The finds that the fitted tone listens to.
    tone_labels: tuple[str, ...]
    mood_lead: MoodLead
    # Points of the fitted tone above which a text is abusive.
    abuse_above: float
    danger: Danger
    emoji: Emoji
    numbers: Numbers
    currencies: Currencies
    linking: Linking
    # Who keeps a promise, by its kind: a role.
    promise_owner: dict[Literal["first_touch", "final_answer"], str]
    confidence: Confidence
    overridable: tuple[str, ...]


class TriagePolicy(Part):
    """All that triage goes by."""

    rules: Rules
    languages: dict[WrittenForm, Language]
    weights: dict[str, Weights]
    valence: Valence
    people: People
    duties: Duties
    tenant: Tenant
    deadlines: Deadlines

    @cached_property
    def matcher(self) -> Matcher:
        """The word lists of all languages, as one: writers mix."""
        lists = [language.lists for language in self.languages.values()]
        return Matcher(
            [*lists, self.tenant.lists],
            numbers=self.rules.numbers.alone,
            known=self.known_words,
            misspelt={k: v for one in self.languages.values() for k, v in one.slips.items()},
            aside=Aside(self.near_asked.parts, self.near_asked.bits),
        )

    @cached_property
    def known_words(self) -> frozenset[str]:
        """Words that are right as they stand, in whatever language: no slip of a listed word."""
        tables = (part for table in self.weights.values() for part in table.parts)
        fitted = (part.removeprefix("=") for part in tables if part.startswith("="))
        weighed = (word for words in self.valence.words.values() for word in words)
        ours = (word for one in self.languages.values() for word in one.words)
        return self.small_words.union(fitted, weighed, ours)

    @cached_property
    def losing(self) -> Losing:
        """Which labels lose their meaning, by what takes it."""
        rules = self.rules
        found = {*self.tenant.lists, *(rule.label for rule in rules.near)}
        found.update(shared.counts_as for shared in rules.only_in.values())
        found.update(label for language in self.languages.values() for label in language.cues)
        return losing(found, rules.masks, negated=rules.negated, as_name=rules.not_as_name)

    @cached_property
    def near_asked(self) -> NearAsked:
        """Which rules of what stands close ask for a label."""
        rules = self.rules
        besides = {*rules.masks, *rules.negated, *rules.severity.asked}
        return near_asked(rules.near, besides=besides, meant=rules.only_in)

    @cached_property
    def forms(self) -> Scorer:
        """What a word tells of the written form."""
        return Scorer(self.weights["written_form"], words_only=True)

    @cached_property
    def tone(self) -> Scorer:
        """What a word tells of mood and abuse."""
        return Scorer(self.weights["tone"])

    @cached_property
    def danger(self) -> Scorer:
        """What a word tells of danger."""
        return Scorer(self.weights["danger"])

    @cached_property
    def small_words(self) -> frozenset[str]:
        """Words that hold a sentence together, in every language; none of them is a thing."""
        ours = (language.function_words for language in self.languages.values())
        others = self.rules.written_form.other_words.values()
        return frozenset(w.casefold() for words in (*ours, *others) for w in words)

    @cached_property
    def months(self) -> dict[str, int]:
        """The number of a month by its name, in every language."""
        return {
            name: number
            for language in self.languages.values()
            for number, name in enumerate(language.months, 1)
        }

    @cached_property
    def weekdays(self) -> dict[str, int]:
        """The number of a weekday (Monday 0) by its name, in every language."""
        return {
            name: number
            for language in self.languages.values()
            for number, name in enumerate(language.weekdays)
        }

    @cached_property
    def month_names(self) -> frozenset[str]:
        """The names of the months, in every language."""
        return frozenset(self.months)

    @cached_property
    def things(self) -> dict[WrittenForm, Things]:
        """How a thing is told, by language."""
        return {
            form: Things(
                heads=language.heads,
                whole=frozenset(language.whole_heads),
                endings=language.endings,
                grammar=Grammar(
                    definite=language.definite,
                    never=frozenset(language.not_things),
                    articles=frozenset(language.articles),
                    relatives=frozenset(language.relatives),
                ),
            )
            for form, language in self.languages.items()
        }

    @cached_property
    def emoji(self) -> frozenset[str]:
        """Every emoji that tells something."""
        signs = self.rules.emoji
        return frozenset(signs.angry + signs.sad + signs.pleased + signs.ironic)

    @cached_property
    def quoted_from(self) -> re.Pattern[str]:
        """Where the mail that is answered begins."""
        return re.compile(
            "|".join(f"(?:{p})" for p in self.rules.quoted_from), re.MULTILINE | re.IGNORECASE
        )

    @cached_property
    def quoted_line(self) -> re.Pattern[str]:
        """A line of the mail that is answered."""
        return re.compile(self.rules.quoted_line, re.MULTILINE)


def load() -> tuple[TriagePolicy, str]:
    """The policy and its digest; raises `Refused` naming the file and the field."""
    return load_policy(
        TriagePolicy,
        rules="triage.yaml",
        languages="languages/*.yaml",
        weights="weights/*.json",
        valence="lexicons/valence.json",
        people="people.yaml",
        duties="reports.yaml",
        tenant="tenant.yaml",
        deadlines=FILE,
    )
