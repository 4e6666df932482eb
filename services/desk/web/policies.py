"""The policies in force, as they stand in their files: who answers for a rule reads what it says.

Nothing is changed here: a policy is a file that people review, and `kulanse policy diff` tells
what a changed one would have decided.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fastapi import Response

from services.desk.answers import Problem
from services.desk.web import trying
from services.desk.web.console import Visit
from shared.policy import policy_dir

ENDING = ".yaml"


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A file by its path in the policy's folder, and its first line, which says what it is."""

    name: str
    about: str


async def listed(visit: Visit) -> Response:
    """GET /policies?file=: all of them, and one as it stands."""
    found = files(policy_dir())
    name = visit.asked("file")
    if name and name not in found:
        raise Problem(404, "no_such_page", hint="There is no such policy.", field="file")
    values = {
        "files": [PolicyFile(each, _about(path)) for each, path in found.items()],
        "file": name,
        "tries": trying.may_try(visit) and name in trying.files_to_try(found),
        "content": found[name].read_text(encoding="utf-8") if name else "",
    }
    return visit.shown("policies.html", values)


def files(folder: Path) -> Mapping[str, Path]:
    """Every policy file, by its path there; what leads out of the folder is none."""
    root = folder.resolve()
    found = (path for path in sorted(root.rglob(f"*{ENDING}")) if path.is_file())
    inside = (path for path in found if path.resolve().is_relative_to(root))
    return {path.relative_to(root).as_posix(): path for path in inside}


def _about(path: Path) -> str:
    """A comment, or the name that a regime begins with."""
    with path.open(encoding="utf-8") as lines:
        first = lines.readline().strip()
    return first.removeprefix("# ").removeprefix("name: ")
