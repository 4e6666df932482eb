"""How quick the console's pages are with many cases, and how fast the desk's fold is made anew.

`python -m benchmarks.console --cases 100000` fills a ledger from events, as the stage does after
a rebuild from zero, then asks for pages as a browser would and prints the server's times.
"""

import argparse
import asyncio
import hashlib
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import quantiles

import httpx
from sqlalchemy import select

from services.desk import books
from services.desk.ledger import cases, waiting
from services.desk.web import accounts
from services.desk.web.forms import FORM
from shared.contracts import recoveries as re
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.triaged import SEVERITIES
from tests.core.console_world import CONSOLE, URL, Room
from tests.core.test_desk_examples import LEAD, Desk, event, recovery, registered, triaged

BATCH_CASES = 250
ASKED = 300
CATEGORIES = ("product", "delivery", "billing", "access", "service")


def main() -> None:
    """Fill, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    wanted = parser.parse_args().cases
    with tempfile.TemporaryDirectory() as folder:
        room = Room(Path(folder))
        events, took_s = fill(room, wanted)
        print(f"rebuilt {wanted} cases from {events} events: {events / took_s:.0f} events/s")
        before = digest(room)
        took_s = anew(room)
        same = "the same bytes" if digest(room) == before else "OTHER BYTES"
        print(f"rows made anew: {events / took_s:.0f} events/s, {same}")
        asyncio.run(ask(room, wanted))


def fill(room: Room, wanted: int) -> tuple[int, float]:
    """Every case from its events, in the stage's own transactions; how many, and seconds."""
    count, took_s = 0, 0.0
    for first in range(0, wanted, BATCH_CASES):
        batch = [
            each for n in range(first, min(first + BATCH_CASES, wanted)) for each in events_of(n)
        ]
        began_s = time.perf_counter()
        with room.keeping.engine.begin() as connection:
            books.keep(connection, batch)
        took_s += time.perf_counter() - began_s
        count += len(batch)
    return count, took_s


def anew(room: Room) -> float:
    """Every queue row once more, from the events that are kept; seconds."""
    with room.keeping.engine.connect() as connection:
        ids = list(connection.execute(select(cases.c.case_id).order_by(cases.c.case_id)).scalars())
    began_s = time.perf_counter()
    for first in range(0, len(ids), BATCH_CASES):
        with room.keeping.engine.begin() as connection:
            books.refresh(connection, ids[first : first + BATCH_CASES])
    return time.perf_counter() - began_s


def digest(room: Room) -> str:
    """All queue rows, as one digest."""
    found = hashlib.sha256()
    tables = (select(cases).order_by(cases.c.case_id), select(waiting).order_by(waiting.c.id))
    with room.keeping.engine.connect() as connection:
        for each in tables:
            for row in connection.execute(each):
                found.update(repr(tuple(row)).encode())
    return found.hexdigest()


def events_of(number: int) -> Iterator[Event[Contract]]:
    """What a case is made of: half of them wait for a person."""
    dice = Random(number)
    ids = {"complaint_id": f"{number:08x}-c", "case_id": f"{number:08x}-k"}
    read = triaged(
        needs_person=number % 2 == 0,
        severity=dice.choice(SEVERITIES),
        category=dice.choice(CATEGORIES),
        **ids,
    )
    said = registered().model_copy(update={"complaint_id": ids["complaint_id"]})
    given = recovery(re.RecoveryProposed).model_copy(
        update={**ids, "recovery_id": f"{number:08x}-r", "approval": "automatic"}
    )
    desk = Desk().given(
        event(said, f"{number}-s"),
        event(read, f"{number}-t", after_s=1),
        event(given, f"{number}-g"),
    )
    late = timedelta(seconds=dice.randrange(400_000))
    for each in {one.id: one for one in (*desk.seen, *desk.emitted)}.values():
        yield replace(each, key=f"key-{number // 3}", time=each.time - late)


async def ask(room: Room, wanted: int) -> None:
    """The list in each of its views, deep pages too, and the page of a case."""
    transport = httpx.ASGITransport(app=room.app)
    async with httpx.AsyncClient(transport=transport, base_url=URL) as http:
        with room.keeping.engine.begin() as connection:
            secret = accounts.make_link(connection, LEAD, now=room.now, rules=CONSOLE.rules)
        await http.post(f"/sign-in/{secret}", headers={"Origin": URL, "Content-Type": FORM})
        dice = Random(1)
        pages: dict[str, Callable[[], str]] = {
            "list, free": lambda: "/cases?view=free",
            "list, all": lambda: "/cases?view=all",
            "list, filtered": lambda: (
                f"/cases?view=all&severity=low&category={dice.choice(CATEGORIES)}"
            ),
            "list, deep": lambda: f"/cases?view=all&offset={dice.randrange(wanted)}",
            "case": lambda: f"/cases/{dice.randrange(wanted):08x}-k",
            "find": lambda: f"/find?q=K-{dice.randrange(wanted):08x}",
        }
        for name, path in pages.items():
            times_ms = [await _timed_ms(http, path()) for _ in range(ASKED)]
            cut = quantiles(times_ms, n=20)
            print(f"{name:<15} p50 {cut[9]:6.1f} ms   p95 {cut[18]:6.1f} ms   of {ASKED}")


async def _timed_ms(http: httpx.AsyncClient, path: str) -> float:
    began_s = time.perf_counter()
    answer = await http.get(path)
    took_ms = (time.perf_counter() - began_s) * 1000
    if answer.status_code >= httpx.codes.BAD_REQUEST:
        raise RuntimeError(f"{path}: {answer.status_code}")
    return took_ms


if __name__ == "__main__":
    main()
