"""What a person sees while the jars come: a bar in a terminal, a few plain lines in a pipe."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


class Meter(Protocol):
    """Told about every jar that arrived and every byte that came; from any thread."""

    def arrived(self) -> None:
        """One more jar is in place."""

    def received(self, count: int) -> None:
        """So many more bytes came."""


def say(line: str) -> None:
    """One line for the person waiting; standard output stays for results."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


@contextmanager
def metered(what: str, jars: int) -> Iterator[Meter]:
    """A meter on standard error, in the form that suits where it goes."""
    if not sys.stderr.isatty():
        yield _Lines(what, jars)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} jars, {task.fields[megabytes]:.0f} MB"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        yield _Bar(bar, what, jars)


class _Bar:
    def __init__(self, bar: Progress, what: str, jars: int) -> None:
        self._bar, self._lock, self._bytes = bar, threading.Lock(), 0
        self._task = bar.add_task(what, total=jars, megabytes=0.0)

    def arrived(self) -> None:
        self._bar.advance(self._task)

    def received(self, count: int) -> None:
        with self._lock:
            self._bytes += count
            self._bar.update(self._task, megabytes=self._bytes / 1e6)


class _Lines:
    def __init__(self, what: str, jars: int) -> None:
        self._what, self._jars, self._lock = what, jars, threading.Lock()
        self._arrived = self._bytes = 0
        say(f"{what}: {jars} jars")

    def arrived(self) -> None:
        with self._lock:
            self._arrived += 1
            done, step = self._arrived, max(1, self._jars // 4)
            if done % step == 0 or done == self._jars:
                say(f"{self._what}: {done} of {self._jars} jars, {self._bytes / 1e6:.0f} MB")

    def received(self, count: int) -> None:
        with self._lock:
            self._bytes += count
