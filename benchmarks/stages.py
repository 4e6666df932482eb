"""Each stage beside its rivals: paired runs on one broker and one core, as ratios."""

import asyncio
from typing import NamedTuple

from benchmarks.events import records
from benchmarks.figures import Beside, Paces, spread
from benchmarks.runs import OUTPUT, Bench, Made, Pace, bench, core_us
from benchmarks.watching import Failed

OURS = "ours"
RIVALS = ("by_hand_ledger", "by_hand", "plain_faust", "quix")


class Size(NamedTuple):
    """How much is done: complaints that make the load, and rounds of all rivals."""

    complaints: int
    rounds: int


def measured(size: Size) -> dict[str, Beside]:
    """By service: how many events, and each rival's paces, or why it has none."""
    made = records(size.complaints)
    return {service: _compared(service, made, rounds=size.rounds) for service in OUTPUT}


def _compared(service: str, made: Made, *, rounds: int) -> Beside:
    with bench(service, made) as ready:
        print(f"{service}: {ready.events} events, {rounds} rounds", flush=True)
        return asyncio.run(_rounds(ready, rounds)).model_copy(
            update={"core_us": core_us(service, made)}
        )


async def _rounds(ready: Bench, rounds: int) -> Beside:
    """All rivals in turn, there and back again: what warms the machine favours nobody."""
    paces: dict[str, list[Pace]] = {}
    failed: dict[str, str] = {}
    for number in range(rounds):
        order = (OURS, *RIVALS) if number % 2 == 0 else (*reversed(RIVALS), OURS)
        for rival in (each for each in order if each not in failed):
            try:
                paces.setdefault(rival, []).append(await _tried(ready, rival))
            except Failed as why:
                failed[rival] = str(why)
                print(f"  {rival} FAILED: {why}", flush=True)
        told = ", ".join(f"{rival} {each[-1].per_s:.0f}/s" for rival, each in paces.items())
        print(f"  round {number + 1}: {told}", flush=True)
    for rival in RIVALS:
        if rival not in failed and OURS in paces:
            told = spread(_ratios(paces[OURS], paces[rival]))
            print(f"  ours beside {rival}: {told}", flush=True)
    kept = {rival: each for rival, each in paces.items() if rival not in failed}
    return Beside(
        events=ready.events,
        paces={
            rival: Paces(per_s=[p.per_s for p in each], cpu_us=[p.cpu_us for p in each])
            for rival, each in kept.items()
        },
        failed=failed,
    )


async def _tried(ready: Bench, rival: str) -> Pace:
    """A run; once more when it failed, since a busy machine may have been why."""
    try:
        return await ready.pace(rival)
    except Failed as why:
        print(f"  {rival} failed, once more: {why}", flush=True)
        return await ready.pace(rival)


def _ratios(ours: list[Pace], other: list[Pace]) -> list[float]:
    return [one.per_s / another.per_s for one, another in zip(ours, other, strict=False)]
