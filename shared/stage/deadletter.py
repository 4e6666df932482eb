"""Dead letters: the original bytes as the value; reason and provenance as headers."""

from shared.contracts.envelope import Outgoing, Record
from shared.contracts.topics import DEAD_LETTERS
from shared.errors import Fault, Invalid

INTERNAL_ERROR = Fault("internal_error", "", "our fault: fix the stage, then `kulanse dlq replay`")
# A hostile document has thousands of faults; the headers must fit beside the original bytes.
FAULTS_SHOWN_MAX = 20


def dead_letter(record: Record, invalid: Invalid, *, stage: str) -> Outgoing:
    """The record as it came, with why and where from."""
    shown = invalid.faults[:FAULTS_SHOWN_MAX]
    first = invalid.first
    headers = (
        ("dl_stage", stage.encode()),
        ("dl_code", first.code.encode()),
        ("dl_field", first.field.encode()),
        ("dl_hint", first.hint.encode()),
        ("dl_faults", "; ".join(f"{f.code} {f.field}" for f in shown).encode()),
        ("dl_topic", record.topic.encode()),
        ("dl_partition", str(record.partition).encode()),
        ("dl_offset", str(record.offset).encode()),
        ("dl_timestamp_ms", str(record.timestamp_ms).encode()),
        ("dl_null", b"1" if record.value is None else b"0"),
    )
    # Ours come last: whoever reads a name takes the last one, whatever a sender called its own.
    return Outgoing(DEAD_LETTERS.name, record.key, record.value or b"", record.headers + headers)
