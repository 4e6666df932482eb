"""Read a partner's file line by line, hand it in at the door in batches, remember how far it is.

`FILE.progress` says the file's digest and the next line: a changed file begins anew. What is
refused goes to `FILE.rejected`, a line each: its number and every fault, none of its words.
"""

import hashlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Protocol, Self

import orjson
from pydantic import JsonValue

from services.cli.backfill_lines import Line, checked, lines_of
from services.cli.doorway import Doorway
from services.cli.output import shown
from shared.errors import Fault

LINES_PER_BATCH = 100  # of 64 KiB at most: within what the door takes at once


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which file, and how."""

    file: Path
    live: bool
    restart: bool
    rejects: Path

    @property
    def progress(self) -> Path:
        """Where it is kept how far we are."""
        return Path(f"{self.file}.progress")


class Door(Protocol):
    """Where the lines go; see `Doorway`."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(self, *ended: object) -> None:
        """Hang up."""

    def batch(self, lines: Sequence[bytes]) -> list[tuple[Fault, ...]]:
        """Hand these in; for each why it was refused."""


@dataclass(slots=True)
class Backfilled:
    """What was found (`sent` 0: only counted)."""

    good: int = 0
    sent: int = 0
    skipped: int = 0
    people: int = 0
    rejected: list[tuple[int, tuple[Fault, ...]]] = field(default_factory=list)

    def as_json(self) -> dict[str, JsonValue]:
        """For scripts."""
        told: dict[str, JsonValue] = {"good": self.good, "sent": self.sent, "people": self.people}
        return {
            **told,
            "skipped": self.skipped,
            "rejected": [_told(*each) for each in self.rejected],
        }

    def lines(self, wanted: Wanted) -> Iterator[str]:
        """For people."""
        sent = f"{self.sent} sent" if self.sent else "none sent"
        done = f", {self.skipped} done before" if self.skipped else ""
        refused = f"{len(self.rejected)} refused"
        yield f"{self.good} good, of {self.people} people; {sent}{done}; {refused}."
        if self.sent and not wanted.live:
            yield "As history: nobody is told, owed or paid anything."
        for number, faults in self.rejected[:10]:
            yield f"line {number}: {faults[0].field} {faults[0].hint} [{faults[0].code}]"
        if self.rejected and self.sent:
            yield f"All that was refused: {wanted.rejects}"


def count(wanted: Wanted) -> Backfilled:
    """Read and check every line; nothing is sent."""
    done, people = Backfilled(), set[str]()
    for line in lines_of(wanted.file):
        faults = checked(line)
        if faults:
            done.rejected.append((line.number, faults))
        else:
            done.good += 1
            people.add(line.whose)
    done.people = len(people)
    return done


def run(
    wanted: Wanted, counted: Backfilled, *, open_door: Callable[[], Door] = Doorway
) -> Backfilled:
    """Send what was counted as good, from where it broke off; what became of it is added there.

    Raises `Unreachable` when the door is silent.
    """
    done, digest = counted, _digest(wanted)
    after = 0 if wanted.restart else _done_before(wanted.progress, digest)
    refused = {number for number, _ in done.rejected}
    good = (line for line in lines_of(wanted.file) if line.number not in refused)
    ahead = (line for line in good if line.number > after)
    began_s = time.monotonic()
    with open_door() as door:
        while batch := list(islice(ahead, LINES_PER_BATCH)):
            turned_away = _sent(door, batch, past=not wanted.live)
            done.rejected += turned_away
            done.sent += len(batch) - len(turned_away)
            after = batch[-1].number
            _keep(wanted.progress, digest, after=after)
            _say(done, began_s)
    done.skipped = done.good - done.sent - (len(done.rejected) - len(refused))
    _report(wanted.rejects, done)
    return done


def _sent(door: Door, batch: list[Line], *, past: bool) -> list[tuple[int, tuple[Fault, ...]]]:
    answers = door.batch([line.said(past=past) for line in batch])
    return [(line.number, faults) for line, faults in zip(batch, answers, strict=True) if faults]


def _digest(wanted: Wanted) -> str:
    """Of the file and of how it is handed in: history is no beginning of the other."""
    with wanted.file.open("rb") as raw:
        found = hashlib.file_digest(raw, "sha256")
    found.update(b"live" if wanted.live else b"past")
    return found.hexdigest()


def _done_before(progress: Path, digest: str) -> int:
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = orjson.loads(progress.read_bytes())
        if kept["sha256"] == digest:
            return int(kept["line"])
    return 0


def _keep(progress: Path, digest: str, *, after: int) -> None:
    fresh = progress.with_name(f"{progress.name}.new")
    fresh.write_bytes(orjson.dumps({"sha256": digest, "line": after}))
    fresh.replace(progress)


def _say(done: Backfilled, began_s: float) -> None:
    rate = done.sent / max(time.monotonic() - began_s, 0.001)
    sys.stderr.write(shown(f"{done.sent} of {done.good} sent, {rate:.0f} a second") + "\n")


def _report(path: Path, done: Backfilled) -> None:
    if done.rejected:
        told = sorted(done.rejected)
        path.write_bytes(b"".join(orjson.dumps(_told(*each)) + b"\n" for each in told))


def _told(number: int, faults: tuple[Fault, ...]) -> dict[str, JsonValue]:
    return {"line": number, "problems": [asdict(fault) for fault in faults]}
