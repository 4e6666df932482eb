"""One installation for the whole ring: brought up once, driven, killed, scaled, taken down."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.system.figures import FIGURES
from tests.system.load import Channel
from tests.system.ports import listening
from tests.system.stack import BASE, DEV, Stack, installation

HEALTHY_S_MAX = 120  # from nothing, once images are built; Compose itself fails then


@dataclass(frozen=True, slots=True)
class AtRest:
    """The installation as `docker compose up` leaves it, before anything came in.

    `build_s`, `up_s`: how long it took. `listens`: what newly listens on this host.
    """

    build_s: float
    up_s: float
    memory_mib: dict[str, float]
    published: set[tuple[str, int]]
    listens: set[tuple[str, int]]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures of the run, for whoever reads it: `tests/rings.py` shows these lines."""
    for text in FIGURES:
        terminalreporter.write_line(f"FIGURE {text}")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the host keeps what it needs; the engine must be able to look into it."""
    made = tmp_path_factory.mktemp("system")
    for each in (made, *made.parents[:3]):
        if each.owner() == Path.home().owner() or os.geteuid() == 0:
            each.chmod(0o755)
    return made


@pytest.fixture(scope="session")
def built(folder: Path) -> float:
    """The images, made from this tree; the seconds that took."""
    (folder / "build").mkdir()
    with installation(folder / "build") as stack:
        began_s = time.monotonic()
        stack.compose("build", "--quiet", timeout_s=900)
        return time.monotonic() - began_s


@pytest.fixture(scope="session")
def whole(built: float, folder: Path) -> Iterator[tuple[Stack, AtRest]]:
    """An installation with every port that developers have, and what was seen before that."""
    (folder / "whole").mkdir()
    with installation(folder / "whole") as stack:
        before = listening()
        up_s = stack.up("--wait-timeout", str(HEALTHY_S_MAX))
        rest = AtRest(built, up_s, stack.memory_mib(), stack.published(), listening() - before)
        stack.files = (BASE, DEV)
        stack.up()
        yield stack, rest


@pytest.fixture(scope="session")
def changing(built: float, folder: Path) -> Iterator[Stack]:
    """An installation that is scaled, upgraded, restored and grown, as the guides say."""
    (folder / "changing").mkdir()
    with installation(folder / "changing", BASE, DEV) as stack:
        stack.up()
        yield stack


@pytest.fixture(scope="session")
def channel(changing: Stack) -> Channel:
    """A team that sends complaints to that installation."""
    key = changing.kulanse("provision", "key", "web-shop").strip()
    return Channel(changing.settings(changing.env_file.parent), key)


@pytest.fixture
def stack(whole: tuple[Stack, AtRest]) -> Stack:
    """The installation."""
    return whole[0]


@pytest.fixture
def rest(whole: tuple[Stack, AtRest]) -> AtRest:
    """What was seen before anything came in."""
    return whole[1]
