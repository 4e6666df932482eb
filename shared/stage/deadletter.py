"""Dead letters: the original bytes as the value; reason and provenance as headers.

What a complainant can be told of is sealed with her key, its own key and headers too: the value is
then `{"sealed", "key_id"}`, and `dl_whose` her record key.
"""

from dataclasses import replace

import orjson

from shared.contracts.contract import Contract
from shared.contracts.envelope import Event, Outgoing, Record
from shared.contracts.topics import DEAD_LETTERS
from shared.errors import Fault, Invalid
from shared.stage.outputs import pack, unpack
from shared.stage.sealing import Seals

INTERNAL_ERROR = Fault("internal_error", "", "our fault: fix the stage, then `kulanse dlq replay`")
# A hostile document has thousands of faults; the headers must fit beside the original bytes.
FAULTS_SHOWN_MAX = 20
WHOSE = "dl_whose"
_PREFIX = "dl_"


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


def sealed_letter(letter: Outgoing, vault: Seals, *, event: Event[Contract]) -> Outgoing:
    """The letter with all that its sender wrote sealed; as it is for somebody without a key."""
    found = vault.sealed_bytes(event, pack([letter]) or b"")
    if found is None:
        return letter
    ours = tuple((name, raw) for name, raw in letter.headers if name.startswith(_PREFIX))
    headers = (*ours, (WHOSE, event.key.encode()))
    return Outgoing(letter.topic, event.key.encode(), orjson.dumps(found), headers)


def opened_letter(record: Record, vault: Seals) -> Record | None:
    """The record as it would lie there unsealed; None when its key is gone."""
    whose = dict(record.headers).get(WHOSE)
    if whose is None:
        return record
    plain = vault.opened_bytes(whose.decode(), orjson.loads(record.value or b"{}"))
    if plain is None:
        return None
    (letter,) = unpack(plain)
    return replace(record, key=letter.key, value=letter.value, headers=letter.headers)
