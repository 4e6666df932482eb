"""Faults of what lies on the topics: read again from the start, poisoned, flooded (F32 to F34)."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterable

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from sqlalchemy import select

from services.intake.doors.keys import mint_key
from shared.contracts.envelope import Outgoing
from shared.contracts.registered import ComplaintRegistered
from shared.contracts.topics import TRIAGED
from shared.ledger.tables import effects
from shared.stage.broker import ensure_topics
from shared.stage.shell import SESSION_S
from tests.audit import invariants, persons
from tests.audit.case import Injected, Scene, by_the_clock
from tests.audit.inside import committed, rows
from tests.audit.processes import STAGES
from tests.audit.rig import PARTITIONS, Rig
from tests.core.hostile import said

READERS = ("recovery", "notify", "desk")
GONE_S = 60
CALM_S = 120.0
FLOOD, CONNECTIONS = 10_000, 8


async def replay(scene: Scene) -> Injected:
    """F32: all groups at 0, then forgotten as by another name, then a topic made anew.

    It strikes when all is done: what lies on the topic is laid there again, and nothing follows.
    """
    rig = scene.rig
    await rig.all_sent.wait()
    await invariants.done(rig, scene.load, patience_s=CALM_S)
    told = {event.id for event in scene.load.feed.events}
    before = await _effects(rig, besides=set())
    await _set_back(rig)
    await rig.all_ready()
    laid = await _read(rig)
    await _made_anew(rig)
    await scene.load.produce(laid[::-1])
    _again(rig)
    silent = await persons.silent(rig, READERS, words="checkpoint restart")
    wrong = [f"F32: {name} did not say that its topic was made anew" for name in silent]
    for name in READERS:
        await asyncio.to_thread(persons.repair, rig, "restart", name, TRIAGED.name, why="F32")
    _again(rig)
    await asyncio.sleep(1)
    await rig.all_ready()

    def after() -> Iterable[str]:
        brought = by_the_clock(scene, told)
        now = asyncio.run(_effects(rig, besides=brought))
        if now != before:
            yield f"F32: effects, refunds and mails were {before} and are {now}"
        if more := {event.id for event in scene.load.feed.events} - told - brought:
            yield f"F32: {len(more)} new events"

    words = f"groups set back to 0; {TRIAGED.name} made anew with {len(laid)} records"
    return Injected(words, wrong, after)


async def _effects(rig: Rig, *, besides: set[str]) -> tuple[int, int, int]:
    """How many effects we know that these did not cause, refunds made, mails the relay took."""
    causes = select(effects.c.cause_id).where(effects.c.kind != "timer")
    known = [
        await asyncio.to_thread(rows, rig, name, statement=causes)
        for name in ("recovery", "notify")
    ]
    ours = [cause for each in known for (cause,) in each if cause not in besides]
    return len(ours), len(rig.bank.refunds), len(rig.relay.taken)


async def _set_back(rig: Rig) -> None:
    """While nobody reaches Kafka, every group forgets how far it was."""
    places = await committed(rig)
    rig.wire.refusing = True
    rig.wire.cut()
    await asyncio.sleep(SESSION_S + 5)
    for stage in {stage for stage, _, _ in places}:
        ours = {TopicPartition(t, p): 0 for s, t, p in places if s == stage}
        consumer = AIOKafkaConsumer(
            bootstrap_servers=rig.settings.bootstrap,
            group_id=f"kulanse-{stage}",
            enable_auto_commit=False,
        )
        consumer.assign(list(ours))
        async with consumer:
            await consumer.commit(ours)
    rig.wire.heal()


async def _made_anew(rig: Rig) -> None:
    """Delete the topic, and make it again."""
    admin = AIOKafkaAdminClient(bootstrap_servers=rig.settings.bootstrap)
    await admin.start()
    try:
        await admin.delete_topics([TRIAGED.name])
        for _ in range(GONE_S):
            if TRIAGED.name not in await admin.list_topics():
                break
            await asyncio.sleep(1)
    finally:
        await admin.close()
    await ensure_topics(rig.settings)


def _again(rig: Rig) -> None:
    for name, pid in rig.supervisor.pids.items():
        if name.partition("-")[0] in READERS and name in STAGES:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)


async def _read(rig: Rig) -> list[Outgoing]:
    consumer = AIOKafkaConsumer(bootstrap_servers=rig.settings.bootstrap)
    found: list[Outgoing] = []
    async with consumer:
        places = [TopicPartition(TRIAGED.name, n) for n in range(PARTITIONS)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        while [tp for tp in places if await consumer.position(tp) < ends[tp]]:
            for tp, records in (await consumer.getmany(timeout_ms=200)).items():
                found += [
                    Outgoing(tp.topic, r.key, r.value, tuple(r.headers), partition=tp.partition)
                    for r in records
                ]
    return found


async def flood(scene: Scene) -> Injected:
    """F34: one complaint ten thousand times on eight connections; the same id by another source."""
    rig, load = scene.rig, scene.load
    name = f"flood-{scene.dice.randrange(10**9)}"
    body, taken = said(channel_message_id=name), 0
    url = f"http://127.0.0.1:{rig.settings.intake_port}"
    left = iter(range(FLOOD))

    async def connection(door: httpx.AsyncClient) -> None:
        nonlocal taken
        for _ in left:
            answer = await door.post("/v1/complaints", content=body, headers=_headers(rig.api_key))
            taken += answer.status_code == httpx.codes.ACCEPTED and load.answered(answer)

    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as door:
        await asyncio.gather(*(connection(door) for _ in range(CONNECTIONS)))
        other = mint_key(rig.state_dir, "another-shop")
        answer = await door.post("/v1/complaints", content=body, headers=_headers(other))

    def after() -> Iterable[str]:
        found = {
            event.data.complaint_id
            for event in load.feed.events
            if isinstance(event.data, ComplaintRegistered) and event.data.channel_message_id == name
        }
        if len(found) != 1 + answer.is_success:
            yield f"F34: {len(found)} complaints of one id by two sources"

    return Injected(f"{taken} of {FLOOD} taken on {CONNECTIONS} connections", after=after)


def _headers(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
