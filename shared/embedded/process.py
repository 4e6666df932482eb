"""A Java process that ends when we do, however we end."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from shared.embedded.java import environment

_KEEPER = Path(__file__).with_name("keeper.py")


class Kept:
    """Java under a keeper. `pid` is Java's own."""

    def __init__(
        self, command: Sequence[str], log: Path, *, grace_s: float, hold: Sequence[int] = ()
    ) -> None:
        """Start it, its words going to `log`; `hold` are file descriptors the keeper keeps open."""
        self._grace_s = grace_s
        with log.open("ab") as words:
            self._keeper = subprocess.Popen(
                [sys.executable, "-I", str(_KEEPER), str(grace_s), *command],
                stdin=subprocess.PIPE,  # ours alone: it closes with us
                stdout=subprocess.PIPE,
                stderr=words,
                env=environment(),
                pass_fds=tuple(hold),
                start_new_session=True,
            )
        assert self._keeper.stdout is not None  # noqa: S101 -- we asked for a pipe
        self.pid = int(self._keeper.stdout.readline() or 0)

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._keeper.poll()

    def wait(self, timeout_s: float | None = None) -> int | None:
        """Its exit code, or None when it still runs after so long."""
        try:
            return self._keeper.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> int:
        """Ask it to end, wait, insist; harmless when it has ended."""
        for pipe in (self._keeper.stdin, self._keeper.stdout):
            if pipe is not None:
                pipe.close()
        code = self.wait(self._grace_s + 5)
        if code is None:  # the keeper itself hangs: not seen, but then Java must go all the same
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self._keeper.kill()
            code = self._keeper.wait()
        return code
