"""The words a person writes: given as an option, in her editor, or on standard input."""

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from services.cli.failures import BadInput


def words(given: str) -> str:
    """The text; raises `Invalid` when nothing was written."""
    text = given or (_edited() if sys.stdin.isatty() else sys.stdin.read())
    if not text.strip():
        raise BadInput("empty", "--text", "write what the complainant is to read")
    return text.strip()


def _edited() -> str:
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        hint = "give --text, set EDITOR, or write on standard input"
        raise BadInput("no_text", "--text", hint)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "message.txt"
        path.touch(mode=0o600)
        try:
            subprocess.run([*shlex.split(editor), str(path)], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            hint = f"the editor {editor!r} failed ({type(error).__name__}); give --text"
            raise BadInput("editor_failed", "EDITOR", hint) from None
        return path.read_text(encoding="utf-8")


def write_file(named: str, text: str) -> None:
    """Write a file that only its owner reads; raises `Invalid` when it cannot be written."""
    path = Path(named)
    try:
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        hint = f"{path} cannot be written: {(error.strerror or 'no reason given').lower()}"
        raise BadInput("file_unwritable", "FILE", hint) from None
