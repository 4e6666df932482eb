"""How quick the console's pages are with many cases, and how fast the desk's fold is made anew.

`python -m benchmarks.console --cases 100000` fills a ledger from events, as the stage does after
a rebuild from zero, then another in another order, and says whether both are the same; then it
asks for pages as a browser would and prints the server's times, by the clock and by its CPU.
`--folder` keeps the first ledger, so that the next run only asks. `--postgres`: it lies there;
the one to compare it with is SQLite's all the same.
"""

import argparse
import asyncio
import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from random import Random
from statistics import quantiles
from urllib.parse import quote

import httpx
from sqlalchemy import Engine, func, select

from benchmarks.console_cases import CATEGORIES, events_of
from services.desk import books
from services.desk.ledger import PLACE, cases, events, waiting
from services.desk.web import accounts
from services.desk.web.forms import FORM
from services.desk.web.paging import written
from shared.contracts.triaged import SEVERITIES
from shared.ledger.engine import sqlite_engine
from tests.core.console_world import CONSOLE, URL, Room
from tests.core.test_desk_examples import LEAD
from tests.ledgers_made import with_tables
from tests.postgres import serving

BATCH_CASES = 250
OTHER_BATCH_CASES = 170
ASKED = 100
Page = Callable[[], str]


def main() -> None:
    """Fill, fill again, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="keep the ledger there, and use it again")
    parser.add_argument("--postgres", action="store_true", help="a real one, from a wheel")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as until_then:
        kept = given.folder or Path(folder) / "kept"
        kept.mkdir(parents=True, exist_ok=True)
        if given.postgres:
            os.environ["KULANSE_DATABASE_URL"] = until_then.enter_context(
                serving(kept / "postgres")
            )
        room = Room(kept)
        engine = room.keeping.engine
        if _count(engine) < given.cases:
            _rebuild(engine, range(given.cases), batch=BATCH_CASES)
            other = sqlite_engine(str(Path(folder) / "other.db"))
            with_tables(other, "desk")
            _rebuild(other, range(given.cases)[::-1], batch=OTHER_BATCH_CASES)
            same = "the same bytes" if digest(engine) == digest(other) else "OTHER BYTES"
            print(f"rebuilt twice, in two orders: {same}")
            other.dispose()
        asyncio.run(ask(room, given.cases))


def _count(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(cases)).scalar_one()


def _rebuild(engine: Engine, numbers: range, *, batch: int) -> None:
    count, took_s = fill(engine, numbers, batch=batch)
    print(f"rebuilt {len(numbers)} cases from {count} events: {count / took_s:.0f} events/s")


def fill(engine: Engine, numbers: range, *, batch: int) -> tuple[int, float]:
    """Every case from its events, in the stage's own transactions; how many, and seconds."""
    count, took_s = 0, 0.0
    for first in range(0, len(numbers), batch):
        found = [each for n in numbers[first : first + batch] for each in events_of(n)]
        began_s = time.perf_counter()
        with engine.begin() as connection:
            books.keep(connection, found)
        took_s += time.perf_counter() - began_s
        count += len(found)
    return count, took_s


def digest(engine: Engine) -> str:
    """All events and all queue rows but the world's own first case, as one digest."""
    found = hashlib.sha256()
    ours = (
        select(events).where(events.c.complaint_id.like("%-c")).order_by(events.c.event_id),
        select(cases).where(cases.c.case_id.like("%-c")).order_by(cases.c.case_id),
        select(waiting).where(waiting.c.case_id.like("%-c")).order_by(waiting.c.id),
    )
    with engine.connect() as connection:
        for each in ours:
            for row in connection.execution_options(yield_per=1000).execute(each):
                found.update(repr(tuple(row)).encode())
    return found.hexdigest()


async def ask(room: Room, wanted: int) -> None:
    """The lists in each of their views and filters, deep pages too, and the page of a case."""
    transport = httpx.ASGITransport(app=room.app)
    async with httpx.AsyncClient(transport=transport, base_url=URL) as http:
        with room.keeping.engine.begin() as connection:
            secret = accounts.make_link(connection, LEAD, now=room.now, rules=CONSOLE.rules)
        await http.post(f"/sign-in/{secret}", headers={"Origin": URL, "Content-Type": FORM})
        print(f"{'of ' + str(ASKED) + ' each, ms':<28} {'clock p50':>9} {'p95':>6}", end="")
        print(f" {'CPU p50':>8} {'p95':>6}")
        for name, path in _pages(room.keeping.engine, wanted, dice=Random(1)).items():
            both = [await _timed_ms(http, path()) for _ in range(ASKED)]
            _print(name, clock=(each[0] for each in both), cpu=(each[1] for each in both))


def _pages(engine: Engine, wanted: int, *, dice: Random) -> Mapping[str, Page]:
    lists = {
        "my queue": "view=mine",
        "free": "view=free",
        "waits for a person": "view=needs",
        "all": "view=all",
        **{f"severity {each}": f"view=all&severity={each}" for each in SEVERITIES},
        "category": "view=all&category=billing",
        "severity and category": "view=all&severity=low&category=access",
        "closed": "view=all&state=closed",
        "open": "view=all&state=open",
        "a colleague's": "view=all&owner=agent-hassel",
        "why: needs_person": "view=all&why=needs_person",
        "why: a signature": "view=all&why=approval:team_lead",
        "why: nobody has it": "view=all&why=recovery_failed",
        "a complainant's": "view=all&key=key-77",
        "nothing fits": "view=all&category=nosuch&severity=low",
    }

    def last(query: str) -> Page:
        def path() -> str:
            return f"/cases?{query}&after={_behind(engine, wanted - dice.randrange(wanted // 10))}"

        return path

    return {
        **{name: _always(f"/cases?{query}") for name, query in lists.items()},
        "all, its last tenth": last("view=all"),
        "category, its last page": last(f"view=all&category={CATEGORIES[0]}"),
        "case": lambda: f"/cases/{dice.randrange(wanted):08x}-c",
        "found by reference": lambda: f"/find?q=K-{dice.randrange(wanted):08x}",
        "approvals": _always("/approvals"),
        "tasks": _always("/tasks"),
        "live flow": _always("/live"),
    }


def _behind(engine: Engine, many: int) -> str:
    """How an address names the place in the queue behind so many rows."""
    with engine.connect() as connection:
        found = connection.execute(select(*PLACE).order_by(*PLACE).offset(many - 1).limit(1)).one()
    return quote(written((found.rank, datetime.fromisoformat(found.due_at), found.case_id)))


def _always(path: str) -> Page:
    return lambda: path


def _print(name: str, *, clock: Iterable[float], cpu: Iterable[float]) -> None:
    by_clock, by_cpu = quantiles(clock, n=20), quantiles(cpu, n=20)
    print(f"{name:<28} {by_clock[9]:9.1f} {by_clock[18]:6.1f}", end="")
    print(f" {by_cpu[9]:8.1f} {by_cpu[18]:6.1f}", flush=True)


async def _timed_ms(http: httpx.AsyncClient, path: str) -> tuple[float, float]:
    """By the clock, and by this process's CPU: on a busy machine only the second is the page's."""
    began_s, used_s = time.perf_counter(), time.process_time()
    answer = await http.get(path)
    took_ms = (time.perf_counter() - began_s) * 1000
    if answer.status_code >= httpx.codes.BAD_REQUEST:
        raise RuntimeError(f"{path}: {answer.status_code}")
    return took_ms, (time.process_time() - used_s) * 1000


if __name__ == "__main__":
    main()
