"""Anything with a date that was said to a complainant: `promises`."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.contract import Contract, Instant, Line

PromiseKind = Literal["first_touch", "final_answer", "payout", "task", "follow_up", "report"]


class Promise(Contract):
    """What, to whom, until when. `owner` is a role or a pseudonym."""

    promise_id: str
    complaint_id: str
    case_id: str
    kind: PromiseKind
    due_at: Instant
    owner: Line = ""


class PromiseMade(Promise):
    """Said; the clock runs."""

    TYPE: ClassVar[str] = "kulanse.promise.made.v1"


class PromiseAtRisk(Promise):
    """So much of the time is gone."""

    TYPE: ClassVar[str] = "kulanse.promise.at_risk.v1"

    percent: Annotated[int, Field(ge=1, le=100)]


class PromiseBroken(Promise):
    """The time is over."""

    TYPE: ClassVar[str] = "kulanse.promise.broken.v1"


class PromiseKept(Promise):
    """Done in time."""

    TYPE: ClassVar[str] = "kulanse.promise.kept.v1"
