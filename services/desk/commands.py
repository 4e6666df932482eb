"""What a person may say at the door, and the contract event that it becomes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, TypeVar

from services.desk.model import CaseView, RecoveryView, TaskView
from shared.contracts import approvals as ap
from shared.contracts import cases as ca
from shared.contracts.contract import Contract, Count, FilledLine, FilledText, Line
from shared.contracts.recoveries import Basis, Result


class Said(Contract):
    """What every command may carry. `seen_version`: of the case as she saw it (None: as it is)."""

    reason: Line = ""
    seen_version: Count | None = None
    complaint_id: Line | None = None


class SaidText(Said):
    """A message to the complainant."""

    text: FilledText


class SaidDecision(SaidText):
    """A decision; `text` is the reasons, for the complainant."""

    result: Result
    basis: Basis | None = None
    gestures: tuple[ca.GestureWanted, ...] = ()


class SaidOwner(Said):
    """To whom it is handed over."""

    owner: FilledLine


class SaidOther(Said):
    """The other case, by its id or our reference."""

    other: FilledLine


class SaidCorrection(Said):
    """A field of triage, and what it should be."""

    field: FilledLine
    value: Line


class SaidApproval(Contract):
    """A signature. `seen_version`: of the recovery."""

    reason: Line = ""
    seen_version: Count | None = None


class SaidRejection(SaidApproval):
    """No signature; somebody must tell the complainant why."""

    reason: FilledLine


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks, in which role, and when the door heard it."""

    person: str
    role: str
    at: datetime
    simulated: bool = False


class _Common(TypedDict):
    complaint_id: str
    case_id: str
    at: datetime
    actor: str
    role: str
    reason: str
    seen_version: int
    simulated: bool


S = TypeVar("S", bound=Said)
Make = Callable[[Said, _Common], ca.CaseCommand]


def _verb(body: type[S], make: Callable[[S, _Common], ca.CaseCommand]) -> tuple[type[Said], Make]:
    def checked(said: Said, common: _Common) -> ca.CaseCommand:
        return make(body.model_validate(said), common)

    return body, checked


def _decided(said: SaidDecision, common: _Common) -> ca.CaseDecided:
    return ca.CaseDecided(
        **common,
        result=said.result,
        basis=said.basis,
        gestures=said.gestures,
        personal=ca.Words(text=said.text),
    )


# The verbs of POST /v1/cases/{id}/VERB: the body each takes and the event it becomes.
VERBS: dict[str, tuple[type[Said], Make]] = {
    "take": _verb(Said, lambda _, c: ca.CaseAssigned(**c, owner=c["actor"])),
    "hand-over": _verb(SaidOwner, lambda s, c: ca.CaseHandedOver(**c, owner=s.owner)),
    "ask": _verb(SaidText, lambda s, c: ca.CaseAsked(**c, personal=ca.Words(text=s.text))),
    "reply": _verb(SaidText, lambda s, c: ca.CaseAnswered(**c, personal=ca.Words(text=s.text))),
    "decide": _verb(SaidDecision, _decided),
    "close": _verb(Said, lambda _, c: ca.CaseClosed(**c)),
    "reopen": _verb(Said, lambda _, c: ca.CaseReopened(**c)),
    "withdraw": _verb(Said, lambda _, c: ca.CaseWithdrawn(**c)),
    "override": _verb(
        SaidCorrection, lambda s, c: ca.CaseOverridden(**c, field=s.field, value=s.value)
    ),
    "link": _verb(SaidOther, lambda s, c: ca.CaseLinked(**c, other_case_id=s.other)),
    "unlink": _verb(SaidOther, lambda s, c: ca.CaseUnlinked(**c, other_case_id=s.other)),
}


def case_command(verb: str, said: Said, *, case: CaseView, by: Speaker) -> ca.CaseCommand:
    """The command on a case; of the complaint she names, else of its latest."""
    _, make = VERBS[verb]
    return make(said, _common(said, case, complaint_id=said.complaint_id, by=by))


def task_done(said: Said, *, case: CaseView, task: TaskView, by: Speaker) -> ca.TaskDone:
    """A task was done."""
    common = _common(said, case, complaint_id=task.complaint_id, by=by)
    return ca.TaskDone(**common, task_id=task.task_id)


def approval(
    said: SaidApproval, recovery: RecoveryView, *, by: Speaker
) -> ap.ApprovalGiven | ap.ApprovalDeclined:
    """Her words on a recovery: a `SaidRejection` declines."""
    kind = ap.ApprovalDeclined if isinstance(said, SaidRejection) else ap.ApprovalGiven
    seen = recovery.now.version if said.seen_version is None else said.seen_version
    return kind(
        recovery_id=recovery.recovery_id,
        complaint_id=recovery.now.complaint_id,
        case_id=recovery.now.case_id,
        seen_version=seen,
        actor=by.person,
        role=by.role,
        reason=said.reason,
        at=by.at,
        simulated=by.simulated,
    )


def complaint_of(case: CaseView) -> str:
    """The complaint that a command is about when nobody says: the latest."""
    ids = [complaint.complaint_id for complaint in case.complaints]
    return ids[-1] if ids else case.recoveries[-1].now.complaint_id if case.recoveries else ""


def _common(said: Said, case: CaseView, *, complaint_id: str | None, by: Speaker) -> _Common:
    return _Common(
        complaint_id=complaint_id or complaint_of(case),
        case_id=case.case_id,
        at=by.at,
        actor=by.person,
        role=by.role,
        reason=said.reason,
        seen_version=case.version if said.seen_version is None else said.seen_version,
        simulated=by.simulated,
    )
