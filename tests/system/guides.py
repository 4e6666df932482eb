"""The commands of a guide, run as they stand on the page, against a test's installation."""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.system.stack import ROOT, Stack

GUIDES = ROOT / "docs" / "guides"
BLOCK = re.compile(r"(?ms)^```sh(?: (\w+))?\n(.*?)^```$")
CALL_S_MAX = 300


def commands(guide: str, part: str = "") -> list[str]:
    """The blocks of a page that are marked `sh`, in order; `part`: those marked `sh PART`."""
    text = (GUIDES / f"{guide}.md").read_text(encoding="utf-8")
    return [script for marked, script in BLOCK.findall(text) if marked == part]


def follow(stack: Stack, scripts: list[str], **more: str) -> str:
    """Run them one after the other, as somebody would who reads the page; what they say."""
    assert scripts != [], "the guide has no such commands"
    return "".join(_run(stack, script, more=more) for script in scripts)


def _run(stack: Stack, script: str, *, more: Mapping[str, str]) -> str:
    place = {
        "COMPOSE_PROJECT_NAME": stack.name,
        "COMPOSE_FILE": os.pathsep.join(str(ROOT / file) for file in stack.files),
        "COMPOSE_ENV_FILES": str(stack.env_file),
    }
    knobs = dict(line.split("=", 1) for line in Path(stack.env_file).read_text().splitlines())
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=CALL_S_MAX,
        env={**os.environ, **knobs, **place, **more},
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    return done.stdout
