"""The audit's table: a row of words while it runs, and a section of the page that is kept.

A section is a profile's. A run puts its rows there, each with its seed and commit, and leaves all
else on the page as it is; so a long profile may be run in parts.
"""

import platform
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.audit.driver import Plan, Row

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "audit.md"
# What is told by hand below the tables begins here.
NOTED = "## What the audit has found"
# Where a log lies is for whoever runs the case: on the page nobody else could look there.
LOG = re.compile(r" See /\S+")
HEADS = (
    "case",
    "injected",
    "submitted",
    "lost",
    "double effects",
    "duplicate messages",
    "dead letters",
    "recovery s",
    "breaches",
    "s",
    "seed",
    "commit",
)


@dataclass(frozen=True)
class Kept:
    """Whose rows they are: the profile with its cases in order, and of what they were made."""

    profile: str
    cases: tuple[str, ...]
    commit: str
    plan: Plan

    @property
    def command(self) -> str:
        """What makes the rows again."""
        return f"make audit PROFILE={self.profile} SEED={self.plan.seed}"


def row_words(row: Row) -> str:
    """One line for a terminal, and what does not hold below it."""
    counts = (
        f"submitted {row.submitted}, lost {row.lost}, double effects {row.double_effects}, "
        f"duplicate messages {row.double_messages}, dead letters {row.dead_letters}, "
        f"calm after {row.recovery_s:g} s"
    )
    lines = [f"{row.case:<11} {row.injected}; {counts}; {row.seconds:.0f} s in all"]
    kept = [f"{'':<11} kept: {row.kept}"] if row.kept else []
    return "\n".join([*lines, *(f"{'':<11} BREACH {each}" for each in row.breaches), *kept])


def merged(before: str, rows: Sequence[Row], *, kept: Kept) -> str:
    """The page with these rows in the profile's section, in the profile's order."""
    head = f"## Profile {kept.profile}\n"
    above, section, below = _parted(before, head)
    known = {line.split("|")[1].strip(): line for line in section.splitlines() if line[:2] == "| "}
    known |= {row.case: _line(row, kept) for row in rows}
    lines = [known[case] for case in kept.cases if case in known]
    return above + "\n".join([head, _told(lines, kept), _rule(), *lines, "\n"]) + below


def commit() -> str:
    """The commit, and whether what runs differs from it."""
    known = _git("rev-parse", "--short", "HEAD")
    changed = _git("status", "--porcelain", "--", ":!docs/reference/audit.md")
    return f"{known} with changes" if changed else known


def _parted(before: str, head: str) -> tuple[str, str, str]:
    """What stands above a section, in it, and below; a new one comes before what is by hand."""
    above, found, rest = before.partition(head)
    if not found:
        above, mark, below = before.partition(NOTED)
        return above.rstrip("\n") + "\n\n", "", mark + below
    section, *more = re.split(r"^(?=## )", rest, maxsplit=1, flags=re.MULTILINE)
    return above, section, "".join(more)


def _told(lines: Sequence[str], kept: Kept) -> str:
    """How the rows are made, and how long that took."""
    plan, many = kept.plan, len(kept.cases)
    ledger = "Postgres" if plan.url else "SQLite"
    seconds = sum(float(_cell(line, "s")) for line in lines)
    red = sum(_cell(line, "breaches") != "none" for line in lines)
    return (
        f"`{kept.command}`: {len(lines)} of {many} cases in {seconds / 60:.0f} minutes, {red} of\n"
        f"them with a breach; ledger {ledger}, {plan.complaints} complaints a case, "
        f"Python {platform.python_version()}.\n"
    )


def _rule() -> str:
    return f"| {' | '.join(HEADS)} |\n|{'---|' * len(HEADS)}"


def _line(row: Row, kept: Kept) -> str:
    cells = (
        row.case,
        row.injected,
        row.submitted,
        row.lost,
        row.double_effects,
        row.double_messages,
        row.dead_letters,
        f"{row.recovery_s:g}",
        LOG.sub("", "; ".join(row.breaches)) or "none",
        f"{row.seconds:.0f}",
        kept.plan.seed,
        kept.commit,
    )
    return f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |"


def _cell(line: str, head: str) -> str:
    return line.split("|")[1 + HEADS.index(head)].strip()


def _git(*asked: str) -> str:
    return subprocess.run(
        ["git", *asked], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
