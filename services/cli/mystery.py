"""`kulanse mystery`: a complaint of our own through the whole chain; exit code 1 when it fails."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from services.cli.visits import Rules, Seen, Visit
    from shared.metrics.board import Board
    from shared.settings import Settings

Every = Annotated[
    float, typer.Option("--every", min=0, help="seconds between visits, for ever; 0: one visit")
]
Json = Annotated[bool, typer.Option("--json", help="each visit as JSON, one a line")]
VARIABLE = "KULANSE_MYSTERY_KEY"


def mystery(*, every: Every = 0.0, as_json: Json = False) -> int:
    """Send a complaint of our own, and see what becomes of it. Never paid, counted apart.

    With --every it goes on, and serves /metrics on KULANSE_HTTP_PORT.
    """
    from itertools import cycle

    from services.cli.failures import FAILED, OK
    from services.cli.output import say
    from services.cli.surroundings import settings
    from services.cli.visits import faults, load
    from shared.errors import Refused
    from shared.metrics.board import Board

    rules, ours, board = load(), settings(), Board()
    if every and ours.http_port:
        from shared.http import serve_status

        serve_status(ours.http_host, ours.http_port, why_not_ready=lambda: "", board=board)
    if not every:
        seen = asyncio.run(_visited(rules.visits[0], rules, ours=ours))
        wrong = faults(seen, rules)
        _tell(seen, wrong, as_json=as_json)
        return FAILED if wrong else OK
    for visit in cycle(rules.visits):
        try:
            seen = asyncio.run(_visited(visit, rules, ours=ours))
            wrong = faults(seen, rules)
            _tell(seen, wrong, as_json=as_json)
            _count(board, seen.took_s, well=not wrong)
        except Refused as refused:
            say(f"WRONG  {refused.code}  {refused}")
            _count(board, {}, well=False)
        _wait(every)
    return OK


async def _visited(visit: "Visit", rules: "Rules", *, ours: "Settings") -> "Seen":
    """Send it and listen, until every step has come or the time is over."""
    from contextlib import suppress
    from datetime import UTC, datetime

    from services.cli import bus
    from services.cli.running import need
    from services.cli.visits import Seen
    from shared.contracts import topics as t
    from shared.contracts.codec import decode
    from shared.errors import Invalid

    names = [topic.name for topic in (t.REGISTERED, t.TRIAGED, t.RECOVERIES, t.NOTIFICATIONS)]
    bootstrap = need(ours).bootstrap
    partitions = await bus.there(bootstrap, names)
    async with bus.reader(bootstrap) as consumer:
        # Where the log ends now: what comes afterwards may be the visit's.
        consumer.assign(partitions)
        await consumer.seek_to_end(*partitions)
        for partition in partitions:
            await consumer.position(partition)
        began_at = datetime.now(UTC)
        seen = Seen(visit, began_at, await asyncio.to_thread(_sent, visit, began_at, ours=ours))
        with suppress(TimeoutError):
            async with asyncio.timeout(rules.give_up_s):
                async for record in bus.more(consumer):
                    with suppress(Invalid):
                        seen.hear(decode(record), datetime.now(UTC))
                    if seen.whole:
                        break
    return seen


def _sent(visit: "Visit", began_at: "datetime", *, ours: "Settings") -> str:
    """The complaint's id, as the door tells it."""
    import httpx

    from services.cli.failures import Unreachable
    from services.cli.running import START_IT, need
    from services.cli.visits import document

    url = need(ours).intake_url
    headers = {"Authorization": f"Bearer {_key(ours)}", "Content-Type": "application/json"}
    raw = document(visit, number=f"{began_at:%Y%m%dT%H%M%S%f}")
    try:
        answer = httpx.post(
            f"{url}/v1/complaints", content=raw, headers=headers, timeout=30, trust_env=False
        )
        answer.raise_for_status()
    except httpx.HTTPError as error:
        message = f"Intake's door at {url} does not take the visit ({type(error).__name__})."
        raise Unreachable("mystery_refused", message, START_IT) from None
    return str(answer.json()["complaint_id"])


def _key(ours: "Settings") -> str:
    """The shopper's own API key: given, or made where `kulanse up` runs."""
    import os
    from functools import partial

    from services.cli.installation.keys import kept
    from services.cli.running import MYSTERY_KEY
    from services.intake.doors.keys import mint_key
    from shared.contracts.submitted import SYNTHETIC_SOURCE

    folder = ours.state_dir
    given = os.environ.get(VARIABLE)
    make = partial(mint_key, folder, SYNTHETIC_SOURCE, scopes=[])
    return given or kept(folder / MYSTERY_KEY, make)


def _count(board: "Board", took_s: Mapping[str, float], *, well: bool) -> None:
    import time

    board.put("kulanse_mystery_well", {(): float(well)})
    board.put("kulanse_mystery_visited_seconds", {(): time.time()})
    board.put("kulanse_mystery_seconds", {(s,): took for s, took in took_s.items()})


def _tell(seen: "Seen", wrong: list[str], *, as_json: bool) -> None:
    from services.cli.output import print_json, say

    took = {step: round(took_s, 3) for step, took_s in seen.took_s.items()}
    if as_json:
        print_json(
            {"complaint_id": seen.complaint_id, "well": not wrong, "wrong": wrong, "took_s": took}
        )
        return
    said = ", ".join(f"{step} {took_s:.1f} s" for step, took_s in took.items())
    say(f"{'well' if not wrong else 'WRONG'}  {seen.complaint_id}  {said}  {' '.join(wrong)}")


def _wait(every_s: float) -> None:
    import time

    time.sleep(every_s)
