"""What `report reconcile` compares, and what must be matched before a held dispatcher goes on."""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from services.cli import bus
from services.cli.ledgers import ledger
from services.cli.running import need
from services.cli.surroundings import settings
from services.recovery.reconcile import AtProvider, Difference
from services.recovery.reconcile import differences as compared
from shared.contracts.codec import decode
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event, Outgoing, Record
from shared.contracts.inbox import EffectOutcome, TimerDue
from shared.errors import Invalid, Refused
from shared.stage import adopting, repairs

INBOXES: Mapping[str, str] = {"recovery": "recovery.inbox", "notify": "notify.inbox"}
# A look-up, a payment, what waits for it: each is decided once the one before was told.
TOLD_AGAIN_MAX = 20
READ_S_MAX = 60  # a stage reads thousands a second: longer, and it is not reading


def differences(days: int) -> tuple[Difference, ...]:
    """Everything that does not agree now; asks the provider when there is one."""
    since = datetime.now(UTC) - timedelta(days=days)
    there = asyncio.run(_at_provider(since))
    with ledger("recovery") as engine:
        return compared(engine, there, since=since)


def line(each: Difference) -> str:
    """One difference, for people."""
    return f"{each.code:<22} {each.about}: here {each.here}; there {each.there}"


async def _at_provider(since: datetime) -> list[AtProvider] | None:
    key = settings().stripe_key.get_secret_value()
    if not key:
        return None
    from services.recovery.gestures.stripe import Stripe

    provider = Stripe(key, url=settings().stripe_url)
    try:
        return [each async for each in provider.made(since)]
    finally:
        await provider.close()


@dataclass(frozen=True, slots=True)
class _CameBack:
    """What the log says came back of an effect, and where it lies; `told` None: a timer."""

    event_id: str
    effect_key: str
    told: adopting.Told | None
    place: tuple[str, int]
    offset: int


def match_effects(service: str, engine: Engine) -> int:
    """After a restore: what the log says was done is done; how many effects that were.

    What was read before its effect was decided anew is told once more, and waited for. Raises
    `Refused` while the service has not read again all that it had read before.
    """
    topic = INBOXES.get(service)
    if topic is None:
        return 0
    bootstrap = need(settings()).bootstrap
    behind = asyncio.run(_behind(service, engine, bootstrap=bootstrap))
    if behind:
        raise _not_caught_up(service, behind)
    for _ in range(TOLD_AGAIN_MAX):
        found = asyncio.run(_came_back(topic, bootstrap))
        _wait_until_read(service, engine, found=found)
        early = adopting.too_early(engine, {each.event_id: each.effect_key for each in found})
        if not early:
            words = {each.effect_key: each.told for each in found if each.told is not None}
            return adopting.adopt(engine, words)
        adopting.take_back(engine, early)
        asyncio.run(_tell_again(early, topic, bootstrap=bootstrap))
    raise _not_caught_up(service, [f"{len(early)} outcomes told again"])


async def _came_back(topic: str, bootstrap: str) -> list[_CameBack]:
    """Every outcome and timer that lies in the log, in its order, without what it carries."""
    found = []
    async for event, record in _lying(topic, bootstrap):
        data = event.data
        if isinstance(data, EffectOutcome | TimerDue):
            place = (record.topic, record.partition)
            found.append(_CameBack(event.id, data.effect_key, _told(data), place, record.offset))
    return found


def _told(data: EffectOutcome | TimerDue) -> adopting.Told | None:
    if isinstance(data, TimerDue):
        return None
    return adopting.Told(data.state, data.provider_reference)


def _wait_until_read(service: str, engine: Engine, *, found: Sequence[_CameBack]) -> None:
    """Until the service has decided on all of it; raises `Refused` when that takes too long."""
    wanted = {each.place: each.offset + 1 for each in found}
    for _ in range(READ_S_MAX):
        behind = _short_of(wanted, engine)
        if not behind:
            return
        time.sleep(1)
    raise _not_caught_up(service, behind)


async def _tell_again(ids: Collection[str], topic: str, *, bootstrap: str) -> None:
    """Produce the records of these events once more, each once, in the order of the log."""
    left = set(ids)
    async with bus.writer(bootstrap) as producer:
        async for event, each in _lying(topic, bootstrap):
            if event.id in left:
                left.remove(event.id)
                value, partition = each.value or b"", each.partition
                again = Outgoing(each.topic, each.key, value, each.headers, partition=partition)
                await bus.put(producer, again)


async def _lying(topic: str, bootstrap: str) -> AsyncIterator[tuple[Event[Contract], Record]]:
    """What can be read of a topic, event by event."""
    async with bus.reader(bootstrap) as consumer:
        async for record in bus.lying(consumer, await bus.there(bootstrap, [topic])):
            with suppress(Invalid):
                yield decode(record), record


def _not_caught_up(service: str, behind: Sequence[str]) -> Refused:
    message = f"{service} has still to read again what it had read: {', '.join(behind[:3])}."
    hint = f"Wait until `kulanse checkpoint show {service}` is past that; decisions go on."
    return Refused("not_caught_up", message, hint)


async def _behind(service: str, engine: Engine, *, bootstrap: str) -> list[str]:
    committed = await bus.committed(bootstrap, f"kulanse-{service}")
    return _short_of({(at.topic, at.partition): n for at, n in committed.items()}, engine)


def _short_of(wanted: Mapping[tuple[str, int], int], engine: Engine) -> list[str]:
    """The partitions in which the ledger is not so far, in words."""
    ours = {
        (topic, each.partition): offset
        for each in repairs.standings(engine)
        for topic, offset in each.offsets.items()
    }
    return [
        f"{topic}-{partition} at {ours.get((topic, partition), 0)} of {offset}"
        for (topic, partition), offset in sorted(wanted.items())
        if ours.get((topic, partition), 0) < offset
    ]
