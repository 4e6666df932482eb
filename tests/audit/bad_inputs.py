"""Every bad input of AUDIT.md that is a body or a record: at the door, and on the topics.

What must be refused is told at the door, and lies among the dead letters with its bytes and its
place; words that would harm somebody else's program are taken as words.
"""

import time
from asyncio import sleep
from collections import Counter
from collections.abc import Iterator

import httpx
import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from services.cli.sealed import vault_of
from shared.contracts.envelope import Outgoing, Record
from shared.contracts.identity import partition_of
from shared.contracts.registered import ComplaintRegistered
from shared.contracts.topics import (
    CASES,
    DEAD_LETTERS,
    FEEDBACK,
    ORDERS_FACTS,
    PROMISES,
    RECOVERIES,
    REGISTERED,
    SUBMITTED,
    TRIAGED,
)
from shared.settings import Settings
from shared.stage.deadletter import WHOSE, opened_letter
from shared.stage.fetched import record_of
from tests.audit.rig import Rig
from tests.audit.traffic import Traffic
from tests.core.hostile import GOOD, HOSTILE, WORDS_TAKEN, said

PATIENCE_S, LOOK_S = 60.0, 0.2
# Who writes these is one of us: a handful is a bug, fifty in a row a bad deploy (F33).
OURS = (REGISTERED, TRIAGED, RECOVERIES, CASES, PROMISES, FEEDBACK, ORDERS_FACTS)
POISON = ("1 empty", "9 not UTF-8", "15 as deep as it goes", "not JSON")
CE = ("ce_type", b"kulanse.complaint.submitted.v1")
# Of a record's key and headers nothing is believed (44 to 46).
ODD_BUT_TAKEN: dict[str, tuple[bytes | None, tuple[tuple[str, bytes], ...]]] = {
    "44 empty key": (b"", ()),
    "44 binary key": (bytes(range(256)), ()),
    "44 long key": (b"k" * 100_000, ()),
    "45 no headers": (None, ()),
    "45 forged event id": (None, (CE, ("ce_id", b"complaint-1"))),
    "45 forged proof": (None, (("kulanse_proof", b"\xff"), ("kulanse_source", b"shop"))),
    "45 not UTF-8": (None, (("x", b"\xff"), ("x", b"2"))),
    "46 key of somebody else": (b"another-complainant", ()),
}


async def throw_all(rig: Rig, load: Traffic) -> tuple[int, list[str]]:
    """Throw each: how many complaints and duds that sent, and what was not as it should be (I6)."""
    before = len(load.feed.dead)
    wrong = await _at_the_door(rig)
    taken = await _words(rig, load)
    wrong += [f"I6: {name} was answered {told}" for name, told in taken.items() if not told]
    duds = [Outgoing(SUBMITTED.name, None, each.body) for each in HOSTILE.values()]
    duds.append(Outgoing(SUBMITTED.name, None, said(channel_message_id="45 twice"), (CE, CE)))
    poison = _poison(rig.settings.partitions)
    odd = [
        Outgoing(SUBMITTED.name, key, said(channel_message_id=name), headers)
        for name, (key, headers) in ODD_BUT_TAKEN.items()
    ]
    await load.produce([*duds, *poison, *odd])
    await _null(rig.settings)
    thrown = [each.value for each in (*duds, *poison)]
    await _until_buried(load, before + len(thrown) + 1)
    wrong += _unburied(await _dead(rig.settings), [*thrown, b""])
    wrong += _unregistered(load, {*ODD_BUT_TAKEN, *_names()})
    wrong += _strangers(load.feed.dead[before:])
    wrong += _paid(rig, {*taken.values()})
    return len(duds) + 1 + len(odd) + len(WORDS_TAKEN), wrong


def _poison(partitions: int) -> list[Outgoing]:
    """On each topic of ours, each on a partition of its own as far as they go.

    All on one would be more than 5 % of what it sees: a bad deploy, and its readers stop (F33).
    """
    keys = {partition_of(key, partitions): key for key in (b"k%d" % n for n in range(64))}
    return [
        Outgoing(topic.name, keys[at % partitions], HOSTILE[name].body)
        for topic in OURS
        for at, name in enumerate(POISON)
    ]


