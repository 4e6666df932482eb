"""Read `controls` in full, then follow it: no group, no checkpoint, the same for every process.

It is compacted and small. A process works only after it has read it, so that a pause outlives
every restart; what follows arrives as soon as it is produced.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.broker_access import access
from shared.contracts.codec import decode
from shared.contracts.contract import Contract
from shared.contracts.controls import KeyForgotten, SwitchSet
from shared.contracts.envelope import Record
from shared.contracts.topics import CONTROLS
from shared.errors import Invalid
from shared.settings import Settings
from shared.stage.fetched import record_of
from shared.stage.switches import Switches

PLACE = TopicPartition(CONTROLS.name, 0)
POLL_MS = 500  # how long an empty poll waits; a record ends it at once


async def read_in_full(settings: Settings, switches: Switches) -> int:
    """Take all that lies there now; the offset to follow from."""
    async with _reader(settings) as consumer:
        await consumer.seek_to_beginning(PLACE)
        end = (await consumer.end_offsets([PLACE]))[PLACE]
        while await consumer.position(PLACE) < end:
            await _take(consumer, switches)
        return int(end)


async def follow(settings: Settings, switches: Switches, *, after: int) -> None:
    """Take what comes, for ever."""
    async with _reader(settings) as consumer:
        consumer.seek(PLACE, after)
        while True:
            await _take(consumer, switches)


@asynccontextmanager
async def _reader(settings: Settings) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        **access(settings),
        enable_auto_commit=False,
        # The topic was made anew under us: what lies there now is what counts.
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    await consumer.start()
    try:
        consumer.assign([PLACE])
        yield consumer
    finally:
        await consumer.stop()


async def _take(consumer: AIOKafkaConsumer, switches: Switches) -> None:
    for found in (await consumer.getmany(timeout_ms=POLL_MS)).values():
        for each in found:
            _heard(record_of(each), switches)


def word_in(record: Record) -> SwitchSet | None:
    """Somebody's word on a switch, or None when it is about something else; raises `Invalid`."""
    data = _said_in(record)
    return data if isinstance(data, SwitchSet) else None


def _said_in(record: Record) -> Contract:
    return decode(record).data


def _heard(record: Record, switches: Switches) -> None:
    log = structlog.get_logger()
    try:
        word = _said_in(record)
    except Invalid as invalid:
        # A bad record must not stop every process at once.
        codes = [fault.code for fault in invalid.faults]
        log.warning("control_invalid", offset=record.offset, codes=codes)
        return
    if isinstance(word, KeyForgotten):
        switches.forget(word)
    elif isinstance(word, SwitchSet) and switches.take(word):
        log.warning("switch_set", switch=word.switch, paused=word.paused, actor=word.actor)
