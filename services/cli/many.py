"""Many complaints explained: one after the other, or on every core when all of them lie there."""

import multiprocessing
import os
import signal
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from itertools import chain, islice

from pydantic import JsonValue

from services.cli.explaining import explain_raw
from services.cli.stages import parts

Answered = tuple[dict[str, JsonValue], bool]
# Below this a second process costs more than it saves (a line takes about 2 ms).
WORTH_SHARING = 500
SHARE = 50
BLOCK = 5_000  # lines in memory at a time


def answers(raws: Iterable[bytes], now: datetime, *, lying: bool) -> Iterator[Answered]:
    """The answers in the order of the lines.

    `lying`: the lines lie in a file. Whoever writes them one by one and waits for each answer
    gets it at once, so those are never shared out.
    """
    parts()  # loaded once, before any process is forked
    lines = iter(raws)
    first = list(islice(lines, WORTH_SHARING)) if lying else []
    everything = chain(first, lines)
    cores = os.cpu_count() or 1
    if len(first) < WORTH_SHARING or cores == 1 or "fork" not in _ways():
        yield from (_answer(raw, now) for raw in everything)
        return
    with multiprocessing.get_context("fork").Pool(cores, _leave_interrupts) as pool:
        while block := list(islice(everything, BLOCK)):
            yield from pool.imap(partial(_answer, now=now), block, chunksize=SHARE)


def _answer(raw: bytes, now: datetime) -> Answered:
    return explain_raw(raw, parts(), now=now)


def _ways() -> list[str]:
    return multiprocessing.get_all_start_methods()


def _leave_interrupts() -> None:
    """Ctrl-C reaches every process of a terminal; the first one ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
