"""The remedy policy as data: `recovery.yaml`, `regimes/*.yaml` and `people.yaml`, typed."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from services.recovery.model import ALONG_PAYMENT
from shared.business_time import FILE, Deadlines
from shared.contracts.contract import Role, Segment
from shared.contracts.recoveries import Basis, GestureKind
from shared.contracts.submitted import Order
from shared.contracts.triaged import Necessity, Phase, Remedy, Severity
from shared.people import People
from shared.policy import load_policy

Sold = Literal["distance", "shop", "door"]
OrderKind = Literal["goods", "service", "digital", "subscription", "travel", "finance"]
PerCurrency = Mapping[str, int]


class Part(BaseModel):
    """A part of the policy: frozen, and a misspelt field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class When(Part):
    """Conditions; an empty one always holds. Lists say "any of these"."""

    roles: tuple[Role, ...] = ()
    segments: tuple[Segment, ...] = ()
    necessity: tuple[Necessity, ...] = ()
    phases: tuple[Phase, ...] = ()
    severities: tuple[Severity, ...] = ()
    categories: tuple[str, ...] = ()
    sought: tuple[Remedy, ...] = ()
    delivered: bool | None = None
    # Of a recorded order only; an order that does not say is none of these.
    order_kinds: tuple[OrderKind, ...] = ()
    order_sold: tuple[Sold, ...] = ()

    @cached_property
    def asked(self) -> Mapping[str, tuple[str, ...]]:
        """The lists that ask for something, by name: most rules ask for little."""
        lists = {name: getattr(self, name) for name in When.model_fields if name != "delivered"}
        return {name: wanted for name, wanted in lists.items() if wanted}


class RightWhen(When):
    """Conditions of a right: also the order's, and what is to be given."""

    kinds: tuple[OrderKind, ...] = ()
    sold: tuple[Sold, ...] = ()
    gives: tuple[GestureKind, ...] = ()
    regretted: bool | None = None
    partial: bool | None = None
    double_charge: bool | None = None
    within_days: int | None = None
    counted_from: Literal["delivered_at", "purchased_at"] = "delivered_at"


class Right(Part):
    """One rule of a regime: where it stands, when that was read, and what it needs to know.

    `decides: person`, or `verified: false`: a machine never decides by it alone.
    `unknown`: what a missing fact of the order counts as.
    """

    code: str
    paragraph: str
    source: str
    read: date
    verified: bool
    reads: tuple[str, ...]
    when: RightWhen
    basis: Basis = "statutory"
    decides: Literal["machine", "person"] = "machine"
    unknown: Literal["met", "person"] = "person"
    note: str = ""


class Regime(Part):
    """A law, a promise or a principle, with its rules in order."""

    name: str
    note: str
    rules: tuple[Right, ...]


class Limits(Part):
    """Who may sign for how much of one currency, in minor units. Above both: a manager."""

    automatic: int
    team_lead: int


class Regretted(Part):
    """The one exception that needs no signature."""

    below_minor: PerCurrency
    days: int


class Goodwill(Part):
    """The rolling caps on gestures of goodwill that have a value."""

    days: int
    gestures_max: int
    value_minor_max: PerCurrency


class Given(Part):
    """A gesture of a table row; a value only in the currencies named."""

    kind: GestureKind
    owner: str = ""
    amount_minor: PerCurrency = {}


class SoughtRow(Part):
    """What the remedy sought becomes. `person`: a code, when only a person can give it."""

    when: When
    gives: GestureKind
    basis: Basis = "contractual"
    person: str | None = None


class FitRow(Part):
    """The gesture that fits a loss, when no remedy was named or a right does not say.

    `with_order`: also when there is an order, and so money, in it; `offered`: then as an offer
    to choose from. `beside`: only when one of these gestures is given, too.
    """

    code: str
    when: When
    gives: tuple[Given, ...]
    basis: Basis = "ex_gratia"
    with_order: bool = False
    offered: bool = False
    beside: tuple[GestureKind, ...] = ()


# What history and the payments tell when something is about to be given.
Fact = Literal["not_paid", "above_paid", "repaired_often"]


