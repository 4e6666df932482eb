"""Faults of the ledger's database (F19 to F21)."""

import asyncio
import contextlib

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
    asked = make_url(url)
    plain = asked.set(drivername="postgresql").render_as_string(hide_password=False)
    taken: list[psycopg.Connection] = []
    with contextlib.suppress(psycopg.OperationalError):
        while len(taken) < CONNECTIONS_MAX:
            taken.append(psycopg.connect(plain))
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
