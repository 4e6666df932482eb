"""Phase: before, during or after the purchase."""

from services.triage.model import Reading
from shared.contracts.triaged import Kind, Phase


def phase_of(reading: Reading, kind: Kind, *, category: str) -> Phase:
    """Delivered or in use: after. Under way: during. Not bought yet: before."""
    order = reading.complaint.order
    delivered = order is not None and order.delivered_at is not None
    if delivered or reading.has("phase.after", "regret"):
        return "after"
    if reading.has("phase.before") or (kind == "question" and order is None):
        return "before"
    if category in {"delivery", "access"} or reading.has("phase.during"):
        return "during"
    return "after"
