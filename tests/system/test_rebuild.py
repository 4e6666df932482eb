"""What is in git is enough: built again quickly after a change, and up with no other step."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.engine import docker, free_ports
from tests.system.figures import say
from tests.system.stack import ROOT, RUNNING, STAGES

pytestmark = pytest.mark.long
IMAGES = (*STAGES, "ops")
CHANGED = f"changed-{os.getpid()}"
OURS = 4  # shared code, a service's code, what goes with it, and all compiled


@pytest.fixture(scope="module")
def tree(built: float, folder: Path) -> Path:
    """What is in git here, in another folder, with one line more in the code."""
    made = folder / "clone"
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True).stdout
    for name in listed.decode().splitlines():
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, made / name)
    with (made / "shared" / "errors.py").open("a", encoding="utf-8") as code:
        code.write("\nCHANGED = True\n")
    return made


def compose(tree: Path, *words: str) -> str:
    """`docker compose …` as somebody types it there; ports apart, nothing is set."""
    doors = dict(zip(("INTAKE", "DESK"), map(str, free_ports(2)), strict=True))
    env = {
        **os.environ,
        **{f"KULANSE_{door}_PORT": port for door, port in doors.items()},
        "KULANSE_VERSION": CHANGED,
        "COMPOSE_PROJECT_NAME": f"kulanse-test-{CHANGED}",
    }
    done = subprocess.run(
        ["docker", "compose", *words],
        cwd=tree,
        env=env,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def rebuilt(tree: Path) -> Iterator[float]:
    """All images, made from the changed code; the seconds that took."""
    began_s = time.monotonic()
    compose(tree, "build", "--quiet")
    took_s = time.monotonic() - began_s
    try:
        yield took_s
    finally:
        docker("image", "rm", "--force", *(f"kulanse/{name}:{CHANGED}" for name in IMAGES))


def layers(image: str) -> list[str]:
    """The layers of an image, first to last."""
    return list(json.loads(docker("image", "inspect", "-f", "{{json .RootFS.Layers}}", image)))


def test_a_change_of_code_makes_only_the_last_layers(rebuilt: float) -> None:
    """Every change would cost minutes of installing, and every host fetch the libraries again."""
    say(f"{len(IMAGES)} images built again in {rebuilt:.0f} s after a change of shared code")
    for name in IMAGES:
        before, after = layers(f"kulanse/{name}:dev"), layers(f"kulanse/{name}:{CHANGED}")
        assert (name, after[:-OURS]) == (name, before[:-OURS])
        assert after != before


def test_a_fresh_clone_comes_up_with_no_other_step(rebuilt: float, tree: Path) -> None:
    """What is not in git, or somebody's own setting, would be needed to start at all."""
    try:
        compose(tree, "up", "--detach", "--wait")
        assert set(compose(tree, "ps", "--services").split()) == set(RUNNING)
    finally:
        compose(tree, "down", "--volumes", "--timeout", "5")
