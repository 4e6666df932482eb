"""What the desk must know that is policy: deadlines, tasks, hours, and who works here."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from shared.business_time import Calendar, Within
from shared.contracts.recoveries import GestureKind
from shared.contracts.triaged import Kind, Severity
from shared.people import People

# Which files make up the policy, for `load_policy`.
FILES = {"rules": "desk.yaml", "people": "people.yaml", "calendar": "calendar.yaml"}


class Part(BaseModel):
    """A frozen piece of policy; a misspelt key is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Task(Part):
    """Whose task a gesture is, and until when."""

    owner_role: str
    within: Within


class Rules(Part):
    """`deploy/policy/desk.yaml`."""

    kinds_for_people: tuple[Kind, ...]
    first_touch: Mapping[Severity, Within]
    first_touch_by_kind: Mapping[Kind, Within] = {}
    tasks: Mapping[GestureKind, Task]
    known_as: Mapping[str, str] = {}


class DeskPolicy(Part):
    """The desk's rules and everyone who works here."""

    rules: Rules
    people: People
    calendar: Calendar

    @property
    def pseudonyms(self) -> frozenset[str]:
        """Everyone whose commands can have an effect."""
        return frozenset(each.person for each in self.people.people)
