"""Faults of processes: killed, terminated, frozen, driven out, blocked (F1 to F11, F30)."""

import asyncio
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence

import httpx

from shared.stage.shell import SESSION_S
from tests.audit.case import BY_ANYBODY, LOOK_S, Harmless, Injected, Scene, happened, obeyed
from tests.audit.inside import refunds_of
from tests.audit.rig import SECOND, Rig

STAGES = ("intake", "triage", "recovery", SECOND, "notify", "desk")
SERVICES = (*STAGES, "intake-door", "desk-door")
WORKING_S_MAX = SESSION_S + 5
STORM_S = 70.0
COPIES_MAX = 0.1
BUSY_S, BUSY_LOOPS = 20.0, 4


async def kill_each(scene: Scene) -> Injected:
    """F1: SIGKILL, one service after the other, in the middle of its work."""
    rig, wrong = scene.rig, list[str]()
    for name in SERVICES:
        former = rig.supervisor.pids[name]
        rig.signal(name, signal.SIGKILL)
        await rig.come_again(name, former)
        began_s = time.monotonic()
        await rig.all_ready()
        took_s = time.monotonic() - began_s
        # A killed member's partitions are given away when its session is over.
        if name in STAGES and took_s > WORKING_S_MAX:
            wrong.append(f"F1: {name} had no partitions {took_s:.1f} s after it came again")
    return Injected(f"{len(SERVICES)} kills", wrong)


async def die_at(scene: Scene, *, where: str, who: Sequence[str]) -> Injected:
    """F2 to F5: SIGKILL exactly there, once in each of these services."""
    rig = scene.rig
    before = len(rig.bank.journal)
    paths = [rig.order(name, f"kill {where}") for name in who]
    struck = await obeyed(paths)
    await rig.all_ready()
    words = happened(struck, f"{struck} of {len(who)} died at {where}", least=len(who))
    return Injected(words, after=lambda: _asked_under_its_key(rig, before, where=where))


def _asked_under_its_key(rig: Rig, before: int, *, where: str) -> Iterable[str]:
    """Whoever comes after the dead one asks what became of it, under no other key."""
    calls, known = rig.bank.journal[before:], refunds_of(rig)
    strange = {call.key for call in calls if call.method == "POST"} - known.keys()
    yield from (f"F2: {key} is no key of ours" for key in strange)
    often = Counter(call.payment for call in calls)
    if where == "after:stripe" and max(often.values(), default=0) == 1:
        yield "F2: nobody asked what became of it"


async def terminate_all(scene: Scene, *, times: int = 1) -> Injected:
    """F6: SIGTERM to everything at once; each ends with 0, and nothing done is done again."""
    rig = scene.rig
    said, copies = len(rig.said), scene.copies()
    for _ in range(times):
        former = {name: rig.supervisor.pids[name] for name in SERVICES}
        for name in SERVICES:
            rig.signal(name, signal.SIGTERM)
        await asyncio.gather(*(rig.come_again(name, pid) for name, pid in former.items()))
        await rig.all_ready()
    ended = [words for words in rig.said[said:] if " ended (" in words]
    wrong = [f"F6: {words}" for words in ended if " ended (0);" not in words]

    def after() -> Iterable[str]:
        more = scene.copies() - copies
        return [f"F6: {more} records were sent again"] if more else []

    return Injected(happened(len(ended), f"{len(ended)} terminated"), wrong, after)


async def freeze(scene: Scene, *, name: str, seconds: float) -> Injected:
    """F8: SIGSTOP, and SIGCONT after a while: nothing that it had in hand is sent by it.

    What came of an effect while it slept may be told by it and by another worker.
    """
    rig, copies, said = scene.rig, scene.copies(BY_ANYBODY), len(scene.rig.said)
    asleep = rig.supervisor.pids[name]
    os.kill(asleep, signal.SIGSTOP)
    await asyncio.sleep(seconds)
    os.kill(asleep, signal.SIGCONT)
    await asyncio.sleep(1)
    await rig.all_ready()

    def after() -> Iterable[str]:
        if more := scene.copies(BY_ANYBODY) - copies:
            yield f"F8: {more} records were sent again"
        gone = [words for words in rig.said[said:] if " ended (" in words]
        if gone and seconds < SESSION_S:
            yield f"F8: {gone[0]}"

    return Injected(f"{name} slept {seconds:g} s", after=after)


async def rebalance(scene: Scene) -> Injected:
    """F9: a member leaves and comes again, every 3 to 8 seconds."""
    rig, copies, events = scene.rig, scene.copies(), len(scene.load.feed.events)
    left_s, times = STORM_S, 0
    while left_s > 0:
        # The supervisor starts it again later each time: what is away cannot leave, and what has
        # not begun to listen ends by the signal itself.
        if SECOND in rig.supervisor.pids and await rig.answers(SECOND):
            rig.signal(SECOND, signal.SIGTERM)
            times += 1
        pause_s = scene.dice.uniform(3, 8)
        await asyncio.sleep(pause_s)
        left_s -= pause_s
    await rig.all_ready()

    def after() -> Iterable[str]:
        more, all_ = scene.copies() - copies, len(scene.load.feed.events) - events
        if more > COPIES_MAX * all_:
            yield f"F9: {more} of {all_} records were sent again"

    return Injected(happened(times, f"left {times} times"), after=after)


async def block(scene: Scene, *, seconds: float, name: str) -> Injected:
    """F10, F30: nothing moves in a worker for so long, in the middle of a batch."""
    path = scene.rig.order(name, f"block:{seconds:g} decided")
    happened(await obeyed([path]), f"{name} never began")
    await asyncio.sleep(seconds + 1)
    await scene.rig.all_ready()
    return Injected(f"{name} blocked {seconds:g} s")


async def starve(scene: Scene) -> Injected:
    """F30: four loops that do nothing want the processors, too."""
    busy = (sys.executable, "-c", "while True: pass")
    loops = [await asyncio.create_subprocess_exec(*busy) for _ in range(BUSY_LOOPS)]
    try:
        await asyncio.sleep(BUSY_S)
    finally:
        for loop in loops:
            loop.kill()
            await loop.wait()
    await scene.rig.all_ready()
    return Injected(f"{BUSY_LOOPS} busy loops for {BUSY_S:g} s")


async def restart_each(scene: Scene) -> Injected:
    """F11: all are restarted, one by one; the door says yes, or later, all the time."""
    rig, wrong = scene.rig, list[str]()
    asking = asyncio.create_task(_asked(rig, wrong))
    for name in (each for each in SERVICES if each != "intake-door"):
        former = rig.supervisor.pids[name]
        rig.signal(name, signal.SIGTERM)
        await rig.come_again(name, former)
        await rig.all_ready()
    asking.cancel()
    answers = await asyncio.gather(asking, return_exceptions=True)
    if not answers:
        raise Harmless("nobody asked the door")
    return Injected(f"{len(SERVICES) - 1} restarts", wrong[:3])


async def _asked(rig: Rig, wrong: list[str]) -> None:
    """Ask the door all the time."""
    url = f"http://127.0.0.1:{rig.settings.intake_port}"
    headers = {"Authorization": f"Bearer {rig.api_key}", "Content-Type": "application/json"}
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as door:
        while True:
            answer = await door.post("/v1/complaints", content=b"{}")
            if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                if "retry-after" not in answer.headers:
                    wrong.append("F11: a 503 that does not say when")
            elif not answer.is_client_error:
                wrong.append(f"F11: the door answered {answer.status_code}")
            await asyncio.sleep(LOOK_S)
