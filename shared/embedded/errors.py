"""What goes wrong with a broker of one's own: always one line, and what to do about it."""

from shared.errors import Refused


class EmbeddedError(Refused):
    """The broker cannot run. `code` is stable, for scripts and tests; the rest is for people."""
