"""The secret of record keys and of the door's proof: from settings, or a file when embedded."""

from shared.secret import shared_secret
from shared.settings import Settings

FILE = "key_secret"


def key_secret(settings: Settings) -> bytes:
    """The secret in bytes; it never changes. Raises `Refused` when it is too short to be one."""
    return shared_secret(settings.key_secret, settings.state_dir / FILE)
