"""What is asked of a whole installation: all at once, with and without the desk; and by rate."""

from benchmarks.figures import Whole
from benchmarks.installed import installed
from benchmarks.whole import loaded

WARM = 500
RATES = (50, 200, 500)


async def end_to_end(burst: int) -> dict[str, Whole]:
    """A backlog of so many complaints, worked off."""
    found = {}
    for desk in (False, True):
        name = "with the desk" if desk else "without the desk"
        async with installed(desk=desk) as place:
            await loaded(place, min(WARM, burst), per_s=None, mark="warm")
            found[name] = await loaded(place, burst, per_s=None, mark="burst")
        _say(name, found[name])
    return found


async def latency(seconds: int) -> dict[str, Whole]:
    """So many seconds of each rate, on one installation."""
    found = {}
    async with installed(desk=False) as place:
        await loaded(place, WARM, per_s=None, mark="warm")
        for rate in RATES:
            name = f"{rate}/s"
            found[name] = await loaded(place, rate * seconds, per_s=rate, mark=f"r{rate}")
            _say(name, found[name])
    return found


def _say(name: str, one: Whole) -> None:
    print(
        f"  {name}: {one.done} of {one.complaints} done, {one.done_per_s:g}/s, "
        f"p50 {one.p50_ms:g} p95 {one.p95_ms:g} p99 {one.p99_ms:g} ms",
        flush=True,
    )
