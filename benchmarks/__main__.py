"""`make bench`: what it costs, beside others, in one run; docs/reference/benchmarks.md is its page.

`python -m benchmarks [SECTION …]`; nothing named: all of them. What is not measured anew stays on
the page as it was, with the commit that it was measured on. A section that fails is said at the
end, and the others are measured all the same.
"""

import argparse
import asyncio
import os
import platform
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel

from benchmarks import growth, loads, stages
from benchmarks.figures import Figures, Growth, Of, Stages, Wholes
from benchmarks.page import written
from shared.embedded import prepare

ROOT = Path(__file__).resolve().parent.parent
GROWTH_ROUNDS = 3
CASES = (10_000, 100_000, 1_000_000)
PAGE = ROOT / "docs" / "reference" / "benchmarks.md"


def main() -> None:
    """Measure, and write the page, its figures and its plot."""
    told, kept = _told(), PAGE.with_suffix(".json")
    prepare()
    figures = Figures.model_validate_json(kept.read_text("utf-8"))
    failed = list[str]()
    for name in told.sections or SECTIONS:
        began_s, of = time.monotonic(), _of()
        print(f"== {name} (load average {of.load_before:g})", flush=True)
        try:
            section = SECTIONS[name](told, of)
        except Exception as error:  # noqa: BLE001 -- the other sections are measured all the same
            traceback.print_exc()
            failed.append(f"{name} was not measured: {type(error).__name__}")
            continue
        of.minutes = round((time.monotonic() - began_s) / 60, 1)
        figures = figures.model_copy(update={name.replace("-", "_"): section})
        if told.write:
            written(figures, PAGE)
    if failed:
        sys.exit("; ".join(failed))
    print(f"Written: {PAGE.relative_to(ROOT)}, .json and .svg" if told.write else "Not written.")


def _stages(told: argparse.Namespace, of: Of) -> Stages:
    size = stages.Size(told.complaints, told.rounds)
    return Stages(of=of, found=stages.measured(size))


def _end_to_end(told: argparse.Namespace, of: Of) -> Wholes:
    return Wholes(of=of, found=asyncio.run(loads.end_to_end(told.burst)))


def _latency(told: argparse.Namespace, of: Of) -> Wholes:
    return Wholes(of=of, found=asyncio.run(loads.latency(told.seconds)))


def _growth(told: argparse.Namespace, of: Of) -> Growth:
    rounds = min(GROWTH_ROUNDS, told.rounds)
    size = growth.Size(told.complaints, rounds, tuple(told.cases), told.backlog)
    return growth.measured(size, of)


SECTIONS: dict[str, Callable[[argparse.Namespace, Of], BaseModel]] = {
    "stages": _stages,
    "end-to-end": _end_to_end,
    "latency": _latency,
    "growth": _growth,
}


def _told() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="|".join(SECTIONS), help="nothing: all")
    parser.add_argument("--complaints", type=int, default=2_000, help="of each stage's load")
    parser.add_argument("--rounds", type=int, default=5, help="of all rivals")
    parser.add_argument("--burst", type=int, default=10_000, help="complaints at once, end to end")
    parser.add_argument("--seconds", type=int, default=20, help="of each rate of latency")
    parser.add_argument("--cases", type=int, nargs="+", default=CASES, help="of history, in growth")
    parser.add_argument(
        "--backlog", type=int, default=100_000, help="in growth, end to end; 0: none"
    )
    parser.add_argument("--no-write", dest="write", action="store_false", help="print alone")
    told = parser.parse_args()
    if unknown := set(told.sections) - SECTIONS.keys():
        parser.error(f"no section: {', '.join(sorted(unknown))}")
    return told


def _of() -> Of:
    return Of(
        commit=_commit(),
        cores=os.cpu_count() or 1,
        load_before=round(os.getloadavg()[0], 1),
        minutes=0,
        python=platform.python_version(),
    )


def _commit() -> str:
    """The commit, and whether what ran differs from it."""
    commit = _git("rev-parse", "--short", "HEAD")
    changed = _git("status", "--porcelain", "--", ":!docs/reference")
    return f"{commit} with changes" if changed else commit


def _git(*asked: str) -> str:
    command = ["git", *asked]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


if __name__ == "__main__":
    main()
