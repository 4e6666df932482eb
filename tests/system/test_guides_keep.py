"""The pages on backup, retention and partitions, followed as they stand; then all is counted."""

import asyncio
from collections import Counter

import httpx
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from services.cli.demo.feed import READ
from shared.contracts.topics import RECEIPTS, TOPICS
from tests.system.figures import say
from tests.system.guides import commands, follow
from tests.system.load import Channel, Load, check_balanced
from tests.system.stack import PARTITIONS, RUNNING, STAGES, Stack

pytestmark = pytest.mark.long
MANY, MORE = 40, 6
ACTING = {"recovery", "notify"}


def mails(stack: Stack) -> Counter[str]:
    """How often each mail has reached the relay, by its Message-ID."""
    found = httpx.get(f"http://127.0.0.1:{stack.ports['MAILDEV']}/email", timeout=30).json()
    return Counter(each["headers"]["message-id"] for each in found)


def held(stack: Stack) -> set[str]:
    """Whose dispatcher waits for a person."""
    each = "SELECT 'STAGE' FROM STAGE.holds"
    asked = " UNION ALL ".join(each.replace("STAGE", name) for name in STAGES)
    words = ["exec", "-T", "postgres", "psql", "-U", "kulanse", "-Atc", asked, "kulanse"]
    return set(stack.compose(*words).split())


async def test_kept_as_long_as_the_page_says(changing: Stack, channel: Channel) -> None:
    """Complaints would be gone before they were read, or lie for years; a disk would run full."""
    said = follow(changing, commands("retention"))
    assert "retention.ms=604800000" in said
    changing.compose("run", "--rm", "-T", "topics")  # what an upgrade does leaves it alone
    found = await _kept_ms(channel)
    assert found == {t.name: t.retention_ms for t in TOPICS} | {RECEIPTS.name: 604_800_000}
    form = '{{index .HostConfig.LogConfig.Config "max-size"}}'
    form += ' {{index .HostConfig.LogConfig.Config "max-file"}}'
    assert {line for name in RUNNING for line in changing.inspect(name, form)} == {"20m 5"}


async def _kept_ms(channel: Channel) -> dict[str, int]:
    admin = AIOKafkaAdminClient(bootstrap_servers=channel.settings.bootstrap)
    await admin.start()
    try:
        asked = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in TOPICS]
        (answer,) = await admin.describe_configs(asked)
    finally:
        await admin.close()
    return {
        name: next(int(entry[1]) for entry in entries if entry[0] == "retention.ms")
        for _code, _words, _kind, name, entries in answer.resources
    }


async def test_a_restored_backup_pays_and_writes_nothing_twice(
    changing: Stack, channel: Channel
) -> None:
    """After a lost disk people would be paid or written to again, or never."""
    place = str(changing.env_file.parent / "backup")

    def page(part: str) -> str:
        return follow(changing, commands("backup", part), BACKUP=place)

    async with Load(channel.settings, channel.api_key) as load:
        sent = await load.send_while(lambda: page("backup"), mark="kept")
        sent += await load.send(MANY, mark="lost")
        check_balanced(await load.counted(), sent)
        before = mails(changing)
        await asyncio.to_thread(page, "restore")
        assert await asyncio.to_thread(held, changing) == ACTING
        assert (await asyncio.to_thread(page, "held")).count("held ") == len(ACTING)
        await load.quiet()
        assert mails(changing) == before, "written to while it was held"
        said = await asyncio.to_thread(page, "reconcile")
        sent += await load.send(MANY, mark="after")
        counted = await load.counted()
    say(f"restored: {' '.join(said.split())}")
    letters = Counter(each["code"] for each in load.feed.dead)
    say(f"restored: {counted.object}, dead letters {dict(letters)}")
    check_balanced(counted, sent)
    assert set(letters) <= {"key_missing"}, "the vault is as old as the backup, and nothing else"
    assert (before.total() > 0, before - mails(changing)) == (True, Counter())
    assert [id_ for id_, times in mails(changing).items() if times > 1] == []
    assert await asyncio.to_thread(held, changing) == set()


async def test_more_partitions(changing: Stack, channel: Channel) -> None:
    """A person's events would overtake each other, or what she sent before would be read again."""
    async with Load(channel.settings, channel.api_key) as load:
        sent = await load.send(MANY, mark="before")
        check_balanced(await load.counted(), sent)
    await asyncio.to_thread(_grow, changing)
    grown = Channel(channel.settings.model_copy(update={"partitions": MORE}), channel.api_key)
    async with Load(grown.settings, grown.api_key) as load:
        again = await load.send(MANY, mark="before")
        sent = again + await load.send(MANY, mark="grown")
        counted = await load.counted()
    say(f"from {PARTITIONS} to {MORE} partitions: {counted.object}")
    check_balanced(counted, sent)
    assert counted.tally.registered + counted.tally.replied == MANY
    assert counted.tally.duplicates >= again
    assert await _partitions(grown) == {t.name: t.partitions or MORE for t in READ}


def _grow(stack: Stack) -> None:
    stop, alter, start = commands("partitions")
    follow(stack, [stop])
    follow(stack, [alter], PARTITIONS=str(MORE))
    knobs = stack.env_file.read_text(encoding="utf-8")
    was, now = (f"KULANSE_PARTITIONS={count}\n" for count in (PARTITIONS, MORE))
    assert was in knobs
    stack.env_file.write_text(knobs.replace(was, now), encoding="utf-8")
    follow(stack, [start])
    stack.healthy(RUNNING)


async def _partitions(channel: Channel) -> dict[str, int]:
    admin = AIOKafkaAdminClient(bootstrap_servers=channel.settings.bootstrap)
    await admin.start()
    try:
        described = await admin.describe_topics([topic.name for topic in READ])
    finally:
        await admin.close()
    return {each["topic"]: len(each["partitions"]) for each in described}
