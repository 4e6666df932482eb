"""Secrets that several of our processes share: from settings, or a file when embedded."""

import os
import secrets
import tempfile
from pathlib import Path

from pydantic import SecretStr

from shared.errors import Refused
from shared.settings import Settings

LINK_FILE = "link_secret"
SECRET_BYTES = 32  # as long as the HMAC's own output
SHORTEST_CHARS = 32  # below this a guess is possible


def link_secret(settings: Settings) -> bytes:
    """What signs the links in our mails; another one ends every link that was sent."""
    return shared_secret(settings.link_secret, settings.state_dir / LINK_FILE)


def shared_secret(given: SecretStr, path: Path) -> bytes:
    """The secret in bytes. Embedded, it is made once, and never again while the file is there.

    Raises `Refused` when it is too short to be one.
    """
    found = given.get_secret_value() or _kept(path)
    if len(found) < SHORTEST_CHARS:
        raise Refused(
            f"{path.name}_short",
            f"The secret {path.name} has fewer than {SHORTEST_CHARS} characters.",
            f"Set KULANSE_{path.name.upper()} to a long random one, once and for all.",
        )
    return found.encode()


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
