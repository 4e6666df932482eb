"""The commands of the runbooks work: each is run once, on a whole installation."""

import asyncio
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.__main__ import run
from services.cli import bus, deadletters
from services.cli.running import need
from shared.contracts.envelope import Outgoing
from shared.contracts.topics import SUBMITTED
from shared.settings import Settings
from tests.stage.test_up import up
from tests.tidy.source import ROOT

PAGES = sorted((ROOT / "docs" / "runbooks").glob("*.md"))
REFUSES = "# refuses"
LOOKS, LOOK_S = 120, 0.5


def commands(page: Path) -> list[str]:
    """The `kulanse` lines of a page's shell blocks."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in block.strip().splitlines()]
    return [line for line in lines if line.startswith("kulanse ")]


@pytest.fixture(scope="module")
def dead_letter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An installation where everything is well, but for one dead letter: its id."""
    folder = tmp_path_factory.mktemp("runbooks")
    with up(folder), pytest.MonkeyPatch.context() as patch:
        patch.setenv("KULANSE_STATE_DIR", str(folder))
        patch.chdir(folder)
        yield asyncio.run(_one_dead())


async def _one_dead() -> str:
    async with bus.writer(need(Settings()).bootstrap) as producer:
        await bus.put(producer, Outgoing(SUBMITTED.name, None, b"{"))
    for _ in range(LOOKS):
        if found := await deadletters.all_of_them():
            return found[0].id
        await asyncio.sleep(LOOK_S)
    pytest.fail("never came: the dead letter")


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=lambda p: p.stem)
def test_the_commands_of_a_page_work(page: Path, dead_letter: str) -> None:
    """Whoever is woken at night would type something that is not so any more."""
    for line in commands(page):
        words = shlex.split(line.replace("DEAD_LETTER", dead_letter), comments=True)
        expected = 1 if REFUSES in line else 0
        assert (line, run(words[1:])) == (line, expected)