class Forbidden(Part):
    """What is never given: about the matter (`when`, `safety`), or when a fact holds.

    `binds: everyone`: a person may not, either.
    """

    code: str
    gives: frozenset[GestureKind]
    when: When = When()
    safety: bool | None = None
    fact: Fact | None = None
    binds: Literal["machine", "everyone"] = "machine"

    @model_validator(mode="after")
    def _one_kind(self) -> "Forbidden":
        if self.fact is None and self.binds == "everyone":
            message = f"{self.code}: what is read of a matter binds machines; only a fact everyone"
            raise ValueError(message)
        if self.fact is not None and (self.safety is not None or self.when != When()):
            message = f"{self.code}: about the matter, or about a fact, not both"
            raise ValueError(message)
        return self


class Task(Part):
    """Whose task a gesture is (a role), and within how many business hours, by severity."""

    owner: str
    business_h: Mapping[Severity, float]


class Budgets(Part):
    """What machines may give away in a day, in minor units: in all, and by gesture."""

    day_minor: PerCurrency
    gesture_minor: Mapping[GestureKind, PerCurrency] = {}

    def gestures(self, kind: GestureKind) -> PerCurrency:
        """The budget of one gesture; empty: only the day's counts."""
        return self.gesture_minor.get(kind, {})


class GrantTerms(Part):
    """How long a gesture of our own is good for, and how much of it where it has no value."""

    valid_days: int
    units: int = 0
    unit: str = ""


class Recovery(Part):
    """`recovery.yaml`."""

    confidence_min: float
    limits: Mapping[str, Limits]
    budgets: Budgets
    regretted: Regretted
    goodwill: Goodwill
    double_charge_days: int
    repairs_max: int
    approver_silence_business_h: float
    own_limit_days: int
    payout_business_days: int
    # Which payment provider money goes back by: how the payment references of each begin.
    providers: Mapping[str, tuple[str, ...]] = {}
    regimes: tuple[str, ...]
    kind_by_category: Mapping[str, OrderKind]
    whole_sum_categories: tuple[str, ...]
    needs_order: frozenset[GestureKind]
    costs_order: frozenset[GestureKind]
    rights_only: frozenset[GestureKind]
    once_on_a_matter: frozenset[GestureKind]
    forbidden: tuple[Forbidden, ...]
    accounts: Mapping[Basis, str]
    sought: tuple[SoughtRow, ...]
    fit: tuple[FitRow, ...]
    beside: tuple[FitRow, ...]
    more: tuple[FitRow, ...]
    apology: When
    tasks: Mapping[GestureKind, Task]
    grants: Mapping[GestureKind, GrantTerms]

    @model_validator(mode="after")
    def _nobody_pays_more_than_was_paid(self) -> "Recovery":
        for fact in ("not_paid", "above_paid"):
            rows = (row for row in self.forbidden if row.fact == fact and row.binds == "everyone")
            if not {kind for row in rows for kind in row.gives} >= ALONG_PAYMENT:
                message = f"forbidden: {fact} must bind everyone, for refund and price_reduction"
                raise ValueError(message)
        return self

    def provider_of_payment(self, reference: str | None) -> str:
        """The provider along whose payment money goes back; our own book when it is none's."""
        known = (
            name for name, starts in self.providers.items() if (reference or "").startswith(starts)
        )
        return next(known, "book")


class Policy(Part):
    """All that a decision of recovery may depend on besides event and history."""

    recovery: Recovery
    regimes: Mapping[str, Regime]
    people: People
    deadlines: Deadlines
    # `kulanse pause automatic`: whatever a machine would give by itself goes to a person.
    automatic_paused: bool = False

    def for_people_alone(self) -> "Policy":
        """The same rules, while no machine may decide by them."""
        return self.model_copy(update={"automatic_paused": True})

    def rights(self) -> tuple[Right, ...]:
        """Every right, in the order the regimes are asked."""
        return tuple(rule for name in self.recovery.regimes for rule in self.regimes[name].rules)

    def order_kind(self, order: Order | None, category: str) -> OrderKind | None:
        """What kind of order it is: as recorded, or as the complaint's category tells."""
        return (order.kind if order else None) or self.recovery.kind_by_category.get(category)


def load() -> tuple[Policy, str]:
    """The policy that is in force, and its digest."""
    return load_policy(
        Policy,
        recovery="recovery.yaml",
        regimes="regimes/*.yaml",
        people="people.yaml",
        deadlines=FILE,
    )
