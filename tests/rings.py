"""Runs the tests ring by ring, quick ones first, and says what each ring cost.

`python -m tests.rings` runs every ring except the tests marked `long`. RING=core,stage runs
those rings only; RING=long runs the tests marked `long`, and RING=stage,long those of one ring.
A failing ring never hides the next: all run, and the exit code tells.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
LONG = "long"
NO_TESTS_COLLECTED = 5  # pytest's exit code


class Ring(NamedTuple):
    """Folders under tests/ that run together, and the minutes they should stay within."""

    name: str
    folders: tuple[str, ...]
    budget_min: int
    # Files at a time: rings that compute, or that wait for brokers and sessions to end, share the
    # cores.
    files_at_once: int = 1


RINGS = (
    Ring("core", ("core", "tidy"), 1, files_at_once=2),
    Ring("contracts", ("contracts", "policy", "quality"), 1, files_at_once=2),
    Ring("stage", ("stage",), 6, files_at_once=2),
    # One after the other: a storm starved by another stack tests the machine, not the stage.
    Ring("crash", ("crash",), 5),
    Ring("containers", ("system",), 7),
    Ring("browser", ("browser",), 3),
    Ring("audit", ("audit",), 2),
)


class Tally(NamedTuple):
    """How many tests passed, failed (errors too) and were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __str__(self) -> str:
        """Words for the report: `3 passed, 0 failed, 1 skipped`."""
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


class Choice(NamedTuple):
    """Which rings to run, and whether the tests marked `long` are the ones wanted."""

    rings: tuple[Ring, ...]
    long: bool


def choose(wanted: str) -> Choice:
    """Read RING: empty is every ring; raises ValueError for a name that is no ring."""
    names = {name.strip() for name in wanted.split(",")} - {""}
    rings = tuple(ring for ring in RINGS if ring.name in names)
    unknown = names - {ring.name for ring in RINGS} - {LONG}
    if unknown:
        known = ", ".join(ring.name for ring in RINGS)
        raise ValueError(f"no ring {', '.join(sorted(unknown))}; there are {known} and {LONG}")
    return Choice(rings or RINGS, LONG in names)


def tally(output: str, exit_code: int) -> Tally:
    """Read pytest's last words; a run that broke before it could count is one failure."""
    last = output.rstrip().rpartition("\n")[2]
    count = {word: int(number) for number, word in re.findall(r"(\d+) ([a-z]+)", last)}
    failed = count.get("failed", 0) + count.get("error", 0) + count.get("errors", 0)
    if exit_code not in (0, NO_TESTS_COLLECTED):
        failed = max(failed, 1)
    passed = count.get("passed", 0) + count.get("xpassed", 0)
    return Tally(passed, failed, count.get("skipped", 0) + count.get("xfailed", 0))


def total(tallies: Iterable[Tally]) -> Tally:
    """Add up the rings."""
    columns = zip(*tallies, strict=True)
    return Tally(*(sum(column) for column in columns))


def run(ring: Ring, *, long: bool) -> Tally:
    """Run one ring in a pytest of its own and report it; its output only when it matters."""
    folders = [f"tests/{name}" for name in ring.folders if (ROOT / "tests" / name).is_dir()]
    if not folders:
        print(f"{ring.name:<11} no tests yet", flush=True)
        return Tally()
    print(f"{ring.name:<11} ...", flush=True)
    marked = LONG if long else f"not {LONG}"
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "--color=no", "-m", marked, *folders]
    if ring.files_at_once > 1:
        command += ["-n", str(ring.files_at_once), "--dist", "loadfile"]
    started = time.monotonic()
    done = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    seconds = time.monotonic() - started
    counted = tally(done.stdout, done.returncode)
    report(ring.name, done.stdout + done.stderr, failed=counted.failed > 0)
    if done.returncode == NO_TESTS_COLLECTED:
        print(f"{ring.name:<11} no {'long tests' if long else 'tests yet'}", flush=True)
    else:
        print(f"{ring.name:<11} {counted}, {seconds:.1f} s of {ring.budget_min} min", flush=True)
    return counted


def report(name: str, said: str, *, failed: bool) -> None:
    """Show all that pytest said when the ring failed, else why tests were skipped, and figures."""
    if failed:
        print(f"---- {name}: what pytest said\n{said}----", flush=True)
        return
    for line in said.splitlines():
        if line.startswith(("SKIPPED ", "FIGURE ")):
            print(f"{name:<11} {line}", flush=True)


def main() -> int:
    """Run what RING asks for; 0 when nothing failed, 1 when something did, 2 for a wrong name."""
    try:
        chosen = choose(os.environ.get("RING", ""))
    except ValueError as error:
        print(f"RING: {error}", file=sys.stderr)
        return 2
    result = total([run(ring, long=chosen.long) for ring in chosen.rings])
    print(result)
    return 1 if result.failed else 0


if __name__ == "__main__":
    sys.exit(main())
