"""`python -m tests.audit [--profile NAME] [--seed N] [--only F2,F24] [--ledger sqlite]`.

Prints a line per case and, after smoke or full, writes docs/reference/audit.md. Exit code 1 on
any breach. `--json`: one object per case instead.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from tests.audit.driver import Plan, Row, run
from tests.audit.profiles import COMPLAINTS, KNOWN, PROFILES, SENT
from tests.audit.table import PAGE, noted, page, row_words
from tests.postgres import serving

WRITTEN = ("smoke", "full")


def main() -> int:
    """Run what is asked for."""
    asked = _asked()
    cases = tuple(asked.only.split(",")) if asked.only else PROFILES[asked.profile]
    if unknown := set(cases) - set(KNOWN):
        sys.stderr.write(f"no case {', '.join(sorted(unknown))}; there are {', '.join(KNOWN)}\n")
        return 2
    with _ledger(asked.ledger) as database_url:
        many = asked.complaints or SENT.get(asked.profile, COMPLAINTS)
        plan = Plan(cases, many, asked.seed, database_url)
        rows = asyncio.run(run(plan, _json if asked.json else _words))
    if not asked.only and asked.profile in WRITTEN:
        command = f"make audit PROFILE={asked.profile} SEED={asked.seed}"
        kept = noted(PAGE.read_text(encoding="utf-8"))
        PAGE.write_text(page(rows, plan, command=command) + kept, encoding="utf-8")
    return 1 if any(row.breaches for row in rows) else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.audit")
    parser.add_argument("--profile", choices=sorted(PROFILES), default="smoke")
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


def _words(row: Row) -> None:
    sys.stdout.write(row_words(row) + "\n")
    sys.stdout.flush()


def _json(row: Row) -> None:
    sys.stdout.write(orjson.dumps(row.object).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
