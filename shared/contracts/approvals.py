"""People's words on a proposed recovery: `approvals`."""

from typing import ClassVar

from shared.contracts.contract import Contract, Count, FilledLine, Instant, Line


class ApprovalWords(Contract):
    """Who says it, in which role, of which version, and why.

    `actor` is a pseudonym of `people.yaml`; `simulated` marks the demo's own team lead.
    """

    recovery_id: str
    complaint_id: str
    case_id: str
    seen_version: Count
    actor: FilledLine
    role: Line
    reason: Line = ""
    at: Instant
    simulated: bool = False


class ApprovalGiven(ApprovalWords):
    """Signed."""

    TYPE: ClassVar[str] = "kulanse.approval.given.v1"


class ApprovalDeclined(ApprovalWords):
    """Not signed; `reason` is required by recovery."""

    TYPE: ClassVar[str] = "kulanse.approval.declined.v1"
