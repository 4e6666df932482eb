"""A thousand complaints in; then the same with every container killed once meanwhile."""

import asyncio
import time
from itertools import pairwise
from pathlib import Path

import pytest

from services.notify.app import MAILS_AT_ONCE
from shared.settings import Settings
from tests.system.figures import say
from tests.system.load import Load, check_balanced, unknown_fates
from tests.system.stack import RUNNING, STAGES, Stack

MANY = 1_000
MANY_KILLED = 800  # more than can come before the last is killed; they stop soon after
# Every container once. Stages are killed together: each has a group and a ledger of its own.
IN_TURN = (("kafka",), ("postgres", "intake-door"), (*STAGES, "desk-door"))


@pytest.fixture(scope="module")
def settings(whole: tuple[Stack, object], folder: Path) -> Settings:
    """The installation as a process on this host reaches it."""
    return whole[0].settings(folder)


@pytest.fixture(scope="module")
def api_key(whole: tuple[Stack, object]) -> str:
    """A channel team's key, made with the command that ops has for it."""
    return whole[0].kulanse("provision", "key", "web-shop").strip()


async def test_a_thousand_in_and_all_out(settings: Settings, api_key: str) -> None:
    """A complaint would be lost, answered twice, or never come to an end."""
    async with Load(settings, api_key) as load:
        await load.confirm_orders(MANY, mark="whole")
        sent = await load.send(MANY, mark="whole")
        counted = await load.counted()
    say(f"{MANY} complaints ({sent} records): {counted.object}")
    assert load.feed.dead == [], "what the demo sends is no dead letter"
    check_balanced(counted, sent)
    assert counted.tally.registered + counted.tally.replied == MANY


async def test_each_container_killed_once(stack: Stack, settings: Settings, api_key: str) -> None:
    """A crash at the wrong moment would lose a complaint, or pay or write twice."""
    away: dict[str, float] = {}
    sent_before: list[int] = []

    def kill_each() -> None:
        for names in IN_TURN:
            began_s = time.monotonic()
            sent_before.append(load.sent)
            for name in names:
                stack.kill(name)
            stack.healthy(RUNNING)
            away["+".join(names)] = time.monotonic() - began_s

    async with Load(settings, api_key) as load:
        sent = await load.send_while(kill_each, mark="killed", many=MANY_KILLED)
        counted = await load.counted()
    times = ", ".join(f"{name} {seconds:.0f}" for name, seconds in away.items())
    say(f"killed once each under load; all healthy again after so many seconds: {times}")
    # Of a mail that was on its way when notify died nobody knows whether it arrived.
    unknown = await asyncio.to_thread(unknown_fates, settings)
    say(f"posted again {load.tried_again} times; {len(unknown)} unknown; {counted.object}")
    assert load.feed.dead == [], "what the demo sends is no dead letter"
    check_balanced(counted, sent, unknown=unknown)
    # Each was killed while complaints came, and they came after the last one, too.
    steps = [*sent_before, load.sent]
    say(f"complaints sent by each kill, and at the end: {steps}")
    assert all(later > earlier for earlier, later in pairwise(steps)), steps
    assert len(unknown) <= MAILS_AT_ONCE, "more than one worker has in hand"
