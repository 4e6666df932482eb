"""What `report reconcile` compares, and what must be matched before a held dispatcher goes on."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
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
from shared.contracts.envelope import Outgoing, Record
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
    """What the log says came back of an effect, and the record that says it."""

    event_id: str
    data: EffectOutcome | TimerDue
    record: Record


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
        keys = {each.event_id: each.data.effect_key for each in found}
        early = adopting.too_early(engine, keys)
        if not early:
            return adopting.adopt(engine, _last_words(found))
        adopting.take_back(engine, early)
        again = {each.event_id: each.record for each in found if each.event_id in early}
        asyncio.run(_tell_again([*again.values()], bootstrap))
    raise _not_caught_up(service, [f"{len(early)} outcomes told again"])


async def _came_back(topic: str, bootstrap: str) -> list[_CameBack]:
    """Every outcome and timer that lies in the log, in its order."""
    found = []
    async with bus.reader(bootstrap) as consumer:
        async for record in bus.lying(consumer, await bus.there(bootstrap, [topic])):
            try:
                event = decode(record)
            except Invalid:
                continue
            if isinstance(event.data, EffectOutcome | TimerDue):
                found.append(_CameBack(event.id, event.data, record))
    return found


def _last_words(found: Sequence[_CameBack]) -> dict[str, adopting.Told]:
    """The last word of the log on each effect."""
    outcomes = (each.data for each in found if isinstance(each.data, EffectOutcome))
    return {one.effect_key: adopting.Told(one.state, one.provider_reference) for one in outcomes}


def _wait_until_read(service: str, engine: Engine, *, found: Sequence[_CameBack]) -> None:
    """Until the service has decided on all of it; raises `Refused` when that takes too long."""
    wanted = Counter[tuple[str, int]]()
    for each in found:
        wanted[each.record.topic, each.record.partition] = each.record.offset + 1
    for _ in range(READ_S_MAX):
        behind = _short_of(wanted, engine)
        if not behind:
            return
        time.sleep(1)
    raise _not_caught_up(service, behind)


async def _tell_again(records: Sequence[Record], bootstrap: str) -> None:
    async with bus.writer(bootstrap) as producer:
        for each in records:
            again = Outgoing(
                each.topic, each.key, each.value or b"", each.headers, partition=each.partition
            )
            await bus.put(producer, again)


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
