"""Bad deploys and mixed ones: what another version writes (F33, F36)."""

import asyncio
import signal
from collections.abc import Iterable, Mapping
from contextlib import suppress

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.contracts.envelope import Outgoing
from shared.contracts.identity import partition_of
from shared.contracts.topics import TOPICS, TRIAGED
from shared.stage.breaker import IN_A_ROW_MAX
from tests.audit import persons
from tests.audit.case import Injected, Scene, happened
from tests.audit.processes import STAGES
from tests.audit.rig import PARTITIONS, SECOND, Rig
from tests.audit.speaking import NEW, NEWER, OLDER

# Who reads what triage writes, and how many records of its bad deploy lie there.
READERS, POISON, PARTITION = ("recovery", "notify", "desk"), IN_A_ROW_MAX + 10, 0
STANDS_S = 60
# Which part writes as which version: two workers of one stage are of two.
VERSIONS = tuple(
    (part, "AUDIT_SPEAKS", version)
    for version, parts in ((NEWER, ("intake", "recovery", "notify")), (OLDER, ("triage", SECOND)))
    for part in parts
)


async def bad_deploy(scene: Scene) -> Injected:
    """F33: triage writes what nobody can read; each reader stops, and goes on when told to.

    A restart alone does not help: the records lie there for ever.
    """
    rig, dead = scene.rig, len(scene.load.feed.dead)
    await scene.rig.all_sent.wait()
    key = next(k for k in map(b"k%d".__mod__, range(64)) if _lies_in(k) == PARTITION)
    await scene.load.produce([Outgoing(TRIAGED.name, key, b"{") for _ in range(POISON)])
    wrong = await _stand(rig, "")
    await _again(rig, READERS)
    wrong += await _stand(rig, ", started again")
    for name in READERS:
        bury = ("accept-invalid", name, str(PARTITION), "--many", str(POISON))
        await asyncio.to_thread(persons.repair, rig, *bury, why="F33")
    await _again(rig, READERS)
    await asyncio.sleep(1)
    await rig.all_ready()

    def after() -> Iterable[str]:
        buried = len(scene.load.feed.dead) - dead
        if buried != POISON * len(READERS):
            yield f"F33: {buried} dead letters of {POISON} records that {len(READERS)} read"

    return Injected(f"{POISON} records that nobody can read, in a row", wrong, after)


def _lies_in(key: bytes) -> int:
    return partition_of(key, PARTITIONS)


async def _stand(rig: Rig, when: str) -> list[str]:
    """Every reader says why it stands."""
    silent = await persons.silent(rig, READERS, words="bad deploy")
    return [f"F33: {name} did not stop{when}" for name in silent]


async def _again(rig: Rig, names: Iterable[str]) -> None:
    """Start them again, once each is so far up that it knows what SIGTERM means."""
    for name in [each for each in STAGES if each.partition("-")[0] in names]:
        for _ in range(STANDS_S):
            if name in rig.supervisor.pids and await rig.answers(name):
                rig.signal(name, signal.SIGTERM)
                break
            await asyncio.sleep(1)


async def mixed(scene: Scene) -> Injected:
    """F36: some write as the next version does, some as the released one; and hand over."""
    rig = scene.rig
    await asyncio.sleep(2)
    for name in ("recovery", SECOND):
        former = rig.supervisor.pids[name]
        rig.signal(name, signal.SIGTERM)
        await rig.come_again(name, former)
        await rig.all_ready()
    await rig.all_sent.wait()
    found = await _spoken(rig)
    newer = found.pop(True, 0)
    older = found.pop(False, 0)
    words = f"{newer} records with fields that we do not know, {older} without"
    return Injected(happened(min(newer, older), words))


async def _spoken(rig: Rig) -> dict[bool, int]:
    """How many records there are with a field of the next version, and without."""
    told: dict[bool, int] = {}
    consumer = AIOKafkaConsumer(bootstrap_servers=rig.settings.bootstrap)
    async with consumer:
        places = [
            TopicPartition(topic.name, partition)
            for topic in TOPICS
            if not topic.foreign
            for partition in range(topic.partitions or PARTITIONS)
        ]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        while [tp for tp in places if await consumer.position(tp) < ends[tp]]:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for record in records:
                    said = _said(record.value)
                    if said is not None:
                        told[NEW in said] = told.get(NEW in said, 0) + 1
    return told


def _said(value: bytes | None) -> Mapping[str, object] | None:
    with suppress(orjson.JSONDecodeError):
        told = orjson.loads(value or b"")
        return told if isinstance(told, dict) else None
    return None
