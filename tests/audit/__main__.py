"""`python -m tests.audit [--profile NAME] [--part 1/4] [--seed N] [--only F2,F24]`.

Prints a line per case and puts each row of a profile into its table in docs/reference/audit.md as
soon as it is there: what a run did before it was stopped is kept, and the next part adds to it.
Exit code 1 on any breach. `--json`: one object per case instead.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import orjson

from tests.audit.driver import Plan, Row, run
from tests.audit.profiles import COMPLAINTS, KNOWN, PROFILES, SENT, part_of
from tests.audit.table import PAGE, Kept, commit, merged, row_words
from tests.postgres import serving


def main() -> int:
    """Run what is asked for."""
    asked = _asked()
    # The rig's own client says of every lost connection what the fault was meant to do.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    cases = tuple(asked.only.split(",")) if asked.only else part_of(asked.profile, asked.part)
    if unknown := set(cases) - set(KNOWN):
        sys.stderr.write(f"no case {', '.join(sorted(unknown))}; there are {', '.join(KNOWN)}\n")
        return 2
    with _ledger(asked.ledger) as database_url:
        many = asked.complaints or SENT.get(asked.profile, COMPLAINTS)
        plan = Plan(cases, many, asked.seed, database_url)
        kept = Kept(asked.profile, PROFILES[asked.profile], commit(), plan)

        def told(row: Row) -> None:
            (_json if asked.json else _words)(row)
            if not asked.only:
                before = PAGE.read_text(encoding="utf-8")
                PAGE.write_text(merged(before, [row], kept=kept), encoding="utf-8")

        rows = asyncio.run(run(plan, told, begins=_progress(cases)))
    return 1 if any(row.breaches for row in rows) else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.audit")
    parser.add_argument("--profile", choices=sorted(PROFILES), default="smoke")
    parser.add_argument("--part", default="1/1", metavar="2/4", help="of the profile's cases")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", metavar="F2,F24")
    parser.add_argument("--complaints", type=int, default=0, help="in each case")
    parser.add_argument("--ledger", choices=("postgres", "sqlite"), default="postgres")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


@contextmanager
def _ledger(kind: str) -> Iterator[str]:
    if kind == "sqlite":
        yield ""
        return
    with (
        tempfile.TemporaryDirectory(prefix="kulanse-audit-pg-") as folder,
        serving(Path(folder)) as url,
    ):
        yield url


def _progress(cases: Sequence[str]) -> Callable[[str], None]:
    """Tell which case begins, and how long it all took so far."""
    since_s = time.monotonic()

    def begins(name: str) -> None:
        minutes = (time.monotonic() - since_s) / 60
        place = cases.index(name) + 1
        sys.stderr.write(f"{place} of {len(cases)}: {name} begins, after {minutes:.0f} min\n")

    return begins


def _words(row: Row) -> None:
    sys.stdout.write(row_words(row) + "\n")
    sys.stdout.flush()


def _json(row: Row) -> None:
    sys.stdout.write(orjson.dumps(row.object).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
