"""What `report reconcile` compares, and what must be matched before a held dispatcher goes on."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from services.cli import bus
from services.cli.ledgers import ledger
from services.cli.running import need
from services.cli.surroundings import settings
from services.recovery.reconcile import AtProvider, Difference
from services.recovery.reconcile import differences as compared
from shared.contracts.codec import decode
from shared.contracts.inbox import EffectOutcome
from shared.errors import Invalid, Refused
from shared.stage import adopting, repairs

INBOXES: Mapping[str, str] = {"recovery": "recovery.inbox", "notify": "notify.inbox"}


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


def match_effects(service: str, engine: Engine) -> int:
    """After a restore: what the log says was done is done; how many effects that were.

    Raises `Refused` while the service has not read again all that it had read before.
    """
    topic = INBOXES.get(service)
    if topic is None:
        return 0
    bootstrap = need(settings()).bootstrap
    behind = asyncio.run(_behind(service, engine, bootstrap=bootstrap))
    if behind:
        message = f"{service} has still to read again what it had read: {', '.join(behind[:3])}."
        hint = f"Wait until `kulanse checkpoint show {service}` is past that; decisions go on."
        raise Refused("not_caught_up", message, hint)
    outcomes = asyncio.run(_outcomes(topic, bootstrap))
    return adopting.adopt(engine, outcomes)


async def _outcomes(topic: str, bootstrap: str) -> dict[str, adopting.Told]:
    """The last word of the log on each effect."""
    found: dict[str, adopting.Told] = {}
    async with bus.reader(bootstrap) as consumer:
        async for record in bus.lying(consumer, await bus.there(bootstrap, [topic])):
            try:
                data = decode(record).data
            except Invalid:
                continue
            if isinstance(data, EffectOutcome):
                found[data.effect_key] = adopting.Told(data.state, data.provider_reference)
    return found


async def _behind(service: str, engine: Engine, *, bootstrap: str) -> list[str]:
    committed = await bus.committed(bootstrap, f"kulanse-{service}")
    ours = {
        (topic, each.partition): offset
        for each in repairs.standings(engine)
        for topic, offset in each.offsets.items()
    }
    return [
        f"{topic}-{partition} at {ours.get((topic, partition), 0)} of {offset}"
        for (topic, partition), offset in sorted(committed.items())
        if ours.get((topic, partition), 0) < offset
    ]
