"""What complainants say of how they were met: `feedback`."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.contract import Contract, Instant, Line


class FeedbackGiven(Contract):
    """One answer: the expectation at the start, or the experience at the end, 1 to 5."""

    TYPE: ClassVar[str] = "kulanse.feedback.given.v1"

    complaint_id: str
    case_id: str
    moment: Literal["expectation", "experience"]
    question: Line
    score: Annotated[int, Field(ge=1, le=5)]
    at: Instant


class SurveysDeclined(Contract):
    """They want no more surveys from us; what we owe them still comes."""

    TYPE: ClassVar[str] = "kulanse.feedback.declined.v1"

    complaint_id: str
    case_id: str
    at: Instant
