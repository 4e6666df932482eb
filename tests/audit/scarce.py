"""Too little of something: space on a disk (F22), open files and memory (F31)."""

import asyncio
import contextlib
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

import orjson

from shared.contracts.envelope import Outgoing
from shared.contracts.topics import SUBMITTED
from tests.audit.case import LOOK_S, Harmless, Injected, Scene
from tests.audit.disks import FILLER, KAFKA, fill, left_bytes
from tests.audit.rig import Rig
from tests.core.hostile import said

FULL_S = 25.0
ENDED_S = 120.0
# What is open stays so; nothing more can be opened.
FILES = 8
# More than it had, of which so many letters of so many characters do not fit.
MORE_BYTES, LONG, CHARS = 1 << 20, 100, 30_000
ENDS = ("crashed", "stalled")
MEMORY = Path("/sys/fs/cgroup/memory")


async def full_disk(scene: Scene, *, place: str) -> Injected:
    """F22: no space is left, and then there is: nothing is lost, and nobody needs to help."""
    rig, tried, said_before = scene.rig, scene.load.tried_again, len(scene.rig.said)
    if rig.disk is None or not rig.disk.is_mount():
        raise Harmless("no disk of its own could be mounted: that takes root")
    most_left = 0
    for _ in range(int(FULL_S / LOOK_S)):
        await asyncio.to_thread(fill, rig.disk)
        most_left = max(most_left, left_bytes(rig.disk))
        await asyncio.sleep(LOOK_S)
    again = scene.load.tried_again - tried
    (rig.disk / FILLER).unlink()
    words = f"the disk of {place} full for {FULL_S:g} s; a sender was sent away {again} times"
    if place == KAFKA:
        words += await _broker_again(rig)
    await rig.all_ready()
    ended = sum(" ended (" in each for each in rig.said[said_before:])
    return Injected(f"{words}; {ended} processes ended")


async def _broker_again(rig: Rig) -> str:
    """A broker that cannot write ends; what keeps it running starts it again."""
    if rig.broker.alive:
        return "; the broker lived"
    await asyncio.to_thread(rig.broker.stop)
    await rig.start_broker()
    return "; the broker ended and was started again"


async def few_files(scene: Scene, *, name: str) -> Injected:
    """F31: no file or connection can be opened, and those that stand are cut."""
    rig, former = scene.rig, scene.rig.supervisor.pids[name]
    _run("prlimit", f"--pid={former}", f"--nofile={FILES}:{FILES}")
    rig.wire.cut()
    if rig.ledger_wire is not None:
        rig.ledger_wire.cut()
    return await _ended(rig, name, former=former, why=f"{FILES} open files")


async def little_memory(scene: Scene, *, name: str) -> Injected:
    """F31: a group of processes that gets hardly more memory than it has; the kernel ends it."""
    rig, former = scene.rig, scene.rig.supervisor.pids[name]
    group = MEMORY / f"kulanse-audit-{former}"
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(MORE_BYTES), encoding="ascii")
        (group / "cgroup.procs").write_text(str(former), encoding="ascii")
    except OSError as refused:
        raise Harmless(f"no group of processes can be limited: {refused.strerror}") from None
    try:
        await scene.load.produce(list(_long_ones()))
        return await _ended(rig, name, former=former, why=f"{MORE_BYTES >> 20} MB of memory more")
    finally:
        with contextlib.suppress(OSError):
            group.rmdir()


def _long_ones() -> Iterable[Outgoing]:
    """Letters that need room."""
    text = ("Setet kom aldri, og ingen svarer. " * (CHARS // 34))[:CHARS]
    for number in range(LONG):
        who = {"email": f"lang-{number}@example.com"}
        body = said(channel_message_id=f"long-{number}", text=text, complainant=who)
        yield Outgoing(SUBMITTED.name, None, body)


async def _ended(rig: Rig, name: str, *, former: int, why: str) -> Injected:
    """It ended by itself, said why, and runs again."""
    before, told = len(rig.said), len(_log(rig, name))
    try:
        async with asyncio.timeout(ENDED_S):
            await rig.come_again(name, former)
    except TimeoutError:
        raise Harmless(f"{name} got along with {why}") from None
    await rig.all_ready()
    ended = [each for each in rig.said[before:] if each.startswith(f"{name} ended")]
    code = ended[0].partition(" ended ")[2].partition(";")[0] if ended else "(unknown)"
    return Injected(f"{name} ended {code} with {why}: {_last_word(_log(rig, name)[told:])}")


def _log(rig: Rig, name: str) -> list[str]:
    return (rig.state_dir / "logs" / f"{name}.log").read_text(errors="replace").splitlines()


def _last_word(lines: Sequence[str]) -> str:
    """What it said as it ended; whom the kernel ends it lets not speak."""
    for line in reversed(lines):
        with contextlib.suppress(orjson.JSONDecodeError):
            told = orjson.loads(line)
            if told.get("event") in ENDS:
                return " ".join(filter(None, (told["event"], told.get("error"))))
    return "it could not say why"


def _run(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True)
    if done.returncode:
        raise Harmless(done.stderr.decode(errors="replace").strip())
