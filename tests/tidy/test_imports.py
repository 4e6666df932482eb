"""The import rules of .importlinter are able to fail, also while modules are still missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tidy.source import ROOT

PACKAGES = ("intake", "triage", "recovery", "notify", "desk", "cli")
FORBIDDEN = {
    "a service another": ("services/intake/core.py", "import services.triage"),
    "a service the command": ("services/intake/app.py", "import services.cli"),
    "shared a service": ("shared/ledger.py", "import services.triage"),
    "a port the stage": ("shared/ledger.py", "import shared.stage"),
    "a core its app": ("services/triage/core.py", "import services.triage.app"),
    "a core a clock": ("services/triage/core.py", "import time"),
    "a contract the log": ("shared/contracts/topics.py", "import structlog"),
    "a service Faust": ("services/notify/app.py", "import faust"),
}


def lint(folder: Path, files: dict[str, str]) -> int:
    """Write a small repository and run import-linter on it with our rules; its exit code."""
    skeleton = [f"services/{name}" for name in PACKAGES]
    for package in ("services", *skeleton, "shared", "shared/contracts", "shared/stage"):
        (folder / package).mkdir()
        (folder / package / "__init__.py").touch()
    (folder / "services/triage/app.py").touch()
    for path, text in files.items():
        (folder / path).write_text(text)
    rules = str(ROOT / ".importlinter")
    run = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports("
    command = [sys.executable, "-c", f"{run}config_filename={rules!r}, no_cache=True))"]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    return done.returncode


def test_the_skeleton_keeps_the_import_rules(tmp_path: Path) -> None:
    """The failures below would come from somewhere else than the import they plant."""
    allowed = {
        "shared/stage/faust_app.py": "import faust",
        "services/cli/up.py": "import services.desk",
    }
    assert lint(tmp_path, allowed) == 0


@pytest.mark.parametrize(("path", "line"), FORBIDDEN.values(), ids=FORBIDDEN)
def test_an_import_is_refused(tmp_path: Path, path: str, line: str) -> None:
    """A service could reach into another, or a core read the clock, and nothing would say so."""
    assert lint(tmp_path, {path: line}) == 1
