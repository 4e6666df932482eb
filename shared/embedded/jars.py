"""Which jars make the broker: read from jgo.lock.toml, the only place with names and checksums."""

import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from shared.embedded.errors import EmbeddedError

LOCK = Path(__file__).with_name("jgo.lock.toml")
_BROKER = "kafka_2.13"


@dataclass(frozen=True, slots=True)
class Jar:
    """One file of the class path; `sha256` is 64 hexadecimal digits in lower case."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def name(self) -> str:
        """The file's name, the same in every Maven repository."""
        return f"{self.artifact}-{self.version}.jar"

    @property
    def maven_path(self) -> Path:
        """Where a Maven repository keeps it."""
        return Path(*self.group.split("."), self.artifact, self.version, self.name)


def locked_jars(text: str | None = None) -> tuple[Jar, ...]:
    """Every jar of the lock, in its order; a jar without a checksum is refused."""
    lock = tomllib.loads(LOCK.read_text(encoding="utf-8") if text is None else text)
    return tuple(_jar(entry) for entry in lock["dependencies"])


def kafka_version(jars: Iterable[Jar]) -> str:
    """The broker's own version, such as "4.2.0"."""
    return next(jar.version for jar in jars if jar.artifact == _BROKER)


def matches(jar: Jar, path: Path) -> bool:
    """Whether the file there has exactly the bytes that the lock names."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256


def _jar(entry: dict[str, str]) -> Jar:
    sha256 = entry.get("sha256", "")
    if len(sha256) != hashlib.sha256().digest_size * 2:
        raise EmbeddedError(
            "lock_incomplete",
            f"{LOCK.name} has no SHA-256 for {entry['artifactId']}.",
            "Make the lock again: pip install 'jgo[cli]', then `jgo lock` in shared/embedded.",
        )
    return Jar(entry["groupId"], entry["artifactId"], entry["version"], sha256)
