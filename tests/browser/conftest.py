"""One installation and one Chromium for the whole ring; without Chromium it is left out."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser

from services.cli.demo.script import script
from tests.browser.surroundings import CHROMIUM, chromium
from tests.browser.world import DEMO, Desk
from tests.people import up, within

SETTLED_S_MAX = 120.0


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    """A browser."""
    if not CHROMIUM:
        pytest.skip("there is no Chromium here (apt-get install chromium)")
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def desk(chrome: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Everything running on a real broker, and complaints that wait for people."""
    folder = tmp_path_factory.mktemp("console")
    told = {t.id: t.submitted for t in script(50, datetime.now(UTC)).told if t.id in DEMO}
    lines = "\n".join(json.dumps(each) for each in told.values())
    (folder / "complaints.jsonl").write_text(lines, encoding="utf-8")
    with up(folder / "state") as eik:
        answers = eik.does("send", str(folder / "complaints.jsonl")).splitlines()
        ids = (str(json.loads(answer)["complaint_id"]) for answer in answers)
        found = Desk(eik, chrome, dict(zip(told, ids, strict=True)))
        waiting = within(SETTLED_S_MAX, found.waiting, wanted=len(DEMO))
        assert waiting == len(DEMO)
        yield found
