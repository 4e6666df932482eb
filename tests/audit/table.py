"""The audit's table: a row of words while it runs, and the page that is kept."""

import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.audit.driver import Plan, Row

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "audit.md"
# From here on the page is written by hand: a run leaves it as it is.
NOTED = "## Cases run alone"
HEAD = (
    "| case | injected | submitted | lost | double effects | duplicate messages | dead letters "
    "| recovery s | breaches |\n|---|---|---|---|---|---|---|---|---|\n"
)


def row_words(row: Row) -> str:
    """One line for a terminal, and what does not hold below it."""
    counts = (
        f"submitted {row.submitted}, lost {row.lost}, double effects {row.double_effects}, "
        f"duplicate messages {row.double_messages}, dead letters {row.dead_letters}, "
        f"calm after {row.recovery_s:g} s"
    )
    lines = [f"{row.case:<11} {row.injected}; {counts}"]
    kept = [f"{'':<11} kept: {row.kept}"] if row.kept else []
    return "\n".join([*lines, *(f"{'':<11} BREACH {each}" for each in row.breaches), *kept])


def page(rows: Sequence[Row], plan: Plan, *, command: str) -> str:
    """The page: how it was made, then the table."""
    ledger = "Postgres" if plan.url else "SQLite"
    told = (
        f"# The audit\n\nMade by `{command}` on commit {_commit()}: seed {plan.seed}, ledger "
        f"{ledger}, {plan.complaints} complaints a case, Python {platform.python_version()}. "
        "What each case does stands in `tests/audit/cases.py`, what must hold after each in "
        "`tests/audit/invariants.py`. A mutant is a promise broken on purpose, and must be caught. "
        "Recovery is the time from the heal until all had come to its end.\n\n"
    )
    return told + HEAD + "".join(_line(row) for row in rows)


def noted(before: str) -> str:
    """Of the page as it was, what people noted; the next run keeps it."""
    _, mark, told = before.partition(NOTED)
    return f"\n{mark}{told}" if mark else ""


def _line(row: Row) -> str:
    cells = (
        row.case,
        row.injected,
        row.submitted,
        row.lost,
        row.double_effects,
        row.double_messages,
        row.dead_letters,
        f"{row.recovery_s:g}",
        "; ".join(row.breaches) or "none",
    )
    return f"| {' | '.join(map(str, cells))} |\n"


def _commit() -> str:
    """The commit, and whether what ran differs from it."""
    commit = _git("rev-parse", "--short", "HEAD")
    changed = _git("status", "--porcelain", "--", ":!docs/reference/audit.md")
    return f"{commit} with changes" if changed else commit


def _git(*asked: str) -> str:
    return subprocess.run(
        ["git", *asked], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
