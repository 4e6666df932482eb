"""Signed, expiring links: what a mail lets its reader do, and nothing of who reads it. Pure.

The same token, in a header, tells which mail of ours has come back.

Notify makes a token when a mail leaves; intake's door reads it. It holds what it is for, in which
written form the page answers, until when, and ids of ours (the record key is an HMAC itself): no
name, no address, no words. HMAC-SHA256 over all of it, cut to 128 bits, with a key of its own
made from the link secret.
"""

import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args
from uuid import UUID

from shared.contracts.identity import derived

Purpose = Literal["choose", "expectation", "experience", "no_surveys", "returned"]
Form = Literal["nb", "nn", "en"]
PATH = "/l/"
RETURN_HEADER = "X-Kulanse-Return"  # in our mails: a bounce brings it back
# Their places are in links that were sent: new ones go to the end.
_PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
_FORMS: tuple[Form, ...] = get_args(Form)
_SIGNS = b"kulanse link v1"
# Purpose, form, version of the offer, until (Unix s); record key, complaint, case, about.
_LAYOUT = struct.Struct(">BBHI16s16s16s16s")
_SEAL_BYTES = 16
_BYTES = _LAYOUT.size + _SEAL_BYTES
_TOKEN_CHARS = (_BYTES * 4 + 2) // 3
_NONE = bytes(16)


@dataclass(frozen=True, slots=True)
class Link:
    """What a link is for. `key`: the record key; ids are UUIDs; `until` in whole seconds.

    `about`: the recovery that is chosen, the notice that came back, or nothing.
    """

    purpose: Purpose
    form: Form
    until: datetime
    key: str
    complaint_id: str
    case_id: str
    about: str | None = None
    version: int = 0


def token_of(link: Link, *, secret: bytes) -> str:
    """The link as it stands in an address; the same bytes for the same link."""
    packed = _LAYOUT.pack(
        _PURPOSES.index(link.purpose),
        _FORMS.index(link.form),
        link.version,
        int(link.until.timestamp()),
        bytes.fromhex(link.key),
        UUID(link.complaint_id).bytes,
        UUID(link.case_id).bytes,
        UUID(link.about).bytes if link.about else _NONE,
    )
    return urlsafe_b64encode(packed + _seal(packed, secret)).rstrip(b"=").decode()


def link_of(token: str, *, secret: bytes) -> Link | None:
    """The link of a token that we signed, expired or not; None for anything else."""
    if len(token) != _TOKEN_CHARS or not token.isascii():
        return None
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return None
    packed, seal = raw[: _LAYOUT.size], raw[_LAYOUT.size :]
    if not hmac.compare_digest(seal, _seal(packed, secret)):
        return None
    purpose, form, version, until_s, key, complaint, case, about = _LAYOUT.unpack(packed)
    return Link(
        _PURPOSES[purpose],
        _FORMS[form],
        datetime.fromtimestamp(until_s, UTC),
        key.hex(),
        str(UUID(bytes=complaint)),
        str(UUID(bytes=case)),
        None if about == _NONE else str(UUID(bytes=about)),
        version,
    )


def effect_of(notice_id: str) -> str:
    """The key of the effect that sends a notice."""
    return derived("effect", notice_id)


def _seal(packed: bytes, secret: bytes) -> bytes:
    key = hmac.digest(secret, _SIGNS, "sha256")
    return hmac.digest(key, packed, "sha256")[:_SEAL_BYTES]
