"""What every contract shares: strict when we produce, tolerant when we read.

A contract is a frozen pydantic model; its class says which event type it is. Constructing one
refuses unknown fields and wrong types; reading one from a topic ignores what a newer writer
added.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

# Postgres stores no NUL, and no reader of ours wants one; a lone surrogate never gets this far.
NO_NUL = r"^[^\x00]*$"
LINE_CHARS_MAX = 500  # one line of a form: a name, a subject, a reference
TEXT_CHARS_MAX = 40_000  # about ten thousand words; the doors take 64 KiB in all

Line = Annotated[str, StringConstraints(max_length=LINE_CHARS_MAX, pattern=NO_NUL)]
FilledLine = Annotated[
    str, StringConstraints(min_length=1, max_length=LINE_CHARS_MAX, pattern=r"^[^\x00]*\S[^\x00]*$")
]
Text = Annotated[str, StringConstraints(max_length=TEXT_CHARS_MAX, pattern=NO_NUL)]
FilledText = Annotated[
    str, StringConstraints(min_length=1, max_length=TEXT_CHARS_MAX, pattern=r"^[^\x00]*\S[^\x00]*$")
]
Instant = AwareDatetime
Count = Annotated[int, Field(ge=0, le=2**53)]

Channel = Literal["email", "web", "chat", "social", "phone", "in_person", "partner"]
Role = Literal["customer", "user", "both", "unknown"]
Segment = Literal["consumer", "small_business", "business"]
WrittenForm = Literal["nb", "nn", "en", "other"]


class Contract(BaseModel):
    """A frozen, strict value that crosses a process boundary."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    # "kulanse.complaint.registered.v1" on events; empty on the parts they are made of.
    TYPE: ClassVar[str] = ""


class Sealed(Contract):
    """A `personal` block that only the vault can open (issue 6)."""

    sealed: str
    key_id: str


def is_sealed(value: object) -> bool:
    """Whether this JSON is a sealed block and nothing else."""
    return isinstance(value, Mapping) and value.keys() == {"sealed", "key_id"}
