"""The parts of the policy that say what counts: severity, what stands close, what emoji tell."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property, reduce
from itertools import compress
from operator import or_
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from shared.contracts.contract import WrittenForm
from shared.contracts.triaged import Severity

# Labels that begin so are made for rules of nearness.
NEAR = "near."


class Part(BaseModel):
    """A part of the policy: frozen, nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SeverityRule(Part):
    """Fires when all of `all` are there and none of `none`."""

    code: str
    severity: Severity
    all: tuple[str, ...]
    none: tuple[str, ...] = ()

    @cached_property
    def needed(self) -> frozenset[str]:
        """What must be there, to be held against what is."""
        return frozenset(self.all)


class NearRule(Part):
    """Makes a find of `label` where one of `one` and one of `other` stand close in a sentence."""

    label: str
    one: tuple[str, ...]
    other: tuple[str, ...]
    # At most so many words between them; `ordered`: `one` comes first.
    words: int
    ordered: bool = False
    # What must, and what must not, stand in the same sentence.
    also: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    # What must stand somewhere in the text, in whatever sentence.
    somewhere: tuple[str, ...] = ()
    # What must stand nowhere in it.
    nowhere: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label it makes or asks for."""
        asked = (*self.one, *self.other, *self.also, *self.unless, *self.somewhere, *self.nowhere)
        return (self.label, *asked)


class Danger(Part):
    """What the fitted danger counts for, where no rule hears any."""

    # Points above which a person is called, and above which danger is likely.
    person_above: float
    likely_above: float
    # At most so sure, where danger is only likely.
    sure_max: float
    # What tells nothing of it: the words of these finds, and the sentences of those.
    silent: tuple[str, ...]
    silent_sentences: tuple[str, ...]


class SharedWord(Part):
    """Words that are others in another language: what they count as, and in which forms."""

    counts_as: str
    forms: tuple[WrittenForm, ...]


class AskedBy(NamedTuple):
    """What a rule asks for, by bits: `one`, `other`, what must be there besides, all of it."""

    one: int
    other: int
    besides: tuple[int, ...]
    all: int
    rule: NearRule


class NearAsked(NamedTuple):
    """The rules of nearness, and what they ask for: a bit for each label.

    `ones`: what each rule begins with, which sorts most of them out at once; `parts`: labels that
    only rules ask for; `made`: the bits of what rules make for each other.
    """

    rules: Sequence[AskedBy]
    ones: Sequence[int]
    bits: Mapping[str, int]
    parts: frozenset[str]
    made: int

    def of(self, there: int) -> tuple[list[NearRule], int]:
        """The rules that may fire on labels with these bits, in their order; what they ask for."""
        there |= self.made
        begun = compress(self.rules, map(there.__and__, self.ones))
        near = [
            (rule, bits)
            for _, other, besides, bits, rule in begun
            if there & other and all(there & each for each in besides)
        ]
        return [rule for rule, _ in near], reduce(or_, [bits for _, bits in near], 0)


def near_asked(
    rules: Sequence[NearRule], *, besides: Collection[str], meant: Mapping[str, SharedWord]
) -> NearAsked:
    """Most labels are asked for by no rule, and most rules ask for what no text has.

    `besides`: what is asked for by others; `meant`: what may count as a label of a rule.
    """
    labels = sorted({label for rule in rules for label in rule.labels}.union(meant))
    bits = {label: 1 << at for at, label in enumerate(labels)}
    named = {label for rule in rules for label in rule.labels if label.startswith(NEAR)}
    asked_for = {label for rule in rules for label in rule.labels[1:]}

    def any_of(several: Iterable[str]) -> int:
        return reduce(or_, (bits[label] for label in several), 0)

    asked = [
        AskedBy(
            any_of(rule.one),
            any_of(rule.other),
            tuple(any_of(labels) for labels in (rule.also, rule.somewhere) if labels),
            any_of(rule.labels),
            rule,
        )
        for rule in rules
    ]
    return NearAsked(
        asked,
        [each.one for each in asked],
        bits,
        parts=frozenset(named.difference(besides)),
        made=any_of(asked_for.intersection(rule.label for rule in rules)),
    )


class Losing(NamedTuple):
    """Which labels lose their meaning: to a mask, to a "no" before them, where they are a name."""

    masked: Mapping[str, frozenset[str]]
    negated: Mapping[str, frozenset[str]]
    as_name: frozenset[str]


def losing(
    labels: Collection[str],
    masked: Mapping[str, tuple[str, ...]],
    *,
    negated: Mapping[str, tuple[str, ...]],
    as_name: tuple[str, ...],
) -> Losing:
    """The labels that begin as the policy says, looked up once."""

    def beginning(prefixes: tuple[str, ...]) -> frozenset[str]:
        return frozenset(label for label in labels if label.startswith(prefixes))

    return Losing(
        masked={mask: beginning(prefixes) for mask, prefixes in masked.items()},
        negated={no: beginning(prefixes) for no, prefixes in negated.items()},
        as_name=beginning(as_name),
    )


class Linking(Part):
    """When a complaint belongs to an earlier case of the same complainant."""

    subject_days: int
    order_days: int


class Emoji(Part):
    """What emoji tell."""

    angry: str
    sad: str
    pleased: str
    ironic: str


class SeverityPolicy(Part):
    """The steps of severity, and the numbers they hang on."""

    weight_minor: dict[str, int]
    much_minor: dict[str, int]
    deadline_days: int
    crowd_min: int
    contacts_raise: int
    raise_code: str
    rules: tuple[SeverityRule, ...]

    @cached_property
    def asked(self) -> frozenset[str]:
        """Every condition that some rule asks for; the words of others need not be sought."""
        return frozenset(name for rule in self.rules for name in (*rule.all, *rule.none))
