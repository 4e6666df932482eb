"""What is done about what people complain of: corrective measures, on `measures`."""

from typing import ClassVar

from shared.contracts.contract import Contract, FilledLine, Instant, Line
from shared.contracts.triaged import Phase


class MeasureRecorded(Contract):
    """Against which cause something is done, by whom, and from when on it holds.

    The last word on a `measure_id` counts. `cause` is triage's category, `owner` and `actor` are
    pseudonyms, and `what` names no complainant. `dropped`: it is done no more, or never was.
    """

    TYPE: ClassVar[str] = "kulanse.measure.recorded.v1"

    measure_id: str
    cause: FilledLine
    phase: Phase
    what: FilledLine
    owner: FilledLine
    holds_from: Instant
    dropped: bool = False
    actor: FilledLine
    reason: Line = ""
    at: Instant