def _names() -> list[str]:
    return [f"words-{number}" for number in range(len(WORDS_TAKEN))]


async def _until_buried(load: Traffic, most: int) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s:
        if len(load.feed.dead) >= most and load.feed.quiet_s > 1:
            return
        await sleep(LOOK_S)


async def _null(settings: Settings) -> None:
    """43: a record without a value, which no sink of ours sends."""
    async with AIOKafkaProducer(bootstrap_servers=settings.bootstrap) as producer:
        await producer.send_and_wait(SUBMITTED.name, None, key=b"null", partition=0)


async def _dead(settings: Settings) -> list[Record]:
    """Every dead letter, open."""
    vault = vault_of(settings)
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.bootstrap, enable_auto_commit=False)
    found: list[Record] = []
    async with consumer:
        places = [TopicPartition(DEAD_LETTERS.name, n) for n in range(settings.partitions)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        while [tp for tp in places if await consumer.position(tp) < ends[tp]]:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += [record_of(record) for record in records]
    vault.know_keys({dict(each.headers)[WHOSE].decode() for each in found if _whose(each)})
    opened = [opened_letter(record, vault) for record in found]
    vault.close()
    return [letter for letter in opened if letter is not None]


def _whose(letter: Record) -> bool:
    return WHOSE in dict(letter.headers)


def _unburied(letters: list[Record], thrown: list[bytes]) -> Iterator[str]:
    lying = Counter(letter.value or b"" for letter in letters)
    for body, times in Counter(thrown).items():
        if lying[body] < times:
            yield f"I6: {body[:40]!r} thrown {times} times, {lying[body]} dead letters"


def _strangers(buried: list[dict[str, str]]) -> Iterator[str]:
    """What tells where it came from and why it lies here."""
    wanted = {"topic", "partition", "offset", "code"}
    missing = {name for letter in buried for name in wanted - letter.keys()}
    yield from (f"I6: a dead letter without its {each}" for each in sorted(missing))
    by_place = Counter(
        (each["stage"], each["topic"], each["partition"], each["offset"])
        for each in buried
        if not wanted - each.keys()
    )
    yield from (f"I6: {place} buried {n} times" for place, n in by_place.items() if n > 1)


def _unregistered(load: Traffic, names: set[str]) -> Iterator[str]:
    taken = {
        event.data.channel_message_id
        for event in load.feed.events
        if isinstance(event.data, ComplaintRegistered)
    }
    yield from (f"I6: {name} was not registered" for name in sorted(names - taken))


async def _words(rig: Rig, load: Traffic) -> dict[str, str]:
    """24, 28 to 35: words are words; by name, the complaint that was made of them."""
    taken: dict[str, str] = {}
    async with _door(rig) as door:
        for name, words in zip(_names(), WORDS_TAKEN, strict=True):
            # As UTF-8: escaped, twenty thousand accents are more than the door takes.
            body = orjson.dumps({**GOOD, "channel_message_id": name, "text": words})
            answer = await door.post("/v1/complaints", content=body)
            yes = answer.status_code == httpx.codes.ACCEPTED and load.answered(answer)
            taken[name] = str(answer.json()["complaint_id"]) if yes else ""
    return taken


def _paid(rig: Rig, complaints: set[str]) -> Iterator[str]:
    """No money moves because somebody's words say so (34)."""
    for refund in rig.bank.refunds:
        if any(each and each in str(refund["metadata"]) for each in complaints):
            yield f"I6: {refund['id']} was paid for words"


def _door(rig: Rig) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {rig.api_key}", "Content-Type": "application/json"}
    url = f"http://127.0.0.1:{rig.settings.intake_port}"
    return httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=30)


async def _at_the_door(rig: Rig) -> list[str]:
    wrong: list[str] = []
    async with _door(rig) as door:
        for name, hostile in HOSTILE.items():
            answer = await door.post("/v1/complaints", content=hostile.body)
            if not answer.is_client_error:
                wrong.append(f"I6: {name} was answered {answer.status_code}")
                continue
            told = [(each["code"], each["field"]) for each in answer.json()["problems"]]
            if (hostile.code, hostile.field) not in told:
                wrong.append(f"I6: {name} was told {told}")
    return wrong
