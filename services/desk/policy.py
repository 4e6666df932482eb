"""What the desk must know that is policy: deadlines, tasks, hours, and who works here."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from shared.business_time import FILE, Deadlines, Within
from shared.contracts.recoveries import GestureKind
from shared.contracts.triaged import Kind
from shared.people import People

# Which files make up the policy, for `load_policy`.
FILES = {"rules": "desk.yaml", "people": "people.yaml", "deadlines": FILE}


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
    tasks: Mapping[GestureKind, Task]
    known_as: Mapping[str, str] = {}


class DeskPolicy(Part):
    """The desk's rules and everyone who works here."""

    rules: Rules
    people: People
    deadlines: Deadlines
