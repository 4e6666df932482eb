"""The secret of record keys and of the door's proof: from settings, or a file when embedded."""

import os
import secrets
import tempfile
from pathlib import Path

from shared.errors import Refused
from shared.settings import Settings

FILE = "key_secret"
SECRET_BYTES = 32  # as long as the HMAC's own output
SHORTEST_CHARS = 32  # below this a guess is possible


def key_secret(settings: Settings) -> bytes:
    """The secret in bytes. Embedded, it is made once, and never again while the file is there.

    Raises `Refused` when it is too short to be one.
    """
    given = settings.key_secret.get_secret_value() or _kept(settings.state_dir / FILE)
    if len(given) < SHORTEST_CHARS:
        raise Refused(
            "key_secret_short",
            f"The key secret has fewer than {SHORTEST_CHARS} characters.",
            "Set KULANSE_KEY_SECRET to a long random one, once and for all.",
        )
    return given.encode()


def _kept(path: Path) -> str:
    if not path.exists():
        _make(path)
    return path.read_text(encoding="ascii").strip()


def _make(path: Path) -> None:
    """Write it whole, then link it: of two processes that start at once, one wins for both."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(SECRET_BYTES))
    try:
        os.link(name, path)
    except FileExistsError:
        pass  # the other process was quicker
    finally:
        Path(name).unlink()
