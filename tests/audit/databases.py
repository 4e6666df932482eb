"""Faults of the ledger's database (F19 to F21, F23)."""

import asyncio
import contextlib
import signal

import psycopg
from sqlalchemy import make_url

from tests.audit.case import Harmless, Injected, Scene, happened
from tests.audit.inside import committed
from tests.audit.proxy import Fate, Proxy
from tests.audit.rig import Rig
from tests.audit.victim import trouble

AWAY_S, HANG_S, FULL_S, TROUBLE_S = 60.0, 20.0, 15.0, 20.0
HEARD_S = 3.0
CUTS, CUT_CHANCE, CUTTING_S = 8, 0.2, 60.0
TROUBLE_SHARE = "0.2"
CONNECTIONS_MAX = 500
SYNC, SYNC_SLOW_US, SYNC_SLOW_S, BROKEN_S = "fdatasync,fsync", 200_000, 15.0, 30.0


def _wire(rig: Rig) -> Proxy:
    if rig.ledger_wire is None:
        raise Harmless("there is no wire to SQLite")
    return rig.ledger_wire


async def away(scene: Scene) -> Injected:
    """F19: the database is down, then it hangs, then it has no connection left."""
    rig, wire, wrong = scene.rig, _wire(scene.rig), list[str]()
    wire.refusing = True
    wire.cut()
    wrong += await _nobody_acks(rig, AWAY_S, why="down")
    wire.heal()
    await rig.all_ready()
    wire.holding = True
    wrong += await _nobody_acks(rig, HANG_S, why="hung")
    wire.heal()
    await rig.all_ready()
    taken = await asyncio.to_thread(_all_taken, rig.settings.database_url)
    wire.cut()
    await asyncio.sleep(FULL_S)
    for each in taken:
        each.close()
    await rig.all_ready()
    words = f"database down {AWAY_S:g} s, hung {HANG_S:g} s, full {FULL_S:g} s"
    return Injected(words, wrong)


async def _nobody_acks(rig: Rig, seconds: float, *, why: str) -> list[str]:
    await asyncio.sleep(HEARD_S)
    before = await committed(rig)
    await asyncio.sleep(seconds - HEARD_S)
    further = [place for place, at in (await committed(rig)).items() if at > before.get(place, 0)]
    return [f"F19: {place} was acked while the database was {why}" for place in further]


def _all_taken(url: str) -> list[psycopg.Connection]:
    """Every connection that the server gives."""
    taken: list[psycopg.Connection] = []
    with contextlib.suppress(psycopg.OperationalError):
        while len(taken) < CONNECTIONS_MAX:
            taken.append(psycopg.connect(_plain(url)))
    return taken


async def cut_commits(scene: Scene) -> Injected:
    """F20: the connection is cut at a COMMIT, before the database hears of it and after."""
    wire, dice = _wire(scene.rig), scene.dice
    cut = {"cut_before": 0, "cut_after": 0}

    def judges(piece: bytes) -> Fate:
        if b"COMMIT" not in piece or sum(cut.values()) >= CUTS or dice.random() > CUT_CHANCE:
            return "passes"
        # Both, in turn: it was not done, and it was done and nobody was told.
        fate: Fate = "cut_before" if cut["cut_before"] <= cut["cut_after"] else "cut_after"
        cut[fate] += 1
        return fate

    wire.judges = judges
    for _ in range(int(CUTTING_S)):
        if sum(cut.values()) >= CUTS:
            break
        await asyncio.sleep(1)
    wire.heal()
    await scene.rig.all_ready()
    words = f"{cut['cut_before']} cut before COMMIT was heard, {cut['cut_after']} after"
    return Injected(happened(min(cut.values()), words))


async def refuse_some(scene: Scene) -> Injected:
    """F21: every fifth transaction ends as a deadlock's victim, or finds the file busy."""
    path = trouble(scene.rig.state_dir)
    path.write_text(TROUBLE_SHARE, encoding="ascii")
    await asyncio.sleep(TROUBLE_S)
    path.unlink()
    await scene.rig.all_ready()
    return Injected(f"{float(TROUBLE_SHARE):.0%} of the transactions failed for {TROUBLE_S:g} s")


async def slow_and_broken_disk(scene: Scene) -> Injected:
    """F23: what the database writes to the disk takes 200 ms; then one such write fails.

    Postgres itself ends then, and comes again from what it had written: nothing was confirmed that
    is gone. By strace, at the processes of its connections.
    """
    rig = scene.rig
    _wire(rig)
    url = rig.settings.database_url
    slow = await _traced(url, f"delay_exit={SYNC_SLOW_US}")
    await asyncio.sleep(SYNC_SLOW_S)
    slowed = await _left(slow)
    before = await asyncio.to_thread(_begun_at, url)
    broken = await _traced(url, "error=EIO:when=1")
    for _ in range(int(BROKEN_S)):
        await asyncio.sleep(1)
        if await asyncio.to_thread(_begun_at, url) not in {before, ""}:
            break
    failed = await _left(broken)
    came_again = await asyncio.to_thread(_begun_at, url) != before
    await rig.all_ready()
    words = f"{slowed} writes took 200 ms more, {failed} failed; "
    words += f"Postgres {'ended and came again' if came_again else 'went on'}"
    wrong = [] if came_again else ["F23: Postgres went on after a write that failed"]
    return Injected(happened(min(slowed, failed), words), wrong)


async def _traced(url: str, what: str) -> asyncio.subprocess.Process:
    """Watch every process of a connection; new ones are not."""
    pids = await asyncio.to_thread(_backends, url)
    return await asyncio.create_subprocess_exec(
        "strace",
        *("-qq", "-e", f"trace={SYNC}", "-e", f"inject={SYNC}:{what}"),
        *(word for pid in pids for word in ("-p", str(pid))),
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )


async def _left(tracer: asyncio.subprocess.Process) -> int:
    """Stop watching: how many calls were struck."""
    with contextlib.suppress(ProcessLookupError):
        tracer.send_signal(signal.SIGINT)
    _, told = await tracer.communicate()
    return told.count(b"(INJECTED)") + told.count(b"(DELAYED)")


def _backends(url: str) -> list[int]:
    wanted = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname = "
    with psycopg.connect(_plain(url)) as connection:
        found = connection.execute(wanted + "current_database() AND pid <> pg_backend_pid()")
        return [int(pid) for (pid,) in found]


def _begun_at(url: str) -> str:
    """When the oldest of Postgres's own processes began; empty while it does not answer."""
    try:
        with psycopg.connect(_plain(url)) as connection:
            wanted = "SELECT min(backend_start) FROM pg_stat_activity WHERE datname IS NULL"
            ((begun,),) = connection.execute(wanted)
            return str(begun)
    except psycopg.OperationalError:
        return ""


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
