"""A broker's data folder: whose it is, who uses it now, and what is in it.

lock · kafka-version · server.properties · broker.log (of this start; .1 of the one before) · log/
"""

import base64
import fcntl
import os
import re
import subprocess
import time
import uuid
from pathlib import Path

from shared.embedded.disk import require_space
from shared.embedded.errors import EmbeddedError
from shared.embedded.java import Java, environment

# An error of the log's own, or a Java that never came to write one.
_TELLING = re.compile(
    r"^\[[^]]*\] (ERROR|FATAL) |^(Exception in|Caused by:|Error[: ])|^[a-z.]+Exception"
)
_OURS = {"lock", "kafka-version", "server.properties", "broker.log", "broker.log.1", "log"}
# What Kafka writes at its start, and room for a day's work of one machine.
_SPACE_MB_MIN = 200
# The broker of a process that was killed is still being stopped by its keeper.
_LAST_OWNER_S_MAX = 20


class DataFolder:
    """One broker's folder, locked for as long as this process or its keeper lives."""

    def __init__(self, path: Path) -> None:
        """Claim it; raises EmbeddedError when it is another's, in use, or its disk is full."""
        self.path = path.absolute()
        self.path.mkdir(parents=True, exist_ok=True)
        self._refuse_foreign()
        require_space(self.path, _SPACE_MB_MIN)
        self.lock = self._locked()
        self.logs = self.path / "log"
        self.words = self.path / "broker.log"
        self.properties = self.path / "server.properties"
        self._version = self.path / "kafka-version"

    def release(self) -> None:
        """Let another start have it; the keeper may hold on until Java has ended."""
        if self.lock >= 0:
            os.close(self.lock)
            self.lock = -1

    def prepare(self, java: Java, *, version: str, properties: str) -> None:
        """Write the settings, turn over the log, and format what was never formatted."""
        self.properties.write_text(properties, encoding="ascii")
        if self.words.exists():
            self.words.replace(self.words.with_name("broker.log.1"))
        if not self._version.exists():
            self._format(java)
        self._accept(version)

    def last_words(self) -> str:
        """The line of the log that tells most: the last error, else the last line."""
        lines = self.words.read_text(errors="replace").splitlines() if self.words.exists() else []
        telling = [line for line in lines if _TELLING.search(line)]
        return (telling or [line for line in lines if line.strip()] or ["nothing"])[-1].strip()

    def _format(self, java: Java) -> None:
        """Give new storage its random cluster id; again after a start killed half-way."""
        words = ("format", "--ignore-formatted", "-t", _cluster_id(), "-c", str(self.properties))
        command = java.command("kafka.tools.StorageTool", *words)
        with self.words.open("ab") as log:
            done = subprocess.run(
                command, stdout=log, stderr=log, env=environment(), check=False, close_fds=True
            )
        if done.returncode != 0:
            raise EmbeddedError(
                "format_failed",
                f"Kafka could not format {self.logs}: {self.last_words()}",
                f"All it said is in {self.words}.",
            )

    def _accept(self, version: str) -> None:
        """Older data is Kafka's to upgrade; newer data it cannot read."""
        if not self._version.exists():
            self._version.write_text(f"{version}\n", encoding="ascii")
        written = self._version.read_text(encoding="ascii").strip()
        if _number(written) > _number(version):
            raise EmbeddedError(
                "newer_data",
                f"{self.path} was written by Kafka {written}; this one is {version}.",
                "Use that version, or another folder (--data-dir).",
            )
        self._version.write_text(f"{version}\n", encoding="ascii")

    def _refuse_foreign(self) -> None:
        foreign = sorted({entry.name for entry in self.path.iterdir()} - _OURS)
        if foreign:
            raise EmbeddedError(
                "not_a_broker",
                f"{self.path} is not a broker's folder: {foreign[0]} is in it.",
                "Choose an empty or a new folder (--data-dir).",
            )

    def _locked(self) -> int:
        """The owner's process id stands in the file, so that the next one knows whom to name."""
        lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + _LAST_OWNER_S_MAX
        while not _try_lock(lock):
            owner = os.pread(lock, 32, 0).decode("ascii", "replace").strip()
            if _alive(owner) or time.monotonic() > deadline:
                os.close(lock)
                raise EmbeddedError(
                    "in_use",
                    f"{self.path} is in use by another broker (process {owner or 'unknown'}).",
                    "Stop that one first, or choose another folder (--data-dir).",
                )
            time.sleep(0.1)
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode("ascii"), 0)
        return lock


def _try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        pass  # another user's process is a live one
    return True


def _cluster_id() -> str:
    """As Kafka writes them; one that starts with a dash would read as an option."""
    while (text := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith(
        "-"
    ):
        pass
    return text


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
