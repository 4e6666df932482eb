"""One session of `kulanse up`: everything started, the demo if it was asked for, a clean stop."""

import asyncio
import signal
import sys
import time

from services.cli.demo.run import Counted, Run
from services.cli.demo.sending import names_of
from services.cli.demo.story import tell
from services.cli.demo.summary import show_summary
from services.cli.demo.tally import ENDS
from services.cli.failures import FAILED, OK
from services.cli.installation.installation import Installation, running
from services.cli.installation.keys import WHO_RUNS_IT
from services.cli.installation.wanted import Wanted
from services.cli.installation.whereabouts import desk_url, intake_url
from services.cli.live import watch_live
from services.cli.output import print_json, shown
from services.cli.signing_in import Link, link_for

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def come_up(wanted: Wanted, demo: int | None, *, leave: bool, as_json: bool) -> int:
    """Run until the demo is over (`leave`), or until a signal; the exit code."""
    began_s = time.monotonic()
    body = asyncio.current_task()
    asked: list[signal.Signals] = []

    def ask(number: signal.Signals) -> None:
        asked.append(number)
        if body is not None and len(asked) == 1:
            body.cancel()

    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, ask, number)
    try:
        async with running(wanted, say) as place:
            say(f"ready after {time.monotonic() - began_s:.1f} s")
            run = None if demo is None else Run(place, demo, say=say, began_s=began_s)
            return await _session(place, run, leave=leave, as_json=as_json)
    except asyncio.CancelledError:
        if not asked:
            raise
        say("stopped")
        return OK if demo is None or not leave else 128 + asked[0]


async def _session(place: Installation, run: Run | None, *, leave: bool, as_json: bool) -> int:
    code = OK
    if run is not None:
        code = await _demo(run, leave=leave, as_json=as_json)
    if leave:
        return code
    link = await asyncio.to_thread(_link, place)
    _yours(place, link)
    await watch_live(place)
    return code


async def _demo(run: Run, *, leave: bool, as_json: bool) -> int:
    await run.start()
    try:
        counted = await run.go()
    finally:
        await run.stop()
    show_summary(counted, names_of(run.feed), to_stderr=as_json)
    if not leave:
        tell(run.feed.events)
    code = code_of(counted)
    if as_json:
        print_json(counted.object)
    return code


def code_of(counted: Counted) -> int:
    """0 only if everything balances; else what does not is said, line by line."""
    if counted.good:
        return OK
    if counted.lost or counted.double_effects:
        say(f"lost: {counted.lost}; effects that happened twice: {counted.double_effects}")
    if not counted.tally.balances:
        ends = sum(counted.tally.at(end) for end in ENDS)
        say(f"registered: {counted.tally.registered}; at an end: {ends}")
    for line in counted.books.why:
        say(f"not balanced: {line}")
    for stand in counted.tally.undone:
        say(f"not done: {stand.complaint_id} {stand.end} {' '.join(stand.why)}")
    return FAILED


def _link(place: Installation) -> Link:
    return link_for(place.settings, WHO_RUNS_IT, url=desk_url(place.settings))


def _yours(place: Installation, link: Link) -> None:
    say(f"complaints: {intake_url(place.settings)}/v1/complaints")
    say(f"people:     {desk_url(place.settings)}/   (scripts: /v1/cases)")
    say(f"sign in:    {link.address}")
    say(f"            as {WHO_RUNS_IT}, once, within {link.minutes} minutes")
    say('now yours: kulanse send "Hei, kaffetrakteren min lekker …"   (Ctrl-C stops everything)')


def say(line: str) -> None:
    """One line for whoever watches; standard output stays for results."""
    sys.stderr.write(shown(line) + "\n")
    sys.stderr.flush()
