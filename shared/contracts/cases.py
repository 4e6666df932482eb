"""What people do with a case, and what the desk answers: `cases`.

Commands carry the actor (a pseudonym of `people.yaml`), the role, the reason and the version the
actor saw. One rule for every reader, in partition order: a command whose seen version is not the
current one has no effect (the desk answers `case.refused`). The version of a case counts its
effective commands, from 0. Personal words lie in `personal`.
"""

from typing import ClassVar, Literal

from shared.contracts.contract import Contract, Count, FilledLine, Instant, Line, Sealed, Text
from shared.contracts.money import Currency, PositiveMinor
from shared.contracts.recoveries import Basis, GestureKind, Result
from shared.contracts.triaged import Severity


class CaseEvent(Contract):
    """A complaint of a case, and when."""

    complaint_id: str
    case_id: str
    at: Instant


class CaseCommand(CaseEvent):
    """What every command of a person carries. `simulated` marks the demo's own staff."""

    actor: FilledLine
    role: Line
    reason: Line = ""
    seen_version: Count
    simulated: bool = False


class Words(Contract):
    """What a person wrote to the complainant, or the complainant to her."""

    text: Text


class CaseOpened(CaseEvent):
    """There is something for a person here: why, and until when."""

    TYPE: ClassVar[str] = "kulanse.case.opened.v1"

    severity: Severity
    why: tuple[str, ...]
    due_at: Instant
    # How many effective commands the desk had seen when it opened (or opened again).
    after_version: Count = 0


class CaseAssigned(CaseCommand):
    """Taken: the actor owns it now."""

    TYPE: ClassVar[str] = "kulanse.case.assigned.v1"

    owner: FilledLine


class CaseHandedOver(CaseCommand):
    """Given to a named colleague."""

    TYPE: ClassVar[str] = "kulanse.case.handed_over.v1"

    owner: FilledLine


class CaseLinked(CaseCommand):
    """Two matters are one; reversible."""

    TYPE: ClassVar[str] = "kulanse.case.linked.v1"

    other_case_id: str


class CaseUnlinked(CaseCommand):
    """They were two after all."""

    TYPE: ClassVar[str] = "kulanse.case.unlinked.v1"

    other_case_id: str


class CaseOverridden(CaseCommand):
    """A handler's correction of one field of triage; it beats the machine's."""

    TYPE: ClassVar[str] = "kulanse.case.overridden.v1"

    field: FilledLine
    value: Line


class CaseAsked(CaseCommand):
    """A question to the complainant; the clock waits for the answer."""

    TYPE: ClassVar[str] = "kulanse.case.asked.v1"

    personal: Words | Sealed


class CaseAnswered(CaseCommand):
    """A person's message to the complainant."""

    TYPE: ClassVar[str] = "kulanse.case.answered.v1"

    personal: Words | Sealed


class GestureWanted(Contract):
    """A gesture that a person decided on."""

    kind: GestureKind
    amount_minor: PositiveMinor | None = None
    currency: Currency | None = None
    payment_reference: Line | None = None


class CaseDecided(CaseCommand):
    """A person's decision, with reasons for the complainant in `personal`."""

    TYPE: ClassVar[str] = "kulanse.case.decided.v1"

    result: Result
    basis: Basis | None = None
    gestures: tuple[GestureWanted, ...] = ()
    personal: Words | Sealed


class CaseClosed(CaseCommand):
    """Finished, by a named person."""

    TYPE: ClassVar[str] = "kulanse.case.closed.v1"


class CaseReopened(CaseCommand):
    """Not finished after all."""

    TYPE: ClassVar[str] = "kulanse.case.reopened.v1"


class CaseWithdrawn(CaseCommand):
    """The complainant took it back."""

    TYPE: ClassVar[str] = "kulanse.case.withdrawn.v1"


class TaskCreated(CaseEvent):
    """Something a person must do in the world: an owner's role and a due time."""

    TYPE: ClassVar[str] = "kulanse.task.created.v1"

    task_id: str
    what: GestureKind
    owner_role: Line
    due_at: Instant


class TaskDone(CaseCommand):
    """Done by the actor; `task_id` is the gesture's id."""

    TYPE: ClassVar[str] = "kulanse.task.done.v1"

    task_id: str


class CaseRefused(CaseEvent):
    """The desk's answer to a command that had no effect."""

    TYPE: ClassVar[str] = "kulanse.case.refused.v1"

    refused_id: str
    code: Literal["stale_version", "not_owner", "no_name", "not_open", "not_allowed"]
    actor: FilledLine
