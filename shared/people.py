"""Who works here: `deploy/policy/people.yaml`. Persons are pseudonyms; names stay elsewhere."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.contracts.contract import WrittenForm

StaffRole = Literal[
    "agent",
    "team_lead",
    "manager",
    "supervisor",
    "safety_officer",
    "finance",
    "account_contact",
    # Reads everything, acts on nothing.
    "auditor",
]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAYS: tuple[str, ...] = get_args(Weekday)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OnCall(_Part):
    """Hours on the wall clock; `to_hour` 24 is midnight. Both 0 and 24: day and night."""

    days: tuple[Weekday, ...]
    from_hour: int = Field(ge=0, le=23)
    to_hour: int = Field(ge=1, le=24)


class Person(_Part):
    """One colleague. `limit_minor` by currency: what her own signature is good for; none is 0.

    `never_handles` are categories that never land with her. `account_contact_of` names the
    segments or organisations whose contact she is.
    """

    person: str
    role: StaffRole
    team: str
    limit_minor: Mapping[str, int] = {}
    written_forms: tuple[WrittenForm, ...] = ("nb",)
    on_call: tuple[OnCall, ...] = ()
    deputy: str | None = None
    account_contact_of: tuple[str, ...] = ()
    never_handles: tuple[str, ...] = ()

    def may_sign(self, totals_minor: Mapping[str, int]) -> bool:
        """Whether every currency's total lies within her limit."""
        return all(
            total <= self.limit_minor.get(currency, 0) for currency, total in totals_minor.items()
        )

    def is_on_call(self, local: datetime) -> bool:
        """Whether she is there at this moment of the wall clock."""
        day, hour = _DAYS[local.weekday()], local.hour
        return any(
            day in slot.days and slot.from_hour <= hour < slot.to_hour for slot in self.on_call
        )


class People(_Part):
    """Everyone, in the order of the file."""

    people: tuple[Person, ...]

    @model_validator(mode="after")
    def _known(self) -> "People":
        names = [each.person for each in self.people]
        if len(names) != len(set(names)):
            message = "a pseudonym stands twice"
            raise ValueError(message)
        for each in self.people:
            if each.deputy is not None and each.deputy not in names:
                message = f"the deputy of {each.person} is not in the list"
                raise ValueError(message)
        return self

    @cached_property
    def names(self) -> frozenset[str]:
        """Every pseudonym."""
        return frozenset(each.person for each in self.people)

    def named(self, person: str) -> Person | None:
        """The colleague with this pseudonym."""
        return next((each for each in self.people if each.person == person), None)

    def with_role(self, role: str) -> Iterator[Person]:
        """Everyone in a role, in the order of the file."""
        return (each for each in self.people if each.role == role)
