"""Makes a start about twice as quick: an archive of loaded classes, once for each machine.

Java writes it when a training run ends (some seconds and 70 MB), and checks by itself that it
still suits; without it, a start is only slower. So whatever fails here is no error.
"""

import fcntl
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from shared.embedded.disk import remove_leftovers
from shared.embedded.errors import EmbeddedError
from shared.embedded.java import Java
from shared.embedded.progress import say
from shared.embedded.settings import Settings

_KEPT = 3  # archives of other Javas and jars: another checkout's .venv has its own


def quickened(java: Java, settings: Settings) -> Java:
    """This Java with its archive, when one was made."""
    archive = _archive(java, settings)
    return java.with_flags(f"-XX:AOTCache={archive}") if archive.exists() else java


def make_archive(java: Java, settings: Settings, *, train: Callable[[Java, Path], None]) -> None:
    """Have `train(java, folder)` run a broker once, unless that was done before."""
    archive = _archive(java, settings)
    with suppress(OSError, EmbeddedError):
        if not archive.exists():
            _make(archive, java, train=train)


def _archive(java: Java, settings: Settings) -> Path:
    return settings.cache / f"start-{java.fingerprint()}.aot"


def _make(archive: Path, java: Java, *, train: Callable[[Java, Path], None]) -> None:
    archive.parent.mkdir(parents=True, exist_ok=True)
    with (archive.parent / "start.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # another start makes it: do without
        remove_leftovers(archive.parent, ".start-")
        say("Preparing quicker starts, once: 10 to 20 s")
        with tempfile.TemporaryDirectory(prefix=".start-", dir=archive.parent) as work:
            made = Path(work) / "made.aot"
            train(java.with_flags(f"-XX:AOTCacheOutput={made}"), Path(work) / "data")
            made.replace(archive)
    for old in sorted(archive.parent.glob("start-*.aot"), key=_age)[_KEPT:]:
        old.unlink(missing_ok=True)


def _age(path: Path) -> float:
    return -path.stat().st_mtime
