"""The pages on scaling and upgrading, followed as they stand, while complaints keep coming."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from shared.ledger.migrate import alembic_config
from tests.system.engine import docker
from tests.system.figures import say
from tests.system.guides import commands, follow
from tests.system.load import Channel, Load, check_balanced
from tests.system.stack import DOORS, RUNNING, STAGES, Stack

pytestmark = pytest.mark.long
NEXT = f"next-{os.getpid()}"
OURS, IMAGES = (*STAGES, *DOORS), (*STAGES, "ops")
PLACE = "/app/shared/ledger/migrations/versions/"
WITHIN_S, LOOK_S = 90.0, 0.5
MIGRATION = '''"""What the next version adds."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "stage_9999", "HEAD"
branch_labels = depends_on = None


def upgrade() -> None:
    op.add_column("effects", sa.Column("of_the_next", sa.Text))
    op.create_table("of_the_next", sa.Column("name", sa.Text, primary_key=True))
'''
DECIDED = """
import re, urllib.request
said = urllib.request.urlopen("http://127.0.0.1:9100/metrics").read().decode()
print(sum(float(n) for n in re.findall(r"(?m)^kulanse_events_total[{].* ([0-9.e+]+)$", said)))
"""


def decided(stack: Stack, service: str) -> list[float]:
    """How many events each worker of a service has decided since it started."""
    workers = stack.containers(service)
    return [float(docker("exec", each, "python", "-c", DECIDED)) for each in workers]


def until(true: Callable[[], bool], *, what: str) -> None:
    """Wait for it."""
    began_s = time.monotonic()
    while not true():
        assert time.monotonic() - began_s < WITHIN_S, f"never came: {what}"
        time.sleep(LOOK_S)


def versions(stack: Stack, *services: str) -> set[str]:
    """Which versions of these services run."""
    images = [image for name in services for image in stack.inspect(name, "{{.Config.Image}}")]
    return {image.rpartition(":")[2] for image in images}


async def check_nothing_shows(channel: Channel, doing: Callable[[], object], *, mark: str) -> None:
    """Do it while complaints come: nothing is lost, nothing happens twice."""
    async with Load(channel.settings, channel.api_key) as load:
        began_s = time.monotonic()
        sent = await load.send_while(doing, mark=mark)
        took_s = time.monotonic() - began_s
        counted = await load.counted()
    again = load.tried_again
    say(f"{mark}: {took_s:.0f} s under load, posted again {again} times; {counted.object}")
    check_balanced(counted, sent)


async def test_three_workers_share_the_load(changing: Stack, channel: Channel) -> None:
    """A stage that is behind could not be helped, or a complaint were lost when its worker goes."""
    out, back = commands("scale")

    def scale() -> None:
        follow(changing, [out])
        assert len(changing.containers("triage")) == 3
        until(lambda: min(decided(changing, "triage")) > 0, what="work for all three")
        say(f"three workers of triage decided {decided(changing, 'triage')}")
        follow(changing, [back])
        assert len(changing.containers("triage")) == 1

    await check_nothing_shows(channel, scale, mark="scaled")


@pytest.fixture(scope="module")
def newer(changing: Stack, folder: Path) -> Iterator[str]:
    """The images of a next version whose tables have a column and a table more; its name."""
    (folder / "next").mkdir()
    (head,) = ScriptDirectory.from_config(alembic_config("triage")).get_heads()
    (folder / "next" / "9999_next.py").write_text(MIGRATION.replace("HEAD", head))
    plain = f"{NEXT}-plain"
    follow(changing, commands("upgrade", "build"), KULANSE_VERSION=plain)
    try:
        for name in IMAGES:
            lines = f"FROM kulanse/{name}:{plain}\nCOPY 9999_next.py {PLACE}\n"
            tag = f"kulanse/{name}:{NEXT}"
            docker("build", "-q", "-t", tag, "-f", "-", str(folder / "next"), given=lines)
        yield NEXT
    finally:
        made = [f"kulanse/{name}:{tag}" for name in IMAGES for tag in (NEXT, plain)]
        docker("image", "rm", "--force", *made)


async def test_an_upgrade_step_by_step(changing: Stack, channel: Channel, newer: str) -> None:
    """A new version would need a night with the doors closed; or the old one die on its tables."""

    def upgrade() -> None:
        follow(changing, commands("upgrade", "tables"), KULANSE_VERSION=newer)
        changing.kill("triage")  # the old version starts again, on the new tables
        until(lambda: "tables_are_newer" in changing.logs("triage"), what="its word of it")
        changing.healthy(["triage"])
        follow(changing, commands("upgrade", "look"), KULANSE_VERSION=newer)
        assert versions(changing, "triage") == {"dev", newer}
        until(lambda: min(decided(changing, "triage")) > 0, what="work for old and new")
        follow(changing, commands("upgrade", "rolling"), KULANSE_VERSION=newer)
        assert versions(changing, *OURS) == {newer}

    await check_nothing_shows(channel, upgrade, mark="upgraded")
    label = '{{index .Config.Labels "org.opencontainers.image.version"}}'
    assert changing.inspect("triage", label) == [f"{newer}-plain"]


async def test_back_to_the_old_version(changing: Stack, channel: Channel, newer: str) -> None:
    """An upgrade that went wrong could not be taken back, for its tables have changed."""
    rolling = commands("upgrade", "rolling")
    await check_nothing_shows(channel, lambda: follow(changing, rolling), mark="back")
    assert versions(changing, *OURS) == {"dev"}
    changing.healthy(RUNNING)
