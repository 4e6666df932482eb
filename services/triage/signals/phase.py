"""Phase: before, during or after the purchase."""

from typing import NamedTuple

from services.triage.model import Reading, Words
from shared.contracts.triaged import Kind, Phase


class PhaseRead(NamedTuple):
    """The phase, and the words that told; none where the order or the category did."""

    phase: Phase
    evidence: Words = ()


def phase_of(reading: Reading, kind: Kind, *, category: str) -> PhaseRead:
    """Delivered or in use: after. Under way: during. Not bought yet: before."""
    order = reading.complaint.order
    delivered = order is not None and order.delivered_at is not None
    if delivered or reading.has("phase.after", "regret"):
        return PhaseRead("after", reading.words("phase.after", "regret"))
    if reading.has("phase.before") or (kind == "question" and order is None):
        return PhaseRead("before", reading.words("phase.before"))
    if category in {"delivery", "access"} or reading.has("phase.during"):
        return PhaseRead("during", reading.words("phase.during"))
    return PhaseRead("after")
