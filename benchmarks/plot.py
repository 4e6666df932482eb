"""The plot of the page: ours beside others by stage, as plain SVG."""

from collections.abc import Iterator

from benchmarks.figures import Beside, Figures, Paces, median

ROW, LEFT, WIDTH, RIGHT = 22, 190, 420, 60
MOST = 10.0  # a longer bar ends there: its figure says how long it is
OURS = "ours"
RIVALS = {
    "by_hand_ledger": "by hand, ledger",
    "by_hand": "by hand",
    "plain_faust": "plain Faust",
    "quix": "Quix Streams",
}


def plot(figures: Figures) -> str:
    """A bar a stage and rival; a line where both are as quick."""
    rows = list(_rows(figures.stages.found if figures.stages else {}))
    most = max(1.2, min(MOST, max((ratio for _, ratio in rows), default=1.0)))
    height = ROW * (len(rows) + 2)
    one = LEFT + WIDTH / most
    bars = "\n".join(_bar(at, row, most=most) for at, row in enumerate(rows))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + RIGHT} {height}"
 font-family="sans-serif" font-size="12" role="img" aria-label="Ours over theirs, events a second">
<rect width="100%" height="100%" fill="white"/>
<text x="{LEFT}" y="15">ours over theirs, events a second (1: as quick)</text>
{bars}
<line x1="{one:.1f}" x2="{one:.1f}" y1="{ROW}" y2="{height - ROW / 2}" stroke="black"/>
</svg>
"""


def by_clock(ours: Paces, theirs: Paces) -> list[float]:
    """Ours over theirs, pair by pair, in events a second."""
    return [a / b for a, b in zip(ours.per_s, theirs.per_s, strict=False) if b]


def _rows(found: dict[str, Beside]) -> Iterator[tuple[str, float]]:
    for service, one in found.items():
        for rival, name in RIVALS.items():
            if OURS in one.paces and rival in one.paces:
                ratios = by_clock(one.paces[OURS], one.paces[rival])
                yield f"{service}: {name}", median(ratios)


def _bar(at: int, row: tuple[str, float], *, most: float) -> str:
    name, ratio = row
    y, width = ROW * (at + 1) + 4, WIDTH * min(ratio, most) / most
    colour = "#2b6a4d" if ratio >= 1 else "#b5651d"
    return (
        f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{name}</text>\n'
        f'<rect x="{LEFT}" y="{y}" width="{width:.1f}" height="16" fill="{colour}"/>\n'
        f'<text x="{LEFT + width + 4:.1f}" y="{y + 12}">{ratio:.2f}</text>'
    )
