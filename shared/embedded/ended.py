"""Why a broker ended by itself: read from its log and its disk, said in one line."""

from shared.embedded.disk import free_mb, full
from shared.embedded.errors import EmbeddedError
from shared.embedded.probe import port_taken
from shared.embedded.storage import DataFolder

# On a disk as full as this, Kafka could not even write down why it ended.
_NOTHING_LEFT_MB = 1


def ended(folder: DataFolder, *, port: int, code: int | None) -> EmbeddedError:
    """The cause that a person can act on, else the line of the log that tells most."""
    text = folder.words.read_text(errors="replace")
    if "Address already in use" in text:
        return port_taken(port)
    if "No space left on device" in text or free_mb(folder.path) < _NOTHING_LEFT_MB:
        return full(folder.path)
    return EmbeddedError(
        "ended",
        f"Kafka ended by itself with code {code}: {folder.last_words()}",
        f"All it said is in {folder.words}.",
    )
