"""The runbooks' `docker` commands, typed as they stand, while complaints keep coming.

Their `kulanse` commands: `tests/stage/test_runbooks.py`; queries: `test_observe_prometheus.py`.
"""

import asyncio
import re
from pathlib import Path

import pytest

from services.cli.demo.run import Counted
from services.notify.app import MAILS_AT_ONCE
from tests.system.engine import tried
from tests.system.figures import say
from tests.system.guides import follow
from tests.system.load import Channel, Load, check_balanced, unknown_fates
from tests.system.stack import ROOT, RUNNING, Stack
from tests.system.test_guides_change import until

pytestmark = pytest.mark.long
PAGES = sorted((ROOT / "docs" / "runbooks").glob("*.md"))
BLOCK = re.compile(r"(?ms)^```sh\n(.*?)^```$")
# It would throw away images of this machine that are not ours.
NOT_HERE = {"docker image prune --force"}
FREEZE = "kill -STOP -1"
LEDGER_UP = """
import re, urllib.request
said = urllib.request.urlopen("http://127.0.0.1:9100/metrics").read().decode()
print(*re.findall(r"(?m)^kulanse_ledger_up[{].* ([0-9.]+)$", said))
"""
MANY = 1_500  # more than can come while every page is typed


def typed(page: Path, heading: str = "") -> list[str]:
    """The `docker` lines of a page, or of one of its parts."""
    text = page.read_text(encoding="utf-8").partition(f"## {heading}\n" if heading else "#")[2]
    text = text.partition("\n## ")[0] if heading else text
    lines = [line for block in BLOCK.findall(text) for line in block.strip().splitlines()]
    return [line for line in lines if line.startswith("docker ") and line not in NOT_HERE]


async def check_nothing_is_lost(channel: Channel, counted: Counted, *, sent: int) -> None:
    """All is well, but for mails that were on their way when the database went: `effects-unknown`.

    Whether they arrived was not written down before it was gone.
    """
    unknown = await asyncio.to_thread(unknown_fates, channel.settings)
    ours = unknown & {each.complaint_id for each in counted.tally.undone}
    say(f"{len(ours)} mails of which nobody knows")
    check_balanced(counted, sent, unknown=ours)
    assert len(ours) <= MAILS_AT_ONCE, "more than one worker has in hand"


def is_down(stack: Stack) -> bool:
    """Whether triage says that its ledger does not answer."""
    said = tried("exec", stack.containers("triage")[0], "python", "-c", LEDGER_UP)
    return said.stdout.split() in (["0.0"], ["0"])


async def test_what_the_pages_say_to_type(changing: Stack, channel: Channel) -> None:
    """Whoever is woken at night would type what does not work, or lose a complaint by it."""
    done: list[str] = []

    def pages() -> None:
        for page in PAGES:
            if lines := typed(page):
                follow(changing, lines)
                changing.healthy(RUNNING)
                done.extend(lines)
        changing.compose("--profile", "*", "rm", "--force", "--stop", "mystery")
        changing.up()  # one worker of each again

    async with Load(channel.settings, channel.api_key) as load:
        sent = await load.send_while(pages, mark="typed", many=MANY)
        counted = await load.counted()
    say(f"{len(done)} docker commands of the runbooks typed under load; {counted.object}")
    await check_nothing_is_lost(channel, counted, sent=sent)
    assert [line for line in NOT_HERE if not any(line in page.read_text() for page in PAGES)] == []


async def test_a_database_that_does_not_answer(changing: Stack, channel: Channel) -> None:
    """Its page would not bring it back, or a complaint that came meanwhile would be lost."""
    page = ROOT / "docs" / "runbooks" / "ledger-down.md"
    look, mend = typed(page, "Look"), typed(page, "Mend")
    assert mend != []
    seen: list[int] = []

    def night() -> None:
        frozen = changing.containers("postgres")[0]
        tried("exec", frozen, "bash", "-c", FREEZE)
        seen.append(tried("exec", frozen, "pg_isready", "--timeout=2").returncode)
        until(lambda: is_down(changing), what="the gauge that wakes somebody")
        follow(changing, [line for line in look if "pg_isready" not in line])
        follow(changing, mend)
        seen.append(round(changing.healthy(RUNNING)))

    async with Load(channel.settings, channel.api_key) as load:
        sent = await load.send_while(night, mark="frozen")
        counted = await load.counted()
    said, healthy_s = seen
    say(f"a frozen Postgres, mended by its page: healthy {healthy_s} s later; {counted.object}")
    assert said != 0, "it answered: nothing was mended"
    await check_nothing_is_lost(channel, counted, sent=sent)
