"""Workers as processes, and waiting for what must come."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

NEVER_S = 120.0  # then it never comes
LOOK_S = 0.05


async def came(what: str, condition: Callable[[], bool]) -> None:
    """Wait for a condition; fails as "never came"."""
    until = time.monotonic() + NEVER_S
    while not await asyncio.to_thread(condition):
        assert time.monotonic() < until, f"never came: {what}"
        await asyncio.sleep(LOOK_S)


@dataclass
class Worker:
    """A running victim."""

    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def code(self) -> int | None:
        """Its exit code, once it ended."""
        return self.process.poll()

    @property
    def told(self) -> bool:
        """Whether the trouble came."""
        return (self.folder / f"{self.process.pid}.told").exists()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, unless it ended."""
        if self.code is None:
            self.process.send_signal(number)

    def frozen(self) -> bool:
        """Whether SIGSTOP has reached every thread of it: on a busy machine that takes a while."""
        if self.code is not None:
            return True
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/stat")
        return all(each.read_text().rpartition(")")[2].split()[0] in "Tt" for each in tasks)

    def ready(self) -> str | None:
        """What /ready says; "" when it does not answer yet, None when it is ready."""
        port = self.folder / f"{self.process.pid}.port"
        if not port.exists():
            return ""
        try:
            with urlopen(f"http://127.0.0.1:{port.read_text()}/ready", timeout=5):
                return None
        except HTTPError as answer:
            with answer:
                return answer.read().decode()
        except (OSError, ValueError):
            return ""  # not there yet, or just dying


def up(worker: Worker) -> bool:
    """Whether it has partitions, or stands still with a reason."""
    said = worker.ready()
    return said is None or "stopped" in said
