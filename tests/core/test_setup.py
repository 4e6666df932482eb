"""`make setup` on a bare machine: what is missing is named, with the one command for it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SETUP = ("requirements/setup", "requirements/dev.lock", "pyproject.toml")
NO_VENV = """#!/bin/sh
case "$*" in *ensurepip*) exit 1;; esac
exec {python} "$@"
"""
TOO_OLD = """#!/bin/sh
case "$*" in --version) echo "Python 3.9.2";; *) exit 1;; esac
"""


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """What `make setup` reads, in a folder of its own; PATH there has the shell's tools alone."""
    for name in SETUP:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("bash", "dirname", "cat", "env", "sh"):
        found = shutil.which(tool)
        assert found is not None, tool
        (tools / tool).symlink_to(found)
    return tmp_path


def setup(bare: Path, *, python: str) -> "subprocess.CompletedProcess[str]":
    """Run it with this Python."""
    made = bare / "bin" / "python3"
    made.write_text(python.format(python=sys.executable), encoding="utf-8")
    made.chmod(0o755)
    return subprocess.run(
        [str(bare / "requirements" / "setup")],
        cwd=bare,
        env={"PATH": str(bare / "bin"), "HOME": os.environ.get("HOME", "/")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_python_without_venv_is_told_the_command(bare: Path) -> None:
    """Debian's Python would end in ten lines of which none helps."""
    done = setup(bare, python=NO_VENV)
    said = "cannot make a virtual environment; run: apt-get install python3-venv\n"
    assert (done.returncode, done.stderr.endswith(said)) == (1, True), done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (bare / ".venv").exists()


def test_an_old_python_is_told_what_is_needed(bare: Path) -> None:
    """It would end in a syntax error somewhere in a library."""
    done = setup(bare, python=TOO_OLD)
    said = "make setup: needs Python 3.11 or newer (name one with PYTHON=...); found: Python 3.9.2"
    assert (done.returncode, done.stderr.strip()) == (1, said)


def test_the_first_screen_names_make() -> None:
    """Without make nothing of ours runs that could say so."""
    first_screen = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:40]
    assert "`apt-get install make python3-venv`" in "\n".join(first_screen)
