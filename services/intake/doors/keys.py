"""API keys of the HTTP door: a file of hashes, from which no usable key can be read back.

A key is `kul_ID_SECRET`. The file keeps, by ID, the SHA-256 of the whole key, its source and its
scopes; the secret has 256 random bits, so no slow hash is needed. The file is read again when it
changes: a revoked key stops working at once.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, RootModel, TypeAdapter, ValidationError

from services.intake.policy import Scope, SourceName
from shared.errors import Refused

FILE = "keys.json"
PREFIX = "kul"
PARTS = 3  # kul, id, secret
ID_BYTES, SECRET_BYTES = 4, 32
KEY_CHARS_MAX = 128  # longer is no key of ours; not worth hashing
OWNER_ONLY = 0o600


class Kept(BaseModel):
    """What is kept of a key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str
    source: SourceName
    scopes: frozenset[Scope]
    made_at: AwareDatetime | None = None  # None: before keys had times
    expires_at: AwareDatetime | None = None

    def lives(self, now: datetime) -> bool:
        """Whether it still opens the door."""
        return self.expires_at is None or now < self.expires_at


class _KeptKeys(RootModel[dict[str, Kept]]):
    """The whole file, by key id."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a key belongs to, and in which trace of its own it calls."""

    source: str
    scopes: frozenset[str]
    traceparent: str | None = None


def mint_key(
    state_dir: Path,
    source: str,
    *,
    scopes: Iterable[Scope] = (),
    expires_at: datetime | None = None,
) -> str:
    """Make a key for a source; the key in the open, which is shown once and kept nowhere."""
    check_source(source)
    key_id = secrets.token_hex(ID_BYTES)
    key = f"{PREFIX}_{key_id}_{secrets.token_urlsafe(SECRET_BYTES)}"
    path = state_dir / FILE
    kept = Kept(
        sha256=_hash(key),
        source=source,
        scopes=frozenset(scopes),
        made_at=datetime.now(UTC),
        expires_at=expires_at,
    )
    _write(path, {**_read(path), key_id: kept})
    return key


def kept_keys(state_dir: Path) -> dict[str, Kept]:
    """What is kept of every key, by its id."""
    return _read(state_dir / FILE)


def end_key(state_dir: Path, key_id: str, *, at: datetime) -> None:
    """Let a key end at a time, or earlier if it does already."""
    path = state_dir / FILE
    kept = _read(path)
    before = kept[key_id].expires_at
    ends = at if before is None else min(at, before)
    _write(path, {**kept, key_id: kept[key_id].model_copy(update={"expires_at": ends})})


def revoke_key(state_dir: Path, key: str) -> bool:
    """Forget a key, given in the open or by its id; whether it was there."""
    path = state_dir / FILE
    kept = _read(path)
    gone = kept.pop(_id_of(key) or key, None)
    _write(path, kept)
    return gone is not None


def _now() -> datetime:
    return datetime.now(UTC)


class Keys:
    """The keys as the door knows them."""

    def __init__(self, state_dir: Path, now: Callable[[], datetime] = _now) -> None:
        """The file may not be there yet: then nobody is let in."""
        self._path, self._now = state_dir / FILE, now
        self._read_at = (0, 0)
        self._kept: dict[str, Kept] = {}

    def caller(self, key: str) -> Caller | None:
        """Whose key it is; None: nobody's."""
        self._refresh()
        kept = self._kept.get(_id_of(key) or "")
        if kept is None or not hmac.compare_digest(kept.sha256, _hash(key)):
            return None
        return Caller(kept.source, frozenset(kept.scopes)) if kept.lives(self._now()) else None

    def _refresh(self) -> None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            self._kept, self._read_at = {}, (0, 0)
            return
        # A new file has a new inode, also when the clock has not moved on.
        now = (found.st_ino, found.st_mtime_ns)
        if now != self._read_at:
            self._kept, self._read_at = _read(self._path), now


def check_source(source: str) -> None:
    """Refuse what is no plain name of a source."""
    try:
        TypeAdapter[str](SourceName).validate_python(source)
    except ValidationError:
        hint = "Use small letters, digits, - and _, as in web-shop."
        raise Refused("source_name", f"{source!r} is no name of a source.", hint) from None


def _id_of(key: str) -> str | None:
    parts = key.split("_", 2)
    whole = len(parts) == PARTS and parts[0] == PREFIX and len(key) <= KEY_CHARS_MAX
    return parts[1] if whole else None


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _read(path: Path) -> dict[str, Kept]:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return {}
    try:
        return _KeptKeys.model_validate_json(raw).root
    except ValidationError:
        hint = "Restore it, or delete it and make new keys."
        raise Refused("keys_unreadable", f"{path} is not a file of keys.", hint) from None


def _write(path: Path, kept: dict[str, Kept]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{FILE}.{secrets.token_hex(ID_BYTES)}")
    new.touch(mode=OWNER_ONLY)
    new.write_text(_KeptKeys(kept).model_dump_json(indent=2), encoding="utf-8")
    os.replace(new, path)  # noqa: PTH105 -- the atomic one, by its own name
