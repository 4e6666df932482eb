"""Ids are derived, never drawn: the same cause gives the same id everywhere, after any crash."""

import hashlib
import hmac
import unicodedata
from functools import lru_cache
from uuid import UUID

# The root of all our ids; fixed for ever.
KULANSE = UUID("6f0f4a0e-0c5b-5d0a-9d53-6b756c616e73")
_NAMESPACE = KULANSE.bytes
# 128 bits of the HMAC as hex: no two complainants meet, and the key stays short on the wire.
KEY_HEX_CHARS = 32
KEYS_CACHED_MAX = 65_536
IDS_CACHED_MAX = 16_384
REFERENCE_CHARS = 8  # of a derived id: enough to find it, few enough to read aloud


def derived(*parts: object) -> str:
    """A UUID of these parts, in this order. Parts are told apart, so ("a", "b") is not ("ab",)."""
    return _uuid5("\x1f".join([str(part) for part in parts]))


# A stage asks for the same id several times while it looks at an event.
@lru_cache(maxsize=IDS_CACHED_MAX)
def _uuid5(name: str) -> str:
    """`str(uuid5(KULANSE, name))` without the UUID object: a third of the time."""
    raw = bytearray(hashlib.sha1(_NAMESPACE + name.encode(), usedforsecurity=False).digest()[:16])
    raw[6] = raw[6] & 0x0F | 0x50
    raw[8] = raw[8] & 0x3F | 0x80
    digits = raw.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def complaint_id(source: str, channel_message_id: str, *, subject: str | None, text: str) -> str:
    """The complaint's id: a resend is the same complaint, the same id with other text is not.

    Subject and text count as received, in Unicode NFC; absent and empty subject are the same.
    """
    said = unicodedata.normalize("NFC", f"{subject or ''}\x1e{text}")
    # A text with a lone surrogate never gets here: every door refuses it.
    digest = hashlib.sha256(said.encode()).hexdigest()
    return derived("complaint", source, channel_message_id, digest)


def own_case(complaint_id: str) -> str:
    """The case that a complaint opens when it is linked to none."""
    return derived("case", complaint_id)


def reference_of(complaint_id: str) -> str:
    """What people call the matter by; intake finds it again in the subject of a reply."""
    return f"K-{complaint_id[:REFERENCE_CHARS].upper()}"


def record_key(secret: bytes, identity: str) -> str:
    """The record key of a complainant: an HMAC, so that a topic names nobody."""
    return hmac.new(secret, identity.encode(), hashlib.sha256).hexdigest()[:KEY_HEX_CHARS]


@lru_cache(maxsize=KEYS_CACHED_MAX)
def partition_of(key: bytes, partitions: int) -> int:
    """Where Kafka's own clients put a key (murmur2, as the Java client does)."""
    return (_murmur2(key) & 0x7FFFFFFF) % partitions


def _murmur2(data: bytes) -> int:
    """MurmurHash2, 32 bit, seed and constants as in org.apache.kafka.common.utils.Utils."""
    length, multiplier, mask = len(data), 0x5BD1E995, 0xFFFFFFFF
    mixed = (0x9747B28C ^ length) & mask
    words = length // 4
    for index in range(words):
        word = int.from_bytes(data[index * 4 : index * 4 + 4], "little")
        word = word * multiplier & mask
        word = (word ^ (word >> 24)) * multiplier & mask
        mixed = (mixed * multiplier & mask) ^ word
    rest = data[words * 4 :]
    if rest:
        mixed = (mixed ^ int.from_bytes(rest, "little")) * multiplier & mask
    mixed = (mixed ^ (mixed >> 13)) * multiplier & mask
    return mixed ^ (mixed >> 15)
