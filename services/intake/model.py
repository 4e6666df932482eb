"""A message as intake has it in hand: what was submitted, who sent it, and the id it has."""

from typing import ClassVar

from shared.contracts.contract import Contract, Instant
from shared.contracts.submitted import ComplaintSubmitted


class Received(Contract):
    """A submitted complaint at the stage's door, its numbers masked.

    `complaint_id` is derived from the words as they came, before masking. `vouched`: its source
    may state orders as facts. `taken_at` is when the channel had it.
    """

    TYPE: ClassVar[str] = ComplaintSubmitted.TYPE

    submitted: ComplaintSubmitted
    complaint_id: str
    source: str
    vouched: bool
    taken_at: Instant
