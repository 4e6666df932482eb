"""A message as intake has it in hand: what was submitted, who sent it, and the id it has."""

from shared.contracts.contract import Instant
from shared.contracts.submitted import ComplaintSubmitted


class Received(ComplaintSubmitted):
    """A submitted complaint at the stage's door, its numbers masked.

    `complaint_id` is derived from the words as they came, before masking. `vouched`: its source
    may state orders as facts. `taken_at` is when the channel had it.
    """

    complaint_id: str
    source: str
    vouched: bool
    taken_at: Instant
