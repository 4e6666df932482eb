"""How cost grows: with history, with workers, with partitions, with what waits.

A ledger with a long history is made of a short one: its rows again under other ids, as though so
many others had complained before. What one person wrote stays short; that is asked of the cores.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.events import records
from benchmarks.figures import Growth, Of, Paces, Whole
from benchmarks.installed import installed
from benchmarks.runs import OUTPUT, Bench, Made, bench
from benchmarks.stages import OURS
from benchmarks.watching import Failed
from benchmarks.whole import loaded

SCALED = "triage"  # the dearest stage
WORKERS = (1, 2)
PARTITIONS = (1, 4, 12)
SEED = "seed"
# Under other ids, and done with. The checkpoint goes: the log is read from its beginning.
AGAIN = """
INSERT INTO history(event_id, key, type, at, data)
    SELECT event_id || ?1, key || ?1, type, at, data FROM first_history ORDER BY seq;
INSERT INTO effects SELECT * FROM first_effects;
UPDATE effects SET key = key || ?1, state = 'posted', released = 1, announced = 1
    WHERE key IN (SELECT key FROM first_effects);
INSERT INTO reserves SELECT name || ?1, used FROM first_reserves;
"""
KEPT = ("history", "effects", "reserves")


class Size(NamedTuple):
    """Complaints of a load, rounds, cases of history, and how many wait end to end."""

    complaints: int
    rounds: int
    cases: tuple[int, ...]
    backlog: int


def measured(size: Size, of: Of) -> Growth:
    """All four; what fails is said and left out."""
    made = records(size.complaints)
    found = Growth(of=of)
    for service in OUTPUT:
        found.history[service] = _history(service, made, size=size)
    with bench(SCALED, made) as ready:
        found.workers = {
            str(many): _paces(size.rounds, _run(ready, workers=many)) for many in WORKERS
        }
        print(f"  workers: {found.workers}", flush=True)
    for many in PARTITIONS:
        with bench(SCALED, made, partitions=many) as ready:
            found.partitions[str(many)] = _paces(size.rounds, _run(ready))
        print(f"  {many} partitions: {found.partitions[str(many)]}", flush=True)
    if size.backlog:
        found.backlog = asyncio.run(_backlog(size.backlog))
        print(f"  backlog of {size.backlog}: {found.backlog.done_per_s:g}/s", flush=True)
    return found


def _history(service: str, made: Made, *, size: Size) -> dict[str, Paces]:
    """By cases that lie in the ledger before: rounds in turn, there and back again."""
    found: dict[str, Paces] = {}
    with bench(service, made) as ready:
        seed = ready.settings.state_dir / SEED
        if not _paces(1, _run(ready, state=seed)).per_s:
            return found
        long = {cases: ready.settings.state_dir / f"{cases}-cases" for cases in size.cases}
        for cases, folder in long.items():
            fill(seed / f"{service}.db", folder, times=max(1, cases // size.complaints))
        for number in range(size.rounds):
            for cases in size.cases if number % 2 == 0 else reversed(size.cases):
                folder = ready.settings.state_dir / f"{cases}-{number}"
                shutil.copytree(long[cases], folder)
                run = _paces(1, _run(ready, state=folder))
                kept = found.setdefault(str(cases), Paces())
                kept.per_s, kept.cpu_us = kept.per_s + run.per_s, kept.cpu_us + run.cpu_us
                shutil.rmtree(folder)
    print(f"  {service}, by cases before: {found}", flush=True)
    return found


def fill(ledger: Path, folder: Path, *, times: int) -> None:
    """A copy of a ledger in this folder, in which all happened so many times, to others."""
    folder.mkdir(parents=True)
    path = folder / ledger.name
    with sqlite3.connect(ledger) as source, sqlite3.connect(path) as copy:
        source.backup(copy)
    sql = sqlite3.connect(path, isolation_level=None)
    sql.execute("PRAGMA synchronous=OFF")
    sql.execute("BEGIN")
    for name in KEPT:
        sql.execute(f"CREATE TEMP TABLE first_{name} AS SELECT * FROM {name}")  # noqa: S608 -- ours
        sql.execute(f"DELETE FROM {name}")  # noqa: S608 -- ours
    sql.execute("DELETE FROM checkpoints")
    for number in range(times):
        for statement in AGAIN.split(";")[:-1]:
            given = (f"-{number}",) if "?1" in statement else ()
            sql.execute(statement, given)
    sql.execute("COMMIT")
    sql.close()


def _run(ready: Bench, *, workers: int = 1, state: Path | None = None) -> Callable[[], Paces]:
    def once() -> Paces:
        pace = asyncio.run(ready.pace(OURS, workers=workers, state=state))
        return Paces(per_s=[pace.per_s], cpu_us=[pace.cpu_us])

    return once


def _paces(rounds: int, once: Callable[[], Paces]) -> Paces:
    """So many runs; one that fails is said and left out."""
    found = Paces()
    for _ in range(rounds):
        try:
            run = once()
        except Failed as why:
            print(f"  FAILED: {why}", flush=True)
            continue
        found = Paces(per_s=found.per_s + run.per_s, cpu_us=found.cpu_us + run.cpu_us)
    return found


async def _backlog(many: int) -> Whole:
    async with installed(desk=False) as place:
        return await loaded(place, many, per_s=None, mark="backlog")
