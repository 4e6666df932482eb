"""Severity: the highest rule that fires, never a sum, and never anger.

A rule asks for conditions; each condition carries the words that made it true.
"""

from collections.abc import Mapping
from typing import NamedTuple

from services.triage.model import EVIDENCE_MAX, Reading, Words
from services.triage.policy import TriagePolicy
from shared.contracts.money import Money
from shared.contracts.triaged import SEVERITIES, Severity

Conditions = Mapping[str, Words]


class SeverityRead(NamedTuple):
    """The step, and each rule of that step that fired, with its words."""

    severity: Severity
    why: dict[str, Words]


class RuleRead(NamedTuple):
    """A rule, and what it lacks or what forbids it; nothing where it fires."""

    severity: Severity
    code: str
    missing: tuple[str, ...]
    forbidden_by: tuple[str, ...]

    @property
    def short_by(self) -> int:
        """How many things would have to be otherwise for it to fire."""
        return len(self.missing) + len(self.forbidden_by)


def rules_read(conditions: Conditions, policy: TriagePolicy) -> tuple[RuleRead, ...]:
    """Every rule, the gravest first, and what keeps it from firing."""
    rules = sorted(policy.rules.severity.rules, key=lambda one: -SEVERITIES.index(one.severity))
    return tuple(
        RuleRead(
            rule.severity,
            rule.code,
            missing=tuple(name for name in rule.all if name not in conditions),
            forbidden_by=tuple(name for name in rule.none if name in conditions),
        )
        for rule in rules
    )


def severity_of(conditions: Conditions, policy: TriagePolicy) -> SeverityRead:
    """Grade by the rules, then raise by one for repetition, never above high."""
    rules = policy.rules.severity
    there = conditions.keys()
    fired = [rule for rule in rules.rules if there >= rule.needed and there.isdisjoint(rule.none)]
    rank = max([SEVERITIES.index(rule.severity) for rule in fired], default=0)
    step = SEVERITIES[rank]
    why = {rule.code: _words(rule.all, conditions) for rule in fired if rule.severity == step}
    if "repeated" in conditions and rank < SEVERITIES.index("high"):
        rank += 1
        why[rules.raise_code] = conditions["repeated"]
    return SeverityRead(SEVERITIES[rank], why)


def _words(needed: tuple[str, ...], conditions: Conditions) -> Words:
    said = (word for condition in needed for word in conditions[condition])
    return tuple(dict.fromkeys(said))[:EVIDENCE_MAX]


def worth_conditions(
    reading: Reading, claimed: Money | None, *, policy: TriagePolicy
) -> dict[str, Words]:
    """How much money it is about: "weight", "much", "worth_unknown"; a sum claimed comes first."""
    worth, said = _worth(reading, claimed)
    if worth is None:
        return {"worth_unknown": ()}
    rules, found = policy.rules.severity, {}
    for condition, limits in (("weight", rules.weight_minor), ("much", rules.much_minor)):
        limit = limits.get(worth.currency)
        if limit is not None and worth.amount_minor >= limit:
            found[condition] = said
    return found


def _worth(reading: Reading, claimed: Money | None) -> tuple[Money | None, Words]:
    if claimed is not None:
        return claimed, tuple(s.said for s in reading.sums if s.money == claimed)[:1]
    if reading.sums:
        most = max(reading.sums, key=lambda one: one.money.amount_minor)
        return most.money, (most.said,)
    paid = reading.complaint.order.paid() if reading.complaint.order else ()
    if not paid:
        return None, ()
    total = sum(one.amount_minor for one in paid)
    return Money(amount_minor=total, currency=paid[0].currency), ()
