"""The parts of the policy that say what counts: rules of severity, and of what stands close."""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
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

    @cached_property
    def besides(self) -> tuple[tuple[str, ...], ...]:
        """Of each of these, one must be there, too."""
        return tuple(asked for asked in (self.also, self.somewhere) if asked)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Every label it makes or asks for."""
        asked = (*self.one, *self.other, *self.also, *self.unless, *self.somewhere)
        return (self.label, *asked)


class NearAsked(NamedTuple):
    """The places of the rules that ask for a label: as their `one`, as their `other`.

    `parts`: labels of these rules that nobody else asks for; `made`: those that rules make.
    """

    rules: Sequence[NearRule]
    one: Mapping[str, tuple[int, ...]]
    other: Mapping[str, tuple[int, ...]]
    parts: frozenset[str]
    made: frozenset[str]

    def of(self, there: set[str]) -> list[NearRule]:
        """The rules that may fire where these labels were found, in their order."""
        there = there.union(self.made)
        ones = set().union(*[self.one[label] for label in there & self.one.keys()])
        others = set().union(*[self.other[label] for label in there & self.other.keys()])
        near = [self.rules[at] for at in sorted(ones & others)]
        return [rule for rule in near if all(there & set(asked) for asked in rule.besides)]


def near_asked(rules: Sequence[NearRule], *, besides: Collection[str]) -> NearAsked:
    """Most labels are asked for by no rule, and most rules ask for what no text has.

    `besides`: what is asked for by others.
    """
    one: dict[str, tuple[int, ...]] = {}
    other: dict[str, tuple[int, ...]] = {}
    for at, rule in enumerate(rules):
        for asked, labels in ((one, rule.one), (other, rule.other)):
            asked.update({label: (*asked.get(label, ()), at) for label in labels})
    named = {label for rule in rules for label in rule.labels if label.startswith(NEAR)}
    asked_for = {label for rule in rules for label in rule.labels[1:]}
    return NearAsked(
        rules,
        one,
        other,
        parts=frozenset(named.difference(besides)),
        made=frozenset(asked_for.intersection(rule.label for rule in rules)),
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


class SharedWord(Part):
    """Words that are others in another language: what they count as, and in which forms."""

    counts_as: str
    forms: tuple[WrittenForm, ...]


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
