"""A clock that is wrong (F29): one service's, by hours, and while it has an effect in hand.

By libfaketime, which is on Debian (`apt-get install faketime`). Leases are by the database's clock;
what daylight saving does to a deadline is asked of `tests/core/test_business_time.py`.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.audit.case import Harmless, Injected, Scene, happened, obeyed
from tests.audit.rig import SECOND, Rig

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
# One for all installations of a run: they are made one after the other.
CLOCK = Path(tempfile.gettempdir()) / "kulanse-audit-clock"
ASTRAY = (SECOND, "notify")
OWN = tuple(
    (part, name, value)
    for part in ASTRAY
    for name, value in {
        "LD_PRELOAD": str(LIBRARY or ""),
        "FAKETIME_TIMESTAMP_FILE": str(CLOCK),
        "FAKETIME_CACHE_DURATION": "1",
        # What waits, waits by another clock.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }.items()
)
RIGHT, SHIFTS, EACH_S, BLOCKED_S = "+0", ("+2h", "-2h"), 12.0, 10.0


async def astray(scene: Scene) -> Injected:
    """F29: the clock jumps while a worker is about to pay; then it is two hours off for a while."""
    rig = scene.rig
    if LIBRARY is None:
        raise Harmless("no libfaketime here (apt-get install faketime)")
    before = len(rig.bank.journal)
    try:
        struck = rig.order("recovery", f"block:{BLOCKED_S:g} before:stripe")
        blocked = await obeyed([struck])
        for shift in (*SHIFTS, RIGHT):
            _set(shift)
            await asyncio.sleep(BLOCKED_S / 4)
        for shift in SHIFTS:
            _set(shift)
            await asyncio.sleep(EACH_S)
    finally:
        _set(RIGHT)
    await rig.all_ready()

    def after() -> Iterable[str]:
        posts = Counter(call.key for call in rig.bank.journal[before:] if call.method == "POST")
        stolen = [key for key, times in posts.items() if times > 1]
        yield from (f"F29: {key} was taken from a worker before its time" for key in stolen)

    words = f"the clocks of {' and '.join(ASTRAY)} {' and '.join(SHIFTS)}, and jumped in a payment"
    return Injected(happened(blocked * _believed(rig), words), after=after)


def _set(shift: str) -> None:
    CLOCK.write_text(shift, encoding="ascii")


def _believed(rig: Rig) -> int:
    """How many lines of its log are stamped with a wrong hour."""
    found = 0
    for name in ASTRAY:
        told = (rig.state_dir / "logs" / f"{name}.log").read_text(errors="replace")
        hours = {line.partition('"timestamp":"')[2][:13] for line in told.splitlines()}
        found += len(hours - {""}) > 1
    return found
