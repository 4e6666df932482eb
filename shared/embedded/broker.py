"""A broker of one's own: started, waited for until it answers, stopped, never left behind."""

import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from shared.embedded.cache import ready_jars
from shared.embedded.config import Config, render
from shared.embedded.disk import speaking_plainly
from shared.embedded.ended import ended
from shared.embedded.errors import EmbeddedError
from shared.embedded.jars import kafka_version, locked_jars
from shared.embedded.java import Java, find_java
from shared.embedded.probe import answers, free_port, require_free
from shared.embedded.process import Kept
from shared.embedded.settings import Settings
from shared.embedded.storage import DataFolder
from shared.embedded.warmup import make_archive, quickened

_READY_S_MAX = 90  # about 2 s here; a busy or slow machine may need much longer
_STOP_S_MAX = 10  # under half a second when idle: Kafka writes its state down
_TRAINED_STOP_S_MAX = 60  # 6 s here: Java writes the archive of its classes
_TRIES = 3  # another program may take a free port between our look and Java's


class Broker:
    """A running broker. Use it as a context manager, or call `stop`."""

    def __init__(self, process: Kept, folder: DataFolder, config: Config) -> None:
        """Made by `start_broker`."""
        self._process, self._folder = process, folder
        self.bootstrap = config.bootstrap
        self.port = config.port
        self.data_dir = folder.path
        self.log = folder.words
        self.pid = process.pid

    @property
    def alive(self) -> bool:
        """Whether Java still runs."""
        return self._process.exit_code is None

    def wait(self, timeout_s: float | None = None) -> int | None:
        """The exit code once it ended by itself, or None when it still runs after so long."""
        return self._process.wait(timeout_s)

    def failure(self) -> EmbeddedError:
        """Why it ended by itself, in one line."""
        return ended(self._folder, port=self.port, code=self._process.exit_code)

    def stop(self) -> None:
        """End it cleanly; harmless a second time."""
        self._process.stop()
        self._folder.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def start_broker(
    data_dir: Path,
    *,
    port: int = 0,
    heap_mb: int = 512,
    properties: Mapping[str, str] | None = None,
    settings: Settings | None = None,
) -> Broker:
    """Start Kafka on 127.0.0.1 and return when it answers; raises EmbeddedError.

    The data stays in `data_dir`, the port need not (0 is any free one). `properties` are
    Kafka's own and win over ours. The broker ends with this process, even with SIGKILL.
    """
    if port:
        require_free(port)
    with speaking_plainly(data_dir):
        folder = DataFolder(data_dir)
        try:
            chosen = settings or Settings.from_environment()
            java = quickened(find_java(ready_jars(chosen)), chosen)
            return _started(folder, java.with_flags(f"-Xmx{heap_mb}m"), port=port, extra=properties)
        except BaseException:
            folder.release()
            raise


def prepare(settings: Settings | None = None) -> tuple[Path, ...]:
    """Fetch and check the jars, and make every later start quicker; returns the jars.

    Not needed before `start_broker`, which fetches too: it pays from the third start on.
    """
    chosen = settings or Settings.from_environment()
    jars = ready_jars(chosen)
    make_archive(find_java(jars), chosen, train=_train)
    return jars


def _train(java: Java, data_dir: Path) -> None:
    """One start and stop, for what Java learns from it."""
    folder = DataFolder(data_dir)
    try:
        _started(folder, java, stop_s_max=_TRAINED_STOP_S_MAX).stop()
    finally:
        folder.release()


def _started(
    folder: DataFolder,
    java: Java,
    *,
    port: int = 0,
    extra: Mapping[str, str] | None = None,
    stop_s_max: float = _STOP_S_MAX,
) -> Broker:
    version = kafka_version(locked_jars())
    for left in reversed(range(_TRIES)):
        config = Config(port or free_port(), free_port(), folder.logs, extra or {})
        folder.prepare(java, version=version, properties=render(config))
        process = Kept(
            java.command("kafka.Kafka", str(folder.properties)),
            folder.words,
            grace_s=stop_s_max,
            hold=(folder.lock,),
        )
        try:
            _await_answer(process, folder, port=config.port)
        except EmbeddedError as error:
            if error.code != "port_taken" or port or not left:
                raise
        else:
            return Broker(process, folder, config)
    raise AssertionError("the last try returns or raises")


def _await_answer(process: Kept, folder: DataFolder, *, port: int) -> None:
    deadline = time.monotonic() + _READY_S_MAX
    try:
        while not answers(port):
            if process.exit_code is not None:
                raise ended(folder, port=port, code=process.exit_code)
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    "not_ready",
                    f"Kafka did not answer within {_READY_S_MAX} s: {folder.last_words()}",
                    f"All it said is in {folder.words}.",
                )
            time.sleep(0.05)
    except BaseException:
        process.stop()
        raise
