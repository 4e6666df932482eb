"""A complaint as JSON: what the HTTP door and partners send."""

from shared.contracts.codec import read
from shared.contracts.strict_json import check
from shared.contracts.submitted import ComplaintSubmitted

MEDIA_TYPE = "application/json"
BYTES_MAX = 64 * 1024  # ten thousand words and their form; a longer letter comes by mail


def submitted_from_json(raw: bytes) -> ComplaintSubmitted:
    """Read one complaint, strictly; raises `Invalid` with every fault."""
    check(raw)
    return read(ComplaintSubmitted, raw, unknown="forbid")
