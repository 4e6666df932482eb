"""The watchdog: work lies there and nothing gets done for a minute → end the process.

A thread, not a task: a blocked event loop must not stop it. Faust's own stall detectors only
log. The supervisor starts the process again.
"""

import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

EXIT_STALLED = 71
PATIENCE_S = 60.0  # three times the slowest batch seen, broker hiccups included
LOOK_S = 1.0


class Progress:
    """What the shell tells the watchdog: records taken, records done, partitions assigned."""

    def __init__(self) -> None:
        """Nothing taken, nothing done, no partitions yet."""
        self.in_hand = 0
        self.lag = 0
        # At the last two looks there was more than we had fetched: a backlog, not a moment's.
        self.backlog = False
        self.ready = False
        self._stood_s = 0.0
        self._moved_at_s = time.monotonic()

    def took(self, count: int) -> None:
        """So many records were handed over."""
        if self.in_hand == 0:
            self._moved_at_s = time.monotonic()
        self.in_hand += count

    def did(self, count: int) -> None:
        """So many are done, or no longer ours."""
        self.in_hand = max(0, self.in_hand - count)
        self._moved_at_s = time.monotonic()

    def assigned(self) -> None:
        """Partitions were claimed: ready for work."""
        self.ready = True
        self.in_hand = 0
        self._moved_at_s = time.monotonic()

    def behind(self, lag: int, stood_s: float = 0.0) -> None:
        """How many records lie in the log that we did not fetch, and for how long untouched."""
        if lag == 0 and self.in_hand == 0:
            self._moved_at_s = time.monotonic()
        self.backlog = lag > 0 and self.lag > 0
        self.lag, self._stood_s = lag, stood_s

    def stalled_s(self, now_s: float) -> float:
        """For how long work has lain there and nothing moved."""
        return now_s - self._moved_at_s if self.in_hand or self.lag else 0.0

    def waited_s(self, now_s: float, last_done_age_s: float) -> float:
        """How long the oldest event that is not done has waited, at least; 0: there is none.

        In a backlog the next one is about as old as the last one that was done.
        """
        if not (self.in_hand or self.lag):
            return 0.0
        return max(self._stood_s, self.stalled_s(now_s), last_done_age_s if self.backlog else 0.0)


def watch(
    progress: Progress,
    excused: Callable[[], bool],
    *,
    patience_s: float = PATIENCE_S,
    end: Callable[[int], None] = os._exit,
) -> threading.Thread:
    """Start watching; `excused` says that standing still is meant (stopped, broker away)."""

    def look() -> None:
        while True:
            time.sleep(LOOK_S)
            if progress.stalled_s(time.monotonic()) > patience_s and not excused():
                # The logger may be what hangs, and its disk may be full.
                with suppress(OSError):
                    sys.stderr.write('{"event":"stalled","level":"error"}\n')
                end(EXIT_STALLED)
                return

    thread = threading.Thread(target=look, name="watchdog", daemon=True)
    thread.start()
    return thread
