"""Personal tokens of the desk's door: only their hashes lie on disk, with the pseudonym."""

import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

FILE = "people-tokens.json"
PREFIX = "kulanse_person_"  # so that a leaked one is recognised by secret scanners
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose token it is; `simulated` marks the demo's own staff in every event."""

    person: str
    simulated: bool = False


def mint_token(state_dir: Path, person: str, *, simulated: bool = False) -> str:
    """A new token for a person, shown once; others of hers stay good."""
    token = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    path = state_dir / FILE
    held = _read(path)
    held[_hash(token)] = Holder(person, simulated)
    state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(path, held)
    return token


class Tokens:
    """The file, read again whenever it changed, so that a removed token stops working at once."""

    def __init__(self, state_dir: Path) -> None:
        """Nothing is read yet."""
        self._path = state_dir / FILE
        self._stamp: tuple[int, int] | None = None
        self._held: dict[str, Holder] = {}

    def holder(self, token: str) -> Holder | None:
        """Whose token this is. Only hashes are compared, so the time taken tells nothing of it."""
        stamp = self._now()
        if stamp != self._stamp:
            self._held, self._stamp = _read(self._path), stamp
        return self._held.get(_hash(token))

    def _now(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return (found.st_mtime_ns, found.st_ino)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _read(path: Path) -> dict[str, Holder]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {hash_: Holder(each["person"], each["simulated"]) for hash_, each in found.items()}


def _write(path: Path, held: dict[str, Holder]) -> None:
    """All or nothing, readable by its owner alone."""
    content = {h: {"person": each.person, "simulated": each.simulated} for h, each in held.items()}
    fresh = path.with_suffix(f".{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
    fresh.replace(path)
