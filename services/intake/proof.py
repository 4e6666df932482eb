"""How a record shows that our own door produced it: an HMAC over what the door knows. Pure.

A Kafka record does not say who wrote it. The door writes down what it knows of the sender
(`kulanse_source`, `kulanse_scopes`), the id it derived before masking (`kulanse_complaint_id`),
and `kulanse_proof` over these and the SHA-256 of the value, with a key derived from the secret
that the stages share. A copied record proves only the same complaint again.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from services.intake.policy import VOUCHES
from services.intake.receive import Sender
from shared.contracts.submitted import DOOR_PROOF

DOOR = "kulanse/intake/door"
SOURCE, SCOPES = "kulanse_source", "kulanse_scopes"
COMPLAINT_ID = "kulanse_complaint_id"
_PURPOSE = b"kulanse intake door v1"  # the same secret also makes record keys
_STATUS = b"kulanse intake status v1"


@dataclass(frozen=True, slots=True)
class Known:
    """What a door knows of a message it took in."""

    source: str
    scopes: frozenset[str]
    complaint_id: str


def proof_headers(known: Known, *, value: bytes, secret: bytes) -> tuple[tuple[str, bytes], ...]:
    """The headers of a record that the door produces."""
    said = {
        SOURCE: known.source,
        SCOPES: " ".join(sorted(known.scopes)),
        COMPLAINT_ID: known.complaint_id,
    }
    headers = {**said, DOOR_PROOF: _proof(said, value=value, secret=secret)}
    return tuple((name, text.encode()) for name, text in headers.items())


def seal(source: str, complaint_id: str, *, secret: bytes) -> str:
    """Shows that this source was told this id: only it may ask what became of the complaint."""
    key = hmac.digest(secret, _STATUS, "sha256")
    return hmac.new(key, f"{source}\n{complaint_id}".encode(), hashlib.sha256).hexdigest()[:32]


def proved(headers: Mapping[str, str], *, value: bytes, secret: bytes) -> Sender | None:
    """The sender that a record's headers prove; None: they prove nothing."""
    said = {name: headers.get(name, "") for name in (SOURCE, SCOPES, COMPLAINT_ID)}
    given = headers.get(DOOR_PROOF, "").encode()
    if not hmac.compare_digest(given, _proof(said, value=value, secret=secret).encode()):
        return None
    return Sender(said[SOURCE], VOUCHES in said[SCOPES].split(), said[COMPLAINT_ID])


def _proof(said: Mapping[str, str], *, value: bytes, secret: bytes) -> str:
    key = hmac.digest(secret, _PURPOSE, "sha256")
    # Line by line: none of the three may hold a line break, so no two sayings are alike.
    lines = [said[SOURCE], said[SCOPES], said[COMPLAINT_ID], hashlib.sha256(value).hexdigest()]
    return hmac.new(key, "\n".join(lines).encode(), hashlib.sha256).hexdigest()
