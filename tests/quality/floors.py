"""The figures below which reading must not fall, and those it is to reach.

`python -m tests.quality.floors` says what dropped and what falls short (exit code 1 when
something dropped); `--set` raises the floors to the figures of today, and lowers none.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.quality import fresh, judge
from tests.quality.judge import THREES, TWINS

KEPT = Path(__file__).resolve().parent / "floors.json"
POINT = 0.01
# What issue 3 of the order asks for.
TARGETS = {
    f"{TWINS}: severity": 0.98,
    f"{TWINS}: value": 0.98,
    **{f"{THREES}: {signal}": 0.97 for signal in ("severity", "role", "remedy_sought", "value")},
    "critical: recall": 0.98,
    "critical: precision": 0.6,
}
Shares = Mapping[str, tuple[float, int]]


def kept() -> dict[str, float]:
    """The committed floors, by figure."""
    found: dict[str, float] = json.loads(KEPT.read_text(encoding="utf-8"))
    return found


def figures() -> Shares:
    """Every figure that has a floor."""
    return {**judge.shares(), **fresh.shares()}


def dropped(found: Shares) -> list[str]:
    """Figures below their floor by more than a point and more than one text, in words."""
    return [
        f"{name}: {found[name][0]:.1%}, floor {floor:.1%}"
        for name, floor in kept().items()
        if name in found and _worse(name, found[name], floor=floor)
    ]


def short(found: Shares) -> list[str]:
    """Figures that do not reach what the order asks for."""
    return [
        f"{name}: {found[name][0]:.1%} of {target:.0%}"
        for name, target in TARGETS.items()
        if found[name][0] < target
    ]


def raised(found: Shares) -> dict[str, float]:
    """The floors with today's figures where they are better; none is lowered."""
    before, floors = kept(), dict[str, float]()
    for name, (share, _) in sorted(found.items()):
        better = min if "false alarms" in name else max
        floors[name] = round(better(share, before.get(name, share)), 4)
    return floors


def _worse(name: str, figure: tuple[float, int], *, floor: float) -> bool:
    share, count = figure
    drop = share - floor if "false alarms" in name else floor - share
    return drop > max(POINT, 1.01 / count)


def main() -> int:
    """Print both lists; raise the floors where that is asked for."""
    found = figures()
    if "--set" in sys.argv:
        floors = raised(found)
        KEPT.write_text(json.dumps(floors, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    low = dropped(found)
    lines = [f"DROPPED {each}" for each in low] or ["no figure below its floor"]
    sys.stdout.write("\n".join([*lines, *(f"SHORT {each}" for each in short(found))]) + "\n")
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())
