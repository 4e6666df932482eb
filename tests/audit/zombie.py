"""F7: a worker sleeps with a batch in hand, past its session, and wakes when others did it."""

import asyncio
import os
import signal
from collections.abc import Iterable, Mapping

from tests.audit.case import LOOK_S, STRUCK_S, Harmless, Injected, Scene, happened, obeyed
from tests.audit.inside import Kept, checkpoints_of
from tests.audit.rig import SECOND, Rig

NAME, WHERE = "recovery", "decided"
AWAKE_S = 3.0  # what it had in hand is written by then, or refused
REFUSED = '"error":"Fenced"'


async def wake_late(scene: Scene, *, seconds: float) -> Injected:
    """SIGSTOP between deciding and recording, SIGCONT when another owns what it had.

    What it writes then must be refused: it would move the checkpoint back, and send again.
    """
    rig, copies = scene.rig, scene.copies()
    pids = [rig.supervisor.pids[each] for each in (NAME, SECOND)]
    happened(await obeyed([rig.order(NAME, f"stop {WHERE}")]), f"nobody froze at {WHERE}")
    asleep = [pid for pid in pids if _stopped(pid)]
    former = await _kept(rig)
    await asyncio.sleep(seconds)
    await _taken_over(rig, former)
    refused, known = _refusals(rig), await _kept(rig)
    for pid in asleep:
        os.kill(pid, signal.SIGCONT)
    wrong = await _went_back(rig, known)
    if _refusals(rig) == refused:
        wrong.append("F7: what was written late was not refused")
    await rig.all_ready()

    def after() -> Iterable[str]:
        if more := scene.copies() - copies:
            yield f"F7: {more} records were sent again"

    return Injected(f"{NAME} slept {seconds:g} s, its batch {WHERE}", wrong, after)


async def _kept(rig: Rig) -> Mapping[int, Kept]:
    return await asyncio.to_thread(checkpoints_of, rig, NAME)


async def _taken_over(rig: Rig, former: Mapping[int, Kept]) -> None:
    for _ in range(int(STRUCK_S / LOOK_S)):
        now = await _kept(rig)
        if all(now[partition].owner != kept.owner for partition, kept in former.items()):
            return
        await asyncio.sleep(LOOK_S)
    raise Harmless("nobody took over what it had")


async def _went_back(rig: Rig, known: Mapping[int, Kept]) -> list[str]:
    """Watch the checkpoints for a while: each only goes on."""
    best = {(p, topic): at for p, kept in known.items() for topic, at in kept.offsets.items()}
    for _ in range(int(AWAKE_S / LOOK_S)):
        for partition, kept in (await _kept(rig)).items():
            for topic, most in [(t, at) for (p, t), at in best.items() if p == partition]:
                at = kept.offsets.get(topic, 0)
                if at < most:
                    return [f"F7: {topic}-{partition} went back from {most} to {at}"]
                best[partition, topic] = at
        await asyncio.sleep(LOOK_S)
    return []


def _refusals(rig: Rig) -> int:
    """How often a worker was told that another owns what it would write."""
    logs = (rig.state_dir / "logs").glob(f"{NAME}*.log")
    return sum(path.read_text(errors="replace").count(REFUSED) for path in logs)


def _stopped(pid: int) -> bool:
    """Whether the process stands still (proc(5): the third field, behind the name)."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as told:  # noqa: PTH123 -- not a file
        return told.read().rpartition(")")[2].split()[0] == "T"
