"""Keeps Java no longer than the process that wanted it: run as a script, never imported.

    python -I keeper.py GRACE_S COMMAND...

Standard input is a pipe from the parent. When it closes, the parent ended, by whatever cause,
SIGKILL too; then Java is asked to stop, and after GRACE_S seconds is made to. Prints Java's
process id and ends with its exit code. It imports the standard library only, to start at once.
"""

import ctypes
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from types import FrameType

_LOOK_S = 0.2  # how late an end is noticed; five looks a second cost nothing
_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> int:
    """Start Java, wait for its end or the parent's."""
    grace_s, command = float(arguments[0]), arguments[1:]
    parent = os.getppid()
    asked = _Asked()
    java = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        stderr=sys.stderr,
        start_new_session=True,  # a terminal's Ctrl-C is for the parent, which stops us in order
        preexec_fn=_end_with_keeper(),  # noqa: PLW1509 -- one thread here, nothing to deadlock
    )
    sys.stdout.write(f"{java.pid}\n")
    sys.stdout.flush()
    while java.poll() is None and not asked.yes and os.getppid() == parent:
        if select.select([sys.stdin], [], [], _LOOK_S)[0] and not os.read(sys.stdin.fileno(), 1):
            break
    return _stopped(java, grace_s)


class _Asked:
    """Whether a signal asked us to end; an interrupt from a terminal is not for us."""

    def __init__(self) -> None:
        self.yes = False
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._remember)

    def _remember(self, _number: int, _frame: FrameType | None) -> None:
        self.yes = True


def _end_with_keeper() -> Callable[[], object] | None:
    """On Linux the kernel ends Java with us, so that not even killing the keeper leaves it."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl  # found before the fork, where loading is not safe
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _stopped(java: "subprocess.Popen[bytes]", grace_s: float) -> int:
    if java.poll() is None:
        java.terminate()
        try:
            java.wait(grace_s)
        except subprocess.TimeoutExpired:
            os.killpg(java.pid, signal.SIGKILL)
    code = java.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
